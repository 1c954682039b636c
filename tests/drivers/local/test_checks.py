"""The doctor's checks of a folder."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from studybuddy.drivers.checks import Check
from studybuddy.drivers.local.driver import LocalDriver

NAMES = ["folder", "marker", "space", "put", "list", "get", "range", "delete"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "uploads"


@pytest.fixture
def driver(root: Path) -> LocalDriver:
    driver = LocalDriver(root)
    driver.identity()
    return driver


def diagnosed(driver: LocalDriver) -> dict[str, Check]:
    return {check.name: check for check in driver.diagnose()}


def files_in(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_a_good_folder_passes_everything_and_is_left_as_it_was(root: Path, driver: LocalDriver) -> None:
    before = files_in(root)
    checks = diagnosed(driver)
    assert list(checks) == NAMES
    assert {check.outcome for check in checks.values()} <= {"passed", "warning"}
    assert checks["put"].outcome == "passed"
    assert files_in(root) == before
    assert not (root / "study-buddy-check").exists()


@pytest.mark.parametrize("asked", range(1, len(NAMES) + 1))
def test_stopped_after_any_check_it_leaves_nothing_behind(root: Path, driver: LocalDriver, asked: int) -> None:
    before = files_in(root)
    checks = driver.diagnose()
    assert isinstance(checks, Iterator)
    for _ in range(asked):
        next(checks)
    checks.close()  # type: ignore[attr-defined]
    assert files_in(root) == before


def test_a_folder_that_is_gone_is_told_once(root: Path, driver: LocalDriver) -> None:
    shutil.rmtree(root)
    checks = diagnosed(driver)
    assert checks["folder"].outcome == "failed"
    assert "disk" in checks["folder"].fix
    assert {checks[name].outcome for name in NAMES[1:]} == {"skipped"}
    assert not root.exists()


def test_another_folder_in_its_place_is_told_and_not_written_to(root: Path, driver: LocalDriver) -> None:
    shutil.rmtree(root)
    root.mkdir()
    checks = diagnosed(driver)
    assert (checks["marker"].outcome, "mounted" in checks["marker"].fix) == ("failed", True)
    assert checks["put"].outcome == "skipped"
    assert list(root.iterdir()) == []


def test_a_marker_that_cannot_be_read_is_told(root: Path, driver: LocalDriver) -> None:
    (root / ".study-buddy" / "storage.json").write_text("{")
    assert diagnosed(driver)["marker"].outcome == "failed"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_told_with_its_fix(root: Path, driver: LocalDriver) -> None:
    root.chmod(0o500)
    try:
        check = diagnosed(driver)["put"]
    finally:
        root.chmod(0o700)
    assert (check.outcome, "rights" in check.fix) == ("failed", True)


def test_a_folder_in_which_nothing_can_be_made_is_told(root: Path, driver: LocalDriver) -> None:
    (root / "study-buddy-check").write_text("a file where a folder must be")
    checks = diagnosed(driver)
    assert (checks["put"].outcome, checks["get"].outcome) == ("failed", "skipped")
