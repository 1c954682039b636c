"""The rows of files that are added in one batch."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from studybuddy.adding.new_files import Added, NewFile, Pending, Spooled, spooled
from studybuddy.adding.rows import Rows, abandon
from studybuddy.errors import ConflictError, NotFoundError
from studybuddy.settings import load_settings
from studybuddy.wiring import Wiring, open_all


@pytest.fixture
def wiring(tmp_path: Path) -> Iterator[Wiring]:
    environ = {"UPLOADS_DIR": f"{tmp_path}/uploads", "STUDY_BUDDY_DATA": f"{tmp_path}/data"}
    opened = open_all(load_settings(environ, env_file=tmp_path / "no.env"))
    opened.library.create_session("S")
    yield opened
    opened.close()


@pytest.fixture
def rows(wiring: Wiring) -> Rows:
    return Rows(wiring.catalog, wiring.storages, wiring.claim.id)


def text(content: bytes, name: str, session_id: int = 1) -> Spooled:
    return spooled(content, NewFile(name, session_id), size=len(content), sha256=hashlib.sha256(content).hexdigest())


def begun(rows: Rows, *contents: bytes) -> list[Pending]:
    found = rows.begin([text(content, f"{number}.txt") for number, content in enumerate(contents)])
    return [item for item in found if isinstance(item, Pending)]


def test_of_files_with_the_same_bytes_each_is_told_of_those_before_it(rows: Rows) -> None:
    first = rows.settle(begun(rows, b"same"))
    second = rows.settle(begun(rows, b"same", b"other", b"same"))
    told = [[twin.file_id for twin in one.duplicates] for one in (*first, *second) if isinstance(one, Added)]
    assert told == [[], [1], [], [1, 2]]


def test_a_file_that_settles_late_is_told_of_a_later_batch_s(rows: Rows) -> None:
    early, late = begun(rows, b"same"), begun(rows, b"same")
    told = [one.duplicates for one in (*rows.settle(late), *rows.settle(early)) if isinstance(one, Added)]
    assert [[twin.file_id for twin in twins] for twins in told] == [[], [2]]


def test_a_file_that_is_given_up_meanwhile_does_not_stop_the_others(wiring: Wiring, rows: Rows) -> None:
    batch = begun(rows, b"a", b"b", b"c")
    with wiring.catalog.write() as db:
        abandon(db, batch[1].file_id)
    first, second, third = rows.settle(batch)
    assert isinstance(second, ConflictError)
    assert isinstance(first, Added)
    assert isinstance(third, Added)
    assert (first.file.name, third.file.name) == ("0.txt", "2.txt")
    with wiring.catalog.read() as db:
        states = db.execute("SELECT state FROM copies ORDER BY id").fetchall()
    assert [state for (state,) in states] == ["verified", "doomed", "verified"]


def test_a_file_that_cannot_be_added_does_not_stop_the_others(rows: Rows) -> None:
    first, second, third = rows.begin([text(b"a", "a.txt"), text(b"b", "b.txt", session_id=7), text(b"c", "c.txt")])
    assert isinstance(second, NotFoundError)
    assert isinstance(first, Pending)
    assert isinstance(third, Pending)
    assert (first.file_id, third.file_id) == (1, 2)


def test_ids_of_dropped_files_are_never_given_again(wiring: Wiring, rows: Rows) -> None:
    gone = begun(rows, b"a", b"b")
    rows.abandon(gone)
    (next_one,) = begun(rows, b"c")
    assert next_one.file_id > max(item.file_id for item in gone)
    assert next_one.copy_id > max(item.copy_id for item in gone)
