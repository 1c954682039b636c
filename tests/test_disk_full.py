"""A disk that fills up while files are added: a plain message, nothing half there, and the app goes on."""

import os
from io import BytesIO
from pathlib import Path

import pytest

from studybuddy.adding.new_files import NewFile
from studybuddy.errors import NoSpaceError, StudyBuddyError
from studybuddy.settings import load_settings
from studybuddy.units import MIB
from studybuddy.wiring import Wiring, open_all
from tests.invariants import check_at_rest, digest


def open_on(uploads: Path, data: Path) -> Wiring:
    environ = {"UPLOADS_DIR": str(uploads), "STUDY_BUDDY_DATA": str(data)}
    return open_all(load_settings(environ, env_file=data / "no.env"))


def add(wiring: Wiring, size: int) -> int:
    session = wiring.library.session_titled("S")
    return wiring.library.add(BytesIO(os.urandom(size)), NewFile("lecture.bin", session.id)).file.id


@pytest.mark.parametrize("together", [True, False], ids=["uploads and data", "uploads alone"])
def test_a_full_disk_refuses_a_file_and_goes_on(small_disk: Path, tmp_path: Path, together: bool) -> None:
    wiring = open_on(small_disk / "uploads", small_disk / "data" if together else tmp_path / "data")
    kept = add(wiring, 2 * MIB)
    with pytest.raises(StudyBuddyError) as caught:
        add(wiring, 8 * MIB)
    assert isinstance(caught.value, NoSpaceError)
    assert "disk" in str(caught.value)
    assert caught.value.fix
    wiring.recovery.run()
    check_at_rest(wiring)
    assert digest(wiring, add(wiring, 2 * MIB))[0] == 2 * MIB
    assert digest(wiring, kept)[0] == 2 * MIB
    wiring.close()


def test_a_catalog_that_cannot_grow_loses_nothing(small_disk: Path, tmp_path: Path) -> None:
    wiring = open_on(tmp_path / "uploads", small_disk / "data")
    session = wiring.library.session_titled("S")
    saved: list[tuple[int, str]] = []
    filler = small_disk / "filler"
    filler.write_bytes(bytes(5 * MIB))
    for _ in range(2000):
        try:
            added = wiring.library.add(BytesIO(b"x" * 2000), NewFile("n" * 250, session.id))
        except NoSpaceError:
            break
        saved.append((added.file.id, added.file.sha256))
    else:
        pytest.fail("the disk never filled up")
    filler.unlink()
    wiring.recovery.run()
    check_at_rest(wiring)
    assert all(digest(wiring, file_id)[1] == sha256 for file_id, sha256 in saved)
    wiring.close()
