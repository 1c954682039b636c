"""A file opens from another good copy when its own storage fails, and says so."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from studybuddy.api import middleware, routes
from studybuddy.catalog import copies
from studybuddy.errors import (
    IntegrityError,
    InvalidRangeError,
    ObjectNotFoundError,
    PermissionDeniedError,
    StorageError,
    UnavailableError,
)
from studybuddy.reading import Elsewhere
from studybuddy.settings import load_settings
from studybuddy.wiring import open_all
from tests.contracts.sources import some_bytes
from tests.outbox.rig import SILENT, Rig, rig

DATA = some_bytes(100_000)
FAILURES = [
    SILENT,
    PermissionDeniedError("The keys may not read"),
    ObjectNotFoundError("There is no object"),
    IntegrityError("other bytes"),
]


@pytest.fixture
def found(tmp_path: Path) -> Iterator[Rig]:
    environ = {"UPLOADS_DIR": f"{tmp_path}/uploads", "STUDY_BUDDY_DATA": f"{tmp_path}/data"}
    wiring = open_all(load_settings(environ, env_file=tmp_path / "no.env"))
    yield rig(wiring, tmp_path / "s3")
    wiring.close()


def read(found: Rig, file_id: int, *, start: int = 0, stop: int | None = None) -> tuple[bytes, Elsewhere | None]:
    with found.library.open(file_id, start=start, stop=stop) as stream:
        content = b"".join(iter(lambda: stream.read(10_000), b""))
        return content, stream.elsewhere


def test_a_file_opens_from_its_own_storage_while_that_works(found: Rig) -> None:
    file_id = found.add_twice(DATA)
    asked = found.bucket.asked
    assert read(found, file_id) == (DATA, None)
    assert found.bucket.asked == asked + 1


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
def test_a_file_opens_from_another_good_copy_when_its_storage_fails(found: Rig, failure: StorageError) -> None:
    file_id = found.add_twice(DATA)
    found.bucket.failure = failure
    expected = Elsewhere("this computer", str(failure))
    assert read(found, file_id) == (DATA, expected)
    assert read(found, file_id, start=5, stop=500) == (DATA[5:500], expected)


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
def test_without_another_copy_the_failure_is_told(found: Rig, failure: StorageError) -> None:
    file_id = found.add(DATA).file.id
    found.bucket.failure = failure
    with pytest.raises(type(failure), match=str(failure)):
        read(found, file_id)


def test_a_range_behind_the_end_is_no_failure_of_the_storage(found: Rig) -> None:
    with pytest.raises(InvalidRangeError):
        read(found, found.add_twice(DATA), start=len(DATA) + 1)


def test_a_silent_storage_is_asked_once_for_many_files(found: Rig) -> None:
    file_ids = [found.add_twice(DATA + b"%d" % number) for number in range(5)]
    found.bucket.failure = SILENT
    asked = found.bucket.asked
    for file_id in file_ids:
        assert read(found, file_id)[1] == Elsewhere("this computer", "my-bucket does not answer")
    assert found.bucket.asked == asked + 1


def test_a_storage_that_the_settings_no_longer_name_is_passed_over(found: Rig) -> None:
    file_id = found.add_twice(DATA)
    library = found.wiring.library  # its own storages know nothing of the bucket
    with library.open(file_id) as stream:
        assert stream.read() == DATA
        assert stream.elsewhere is not None
        assert "no longer name" in stream.elsewhere.reason
    assert library.elsewhere([library.file(file_id)])[file_id].label == "this computer"


def test_a_storage_that_falls_silent_in_the_middle_is_left_at_the_same_place(found: Rig) -> None:
    file_id = found.add_twice(DATA)
    found.bucket.breaks_after = 35_000
    assert read(found, file_id, start=100, stop=90_000)[0] == DATA[100:90_000]
    with pytest.raises(UnavailableError):
        found.wiring.pauses.check(found.storages.target.id)


def test_bytes_that_turn_out_wrong_in_the_middle_are_not_continued(found: Rig) -> None:
    found.bucket.breaks_after, found.bucket.breaks_with = 35_000, IntegrityError("other bytes")
    with pytest.raises(IntegrityError, match="other bytes"):
        read(found, found.add_twice(DATA))


def test_a_bad_copy_is_only_the_last_resort(found: Rig) -> None:
    both, one = found.add_twice(DATA), found.add(DATA + b"!").file.id
    with found.wiring.catalog.write() as db:
        for file_id in (both, one):
            copies.spoil(db, copies.current(db, file_id).id)
    asked = found.bucket.asked
    assert read(found, both)[0] == DATA
    assert found.bucket.asked == asked
    assert read(found, one)[0] == DATA + b"!"


def test_a_file_that_moves_while_it_is_opened_is_found_where_it_went(found: Rig) -> None:
    found.bucket.failure = SILENT
    file_id = found.add(DATA).file.id
    found.bucket.failure = None
    with found.library.open(file_id) as stream:
        begun = stream.read(10)
        assert found.outbox.drain().moved == 1
        assert begun + stream.read() == DATA
    assert read(found, file_id) == (DATA, None)


def test_the_page_learns_without_asking_what_opens_from_elsewhere(found: Rig) -> None:
    both, one = found.add_twice(DATA), found.add(DATA + b"!").file.id
    shown = [found.library.file(file_id) for file_id in (both, one)]
    assert found.library.elsewhere(shown) == {}
    found.wiring.pauses.begin(found.storages.target.id, SILENT)
    asked = found.bucket.asked
    assert found.library.elsewhere(shown) == {
        both: Elsewhere("this computer", str(SILENT)),
        one: Elsewhere(None, str(SILENT)),
    }
    assert found.bucket.asked == asked


def test_the_api_says_where_a_file_was_opened_from(found: Rig) -> None:
    file_id = found.add_twice(DATA)
    wiring = replace(found.wiring, library=found.library)
    app = Starlette(routes=routes(lambda: wiring), middleware=middleware(lambda: wiring))
    client = TestClient(app, base_url="http://localhost")
    path = f"/api/v1/files/{file_id}/content"
    assert "X-Study-Buddy-Opened-From" not in client.get(path).headers
    found.bucket.failure = SILENT
    answer = client.get(path, headers={"Range": "bytes=10-19"})
    assert (answer.status_code, answer.content) == (206, DATA[10:20])
    assert answer.headers["X-Study-Buddy-Opened-From"] == "this computer"
