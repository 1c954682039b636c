import hashlib
import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from studybuddy.adding.new_files import NewFile
from studybuddy.adding.upload_records import Upload
from studybuddy.errors import ConflictError, NotFoundError
from studybuddy.settings import load_settings
from studybuddy.wiring import Wiring, open_all
from tests.invariants import check_at_rest
from tests.waiting import awaited

DATA = os.urandom(50_000)


def open_in(folder: Path) -> Wiring:
    environ = {"UPLOADS_DIR": str(folder / "uploads"), "STUDY_BUDDY_DATA": str(folder / "data")}
    return open_all(load_settings(environ, env_file=folder / ".env"))


@pytest.fixture
def wiring(tmp_path: Path) -> Iterator[Wiring]:
    opened = open_in(tmp_path)
    yield opened
    opened.close()


def received(wiring: Wiring, data: bytes = DATA, **metadata: str) -> Upload:
    """Take all bytes of an upload, without asking for it to be saved."""
    session = wiring.library.session_titled("S")
    upload = wiring.uploads.create(len(data), {"filename": "a.bin", "session": str(session.id), **metadata})
    piece = wiring.spool.open_slice(upload.id, 0)
    piece.write(data)
    piece.finish()
    return wiring.spool.get(upload.id)


def settled(wiring: Wiring, upload_id: str) -> Upload:
    return awaited(lambda: wiring.spool.get(upload_id), lambda upload: upload.state in {"saved", "failed"})


def file_ids(wiring: Wiring) -> list[int]:
    with wiring.catalog.read() as db:
        return [int(row[0]) for row in db.execute("SELECT id FROM files ORDER BY id").fetchall()]


def test_what_was_saved_before_a_kill_is_not_saved_again(wiring: Wiring) -> None:
    upload = received(wiring)
    path, sha256 = wiring.spool.whole(upload.id)
    new = NewFile("a.bin", wiring.library.session_titled("S").id, upload_id=upload.id)
    added = wiring.library.adopt(path, new, size=len(DATA), sha256=sha256)
    wiring.uploads.resume()
    found = settled(wiring, upload.id)
    assert found.result is not None
    assert found.result["file_id"] == added.file.id
    assert file_ids(wiring) == [added.file.id]
    check_at_rest(wiring)


def test_what_a_kill_left_half_saved_waits_for_recovery(wiring: Wiring) -> None:
    upload = received(wiring)
    sha256 = hashlib.sha256(DATA).hexdigest()
    with wiring.catalog.write() as db:
        db.execute(
            """INSERT INTO files (session_id, kind, name, name_key, content_type, size, sha256, created_at, upload_id)
            VALUES (1, 'other', 'a.bin', 'a.bin', 'application/octet-stream', ?, ?, '2026-01-01T00:00:00Z', ?)""",
            [len(DATA), sha256, upload.id],
        )
        db.execute(
            """INSERT INTO copies (file_id, storage_id, key, state, writer, created_at)
            VALUES (1, 1, 'study-sessions/1/x.bin', 'writing', 'dead', '2026-01-01T00:00:00Z')"""
        )
    wiring.uploads.resume()
    time.sleep(0.2)
    assert wiring.spool.get(upload.id).state == "saving"
    wiring.recovery.run()
    wiring.uploads.resume()
    assert settled(wiring, upload.id).state == "saved"
    assert len(file_ids(wiring)) == 1
    check_at_rest(wiring)


def test_the_saving_goes_on_in_the_next_process(tmp_path: Path) -> None:
    before = open_in(tmp_path)
    upload = received(before)
    before.close()
    after = open_in(tmp_path)
    after.uploads.resume()
    assert settled(after, upload.id).state == "saved"
    check_at_rest(after)
    after.close()


def test_the_files_of_one_folder_make_one_session_however_many_come_at_once(wiring: Wiring) -> None:
    uploads = [
        received(wiring, bytes([number]), relative_path=f"Optics/{number}.bin", folders="session")
        for number in range(12)
    ]
    for upload in uploads:
        wiring.uploads.received(upload)
    assert {settled(wiring, upload.id).state for upload in uploads} == {"saved"}
    with wiring.catalog.read() as db:
        counts = db.execute("SELECT file_count FROM sessions WHERE title = 'Optics'").fetchall()
    assert counts == [(12,)]


def test_bytes_that_vanished_are_told_as_a_failure(wiring: Wiring) -> None:
    upload = received(wiring)
    wiring.spool.whole(upload.id)[0].unlink()
    wiring.uploads.resume()
    wiring.uploads.received(upload)
    found = settled(wiring, upload.id)
    assert found.error is not None
    assert "gone" in found.error["message"] or found.error["fix"]
    assert file_ids(wiring) == []


def test_a_failure_can_be_dropped_and_only_a_failure_tried_again(wiring: Wiring) -> None:
    upload = received(wiring)
    with pytest.raises(ConflictError):
        wiring.uploads.retry(upload.id)
    wiring.library.trash_session(1)
    wiring.uploads.received(upload)
    assert settled(wiring, upload.id).state == "failed"
    wiring.uploads.remove(upload.id)
    with pytest.raises(NotFoundError):
        wiring.spool.get(upload.id)


def test_the_stale_are_swept(wiring: Wiring) -> None:
    upload = wiring.uploads.create(10, {"session": str(wiring.library.session_titled("S").id)})
    wiring.uploads.sweep()
    assert wiring.spool.get(upload.id)
    assert wiring.spool.sweep(timedelta(0)) == [upload.id]
