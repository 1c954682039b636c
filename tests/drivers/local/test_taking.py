"""Files that the local driver takes by their names, without copying."""

import os
from pathlib import Path

import pytest

from studybuddy.drivers.local.driver import LocalDriver
from studybuddy.errors import IntegrityError, ObjectExistsError, ObjectNotFoundError, UnsupportedError
from tests.contracts.base import KEY, get, put


@pytest.fixture
def driver(tmp_path: Path) -> LocalDriver:
    return LocalDriver(tmp_path / "root", writer="me")


def test_a_file_is_taken_by_its_name(driver: LocalDriver, tmp_path: Path) -> None:
    spooled = tmp_path / "spooled"
    spooled.write_bytes(b"bytes")
    number = spooled.stat().st_ino
    assert driver.take(KEY, spooled, size=5).size == 5
    assert not spooled.exists()
    assert (driver.root / KEY).stat().st_ino == number
    assert get(driver, KEY) == b"bytes"


def test_a_file_of_another_length_or_over_other_bytes_is_not_taken(driver: LocalDriver, tmp_path: Path) -> None:
    spooled = tmp_path / "spooled"
    spooled.write_bytes(b"bytes")
    with pytest.raises(IntegrityError):
        driver.take(KEY, spooled, size=4)
    put(driver, KEY, b"other")
    with pytest.raises(ObjectExistsError):
        driver.take(KEY, spooled, size=5)
    assert spooled.read_bytes() == b"bytes"
    assert get(driver, KEY) == b"other"


def test_the_same_bytes_taken_twice_are_no_error(driver: LocalDriver, tmp_path: Path) -> None:
    for _ in range(2):
        spooled = tmp_path / "spooled"
        spooled.write_bytes(b"bytes")
        driver.take(KEY, spooled, size=5)
        assert not spooled.exists()


def test_a_file_that_is_not_there_cannot_be_taken(driver: LocalDriver, tmp_path: Path) -> None:
    with pytest.raises(ObjectNotFoundError):
        driver.take(KEY, tmp_path / "nothing", size=5)


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs a second file system")
def test_a_file_of_another_file_system_is_left_as_it_is(driver: LocalDriver) -> None:
    spooled = Path("/dev/shm") / f"study-buddy-test-{os.getpid()}"
    spooled.write_bytes(b"bytes")
    try:
        with pytest.raises(UnsupportedError):
            driver.take(KEY, spooled, size=5)
        assert spooled.read_bytes() == b"bytes"
    finally:
        spooled.unlink()
