"""Kill the process at any line of a scan with its repair: the next one finishes it, and nothing is lost."""

import os
from io import BytesIO
from pathlib import Path

import pytest

from studybuddy.adding.new_files import NewFile
from studybuddy.wiring import Wiring, open_all
from tests.invariants import check_at_rest, digest
from tests.test_kills import in_child, settings_in


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A library where file 1 is damaged, file 2 missing and file 3 at a wrong key; files 4 and 5 hold their bytes."""
    folder = tmp_path / "template"
    wiring = open_all(settings_in(folder))
    session = wiring.library.create_session("Thermodynamics")
    for content in (b"first", b"second", b"third", b"first", b"second"):
        wiring.library.add(BytesIO(content), NewFile("a.txt", session.id))
    first, second, third = (settings_in(folder).uploads_dir / key for key in keys(wiring)[:3])
    first.write_bytes(b"FIRST")
    second.unlink()
    images = settings_in(folder).uploads_dir / "images"
    images.mkdir()
    third.rename(images / third.name)
    os.utime(images / third.name, (0, 0))  # old enough to be told
    wiring.close()
    return folder


def keys(wiring: Wiring) -> list[str]:
    with wiring.catalog.read() as db:
        return [str(row[0]) for row in db.execute("SELECT key FROM copies ORDER BY file_id").fetchall()]


def repair(wiring: Wiring) -> None:
    result = wiring.scans.run(wiring.storages().local, depth="deep")
    found = wiring.scans.repair(result.scan.id, most_are_missing=True)
    print("repaired", found.damaged, flush=True)


@pytest.mark.parametrize("step", [pytest.param(397, id="sampled"), pytest.param(11, id="many", marks=pytest.mark.slow)])
def test_a_kill_at_any_line_of_a_repair_loses_nothing_and_the_next_finishes_it(
    step: int, template: Path, tmp_path: Path
) -> None:
    lines = int(in_child(template, tmp_path / "count", repair, die_at=None).split()[-1])
    assert lines > 300
    for line in range(1, lines + 1, step):
        in_child(template, tmp_path / "killed", repair, die_at=line)
        finish_and_check(tmp_path / "killed")


def finish_and_check(folder: Path) -> None:
    wiring = open_all(settings_in(folder))
    wiring.recovery.run()
    repair(wiring)
    wiring.recovery.run()
    again = wiring.scans.run(wiring.storages().local, depth="deep")
    assert (again.scan.state, again.counts) == ("done", ())
    for file_id in range(1, 6):
        assert digest(wiring, file_id)[1] == wiring.library.file(file_id).sha256
    check_at_rest(wiring)
    wiring.close()
