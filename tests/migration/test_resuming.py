"""A large file whose move stops in the middle goes on where it was; what nobody goes on with is removed."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studybuddy.catalog.migrations import Migration, Scope
from studybuddy.drivers.s3.driver import S3Driver
from studybuddy.settings import load_settings
from studybuddy.units import MIB
from studybuddy.wiring import open_all
from tests.invariants import check_at_rest, temporary_files
from tests.migration.conftest import Place
from tests.servers.place import Server
from tests.waiting import awaited

LARGE = os.urandom(70 * MIB)
PARTS = 9
SMALL = b"small"


@pytest.fixture
def bucket(rclone_server: Server) -> str:
    return rclone_server.new_bucket()


@pytest.fixture
def place(tmp_path: Path, rclone_server: Server, bucket: str) -> Iterator[Place]:
    folders = {"UPLOADS_DIR": str(tmp_path / "uploads"), "STUDY_BUDDY_DATA": str(tmp_path / "data")}
    environ = rclone_server.environ(bucket, STORAGE="LOCAL", **folders)
    wiring = open_all(load_settings(environ, env_file=tmp_path / ".env"))
    yield Place(wiring, wiring.migrations)
    wiring.close()


@pytest.fixture
def left(place: Place, rclone_server: Server, bucket: str) -> Callable[[], int]:
    """Tell of how many objects something is kept, here and in the bucket."""
    return lambda: len(rclone_server.unfinished(bucket)) + len(temporary_files(place.wiring))


def stopped_in_the_middle(place: Place, source: str, target: str) -> Migration:
    """Move everything, small files first, and pause it when half of the large one has come."""
    plan = place.migrations.plan(source, target, Scope(order="smallest"), bytes_per_second=40 * MIB)
    migration_id = plan.migration.id
    place.migrations.start(migration_id)

    def share() -> float:
        return place.migrations.progress(place.migrations.get(migration_id)).share

    awaited(share, lambda now: now > 0.5)
    place.migrations.pause(migration_id)
    awaited(lambda: place.migrations.get(migration_id), lambda now: now.state == "paused" and now.lease_owner is None)
    return place.migrations.get(migration_id)


def counts(place: Place) -> dict[str, int]:
    """Return what the bucket was asked since the last time."""
    driver = place.wiring.storages().named("s3").driver
    assert isinstance(driver, S3Driver)
    return {one.what: one.amount for one in driver.counter.take()}


def test_a_large_file_that_goes_up_is_gone_on_with(place: Place, left: Callable[[], int]) -> None:
    large = place.add(LARGE)
    counts(place)
    paused = stopped_in_the_middle(place, "local", "s3")
    sent = counts(place)["part"]
    assert 4 <= sent < PARTS
    assert [item.file_id for item in place.migrations.half_moved(paused)] == [large]
    assert left() == 1
    place.wiring.recovery.run()
    assert left() == 1
    assert place.migrations.run(paused.id).state == "done"
    assert counts(place)["part"] == PARTS - sent
    assert (place.where(large), place.content(large), left()) == ("s3", LARGE, 0)


def test_a_large_file_that_comes_down_is_gone_on_with(place: Place, left: Callable[[], int]) -> None:
    large = place.add(LARGE)
    place.migrations.clean_up(place.move("local", "s3"), now=True)
    counts(place)
    paused = stopped_in_the_middle(place, "s3", "local")
    assert left() == 1
    place.wiring.recovery.run()
    assert left() == 1
    came = counts(place)["received"]
    assert place.migrations.run(paused.id).state == "done"
    came += counts(place)["received"]
    assert len(LARGE) <= came < len(LARGE) + 2 * MIB
    assert (place.where(large), place.content(large), left()) == ("local", LARGE, 0)
    place.migrations.clean_up(paused.id, now=True)
    check_at_rest(place.wiring)


def test_a_part_that_was_damaged_on_this_disk_is_thrown_away(place: Place, left: Callable[[], int]) -> None:
    large = place.add(LARGE)
    place.migrations.clean_up(place.move("local", "s3"), now=True)
    paused = stopped_in_the_middle(place, "s3", "local")
    (part,) = temporary_files(place.wiring)
    with part.open("r+b") as stream:
        stream.write(b"other bytes")
    assert place.migrations.run(paused.id).state == "done"
    assert (place.content(large), left()) == (LARGE, 0)
    assert place.migrations.items(paused.id)[0].attempts == 2


def test_what_came_of_a_file_that_is_deleted_is_removed(place: Place, left: Callable[[], int]) -> None:
    large, small = place.add(LARGE), place.add(SMALL, "b.txt")
    paused = stopped_in_the_middle(place, "local", "s3")
    place.wiring.library.trash_file(large)
    place.wiring.library.purge_file(large)
    assert place.migrations.run(paused.id).state == "done"
    place.wiring.recovery.run()
    assert (place.where(small), left()) == ("s3", 0)
    place.migrations.clean_up(paused.id, now=True)
    check_at_rest(place.wiring)


def test_an_undo_removes_what_came(place: Place, left: Callable[[], int]) -> None:
    large, _ = place.add(LARGE), place.add(SMALL, "b.txt")
    paused = stopped_in_the_middle(place, "local", "s3")
    assert left() == 1
    assert place.migrations.undo(paused.id).state == "undone"
    assert (place.content(large), left()) == (LARGE, 0)


def test_what_came_is_kept_for_a_week(place: Place, left: Callable[[], int]) -> None:
    large = place.add(LARGE)
    paused = stopped_in_the_middle(place, "local", "s3")
    with place.wiring.catalog.write() as db:
        db.execute("UPDATE copies SET created_at = datetime(created_at, '-7 days') WHERE state = 'writing'")
    place.wiring.recovery.run()
    assert left() == 0
    assert place.migrations.run(paused.id).state == "done"
    assert (place.where(large), place.content(large)) == ("s3", LARGE)
