"""Objects whose rows are dropped: deleted many at a time, and what a storage keeps is deleted the next time."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from studybuddy import removal
from studybuddy.catalog import copies
from studybuddy.errors import PermissionDeniedError, StorageError, UnavailableError
from studybuddy.settings import load_settings
from studybuddy.wiring import Wiring, open_all
from tests.outbox.rig import SILENT, Bucket, Rig, rig

DENIED = PermissionDeniedError("access denied to my-bucket", fix="Give these keys the permission.")
_AT_ONCE = 16
_PATIENCE_S = 60


@pytest.fixture
def wiring(tmp_path: Path) -> Iterator[Wiring]:
    environ = {"UPLOADS_DIR": f"{tmp_path}/uploads", "STUDY_BUDDY_DATA": f"{tmp_path}/data"}
    opened = open_all(load_settings(environ, env_file=tmp_path / "no.env"))
    yield opened
    opened.close()


@pytest.fixture
def here(wiring: Wiring, tmp_path: Path) -> Rig:
    return rig(wiring, tmp_path / "s3")


def trashed(place: Rig, count: int) -> list[int]:
    """Add files to the bucket and put them in the trash; return their ids."""
    ids = [place.add(b"bytes of %d" % number).file.id for number in range(count)]
    for file_id in ids:
        place.library.trash_file(file_id)
    place.bucket.asked = 0
    return ids


def purge_session_of(place: Rig, file_id: int) -> None:
    session_id = place.library.file(file_id).session_id
    place.library.trash_session(session_id)
    place.library.purge_session(session_id)


def still_there(place: Rig) -> int:
    with place.wiring.catalog.read() as db:
        return copies.to_delete(db).get(place.storages.target.id, 0)


def test_two_objects_are_deleted_at_once(here: Rig) -> None:
    both = threading.Barrier(2, timeout=_PATIENCE_S)  # breaks when the first is waited for before the second begins

    class Meeting(Bucket):
        def delete(self, key: str) -> None:
            both.wait()
            super().delete(key)

    ids = trashed(here, 2)
    here.bucket.__class__ = Meeting
    purge_session_of(here, ids[0])
    assert list(here.bucket.list()) == []
    assert still_there(here) == 0


@pytest.mark.parametrize("failure", [SILENT, DENIED], ids=["silent", "denied"])
def test_a_storage_that_fails_is_asked_once_and_keeps_all_for_the_next_time(
    here: Rig, failure: UnavailableError | PermissionDeniedError, caplog: pytest.LogCaptureFixture
) -> None:
    ids = trashed(here, 60)
    here.bucket.failure = failure
    purge_session_of(here, ids[0])
    assert here.bucket.asked <= _AT_ONCE  # those that were under way together
    assert (still_there(here), len(list(here.bucket.list()))) == (60, 60)
    assert [record.message for record in caplog.records if "my-bucket" in record.message] == [
        f"60 objects to be deleted in S3 · my-bucket for now: {failure}"
    ]
    here.bucket.failure = None
    here.recovery.run()
    assert (still_there(here), list(here.bucket.list())) == (0, [])


def test_what_was_deleted_before_a_storage_died_is_not_asked_for_again(here: Rig) -> None:
    class Dying(Bucket):
        left = 20
        lock = threading.Lock()

        def delete(self, key: str) -> None:
            with self.lock:
                self.left -= 1
                if self.left < 0:
                    self.failure = SILENT
            super().delete(key)

    ids = trashed(here, 60)
    here.bucket.__class__ = Dying
    purge_session_of(here, ids[0])
    kept = len(list(here.bucket.list()))
    assert 0 < kept < 60
    assert still_there(here) >= kept  # a row goes after its object, never before
    here.bucket.__class__, here.bucket.failure = Bucket, None
    here.recovery.run()
    assert (still_there(here), list(here.bucket.list())) == (0, [])


def test_emptying_the_trash_asks_a_dead_storage_once_and_not_for_each_file(here: Rig) -> None:
    ids = trashed(here, 5)
    here.bucket.failure = SILENT
    for file_id in ids:
        here.library.purge_file(file_id)
    assert (here.bucket.asked, still_there(here)) == (1, 5)


def test_one_object_that_cannot_be_deleted_keeps_no_other(here: Rig) -> None:
    class Stubborn(Bucket):
        def delete(self, key: str) -> None:
            if key == kept:
                raise StorageError("this one is locked")
            super().delete(key)

    ids = trashed(here, 5)
    kept = next(iter(here.bucket.list())).key
    here.bucket.__class__ = Stubborn
    purge_session_of(here, ids[0])
    assert [info.key for info in here.bucket.list()] == [kept]
    assert still_there(here) == 1


def test_what_is_still_being_written_is_left_to_its_writer(here: Rig) -> None:
    ids = trashed(here, 1)
    with here.wiring.catalog.write() as db:
        doomed = removal.drop_file(db, ids[0])
        db.execute("UPDATE copies SET writer = 'another process'")
        doomed = [found for copy in doomed if (found := copies.get(db, copy.id))]
    assert removal.remove_objects(here.wiring.catalog, here.storages, doomed) == 0
    assert len(list(here.bucket.list())) == 1


def test_what_is_to_be_deleted_is_found_by_its_index(here: Rig) -> None:
    asked: list[str] = []
    with here.wiring.catalog.read() as db:
        db.conn.set_trace_callback(asked.append)
        copies.to_delete(db)
        list(copies.in_state(db, "writing"))
        db.conn.set_trace_callback(None)
        plans = [db.execute(f"EXPLAIN QUERY PLAN {query}").fetchall() for query in asked if "copies" in query]
    assert len(plans) == 2
    assert all("copies_unsettled" in str(plan) for plan in plans)
