"""One runner for each migration, whoever asks: threads, processes, and what is left of dead ones."""

import multiprocessing
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from studybuddy.catalog.migrations import Scope
from studybuddy.drivers.driver import Driver, Written
from studybuddy.drivers.local.driver import LocalDriver
from studybuddy.errors import ConflictError, NoSpaceError
from studybuddy.migration.leases import Leases
from studybuddy.streams import Readable
from studybuddy.units import MIB
from tests.invariants import check_at_rest
from tests.killing import in_child
from tests.migration.conftest import Place, opened, with_driver
from tests.waiting import awaited


def run_all(folder: Path, tries: int) -> int:
    """Try to run the first migration again and again; return how often it could be."""
    place, ran = opened(folder), 0
    for _ in range(tries):
        try:
            place.migrations.run(1)
        except ConflictError:
            continue
        ran += 1
    place.wiring.close()
    return ran


class Guarded(LocalDriver):
    """A folder that sees whether two write to it for the same file."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.lock = threading.Lock()
        self.source_keys: set[str] = set()
        self.twice = 0

    def copy_from(self, source: Driver, source_key: str, key: str, *, size: int) -> Written:
        with self.lock:
            self.twice += source_key in self.source_keys
            self.source_keys.add(source_key)
        return super().copy_from(source, source_key, key, size=size)


def test_many_threads_that_run_one_migration_copy_each_file_once(place: Place, tmp_path: Path) -> None:
    files = {place.add(b"%d" % number): b"%d" % number for number in range(50)}
    migration_id = place.migrations.plan("local", "usb", Scope()).migration.id
    driver = Guarded(tmp_path / "usb")
    guarded = with_driver(place, "usb", driver).migrations

    def run(_: int) -> str:
        try:
            return guarded.run(migration_id).state
        except ConflictError as error:
            assert "worked on" in str(error)
            return "refused"

    with ThreadPoolExecutor(12) as pool:
        states = list(pool.map(run, range(60)))
    assert set(states) == {"done", "refused"}
    assert (driver.twice, len(driver.source_keys)) == (0, 50)
    assert {file_id: place.content(file_id) for file_id in files} == files


def test_two_processes_never_run_one_migration_at_once(place: Place, tmp_path: Path) -> None:
    files = [place.add(os.urandom(1000)) for _ in range(200)]
    place.migrations.plan("local", "usb", Scope())
    context = multiprocessing.get_context("spawn")
    with context.Pool(3) as pool:
        ran = pool.starmap(run_all, [(tmp_path, 8)] * 3)
    assert sum(ran) >= 1
    assert place.migrations.get(1).count("switched").files == len(place.objects("usb")) == len(files)
    with place.wiring.catalog.read() as db:
        attempts = db.execute("SELECT max(attempts) FROM migration_items").fetchone()[0]
    assert attempts == 1
    place.migrations.clean_up(1, now=True)
    check_at_rest(place.wiring)


def test_the_background_refuses_a_second_start_at_once_and_leaves_the_first_alone(place: Place) -> None:
    place.add(bytes(2 * MIB))
    migration_id = place.migrations.plan("local", "usb", Scope(), bytes_per_second=1).migration.id
    place.migrations.start(migration_id)
    for again in (place.migrations.start, place.migrations.run, place.migrations.undo, place.migrations.retry_failed):
        with pytest.raises(ConflictError, match="worked on"):
            again(migration_id)
    place.migrations.stop()
    stopped = place.migrations.get(migration_id)
    assert (stopped.state, stopped.reason, stopped.lease_owner) == ("paused", "", None)


def test_a_dead_process_loses_its_lease_at_once(place: Place, tmp_path: Path) -> None:
    file_id = place.add(b"left behind")
    migration_id = place.migrations.plan("local", "usb", Scope()).migration.id

    def die() -> None:
        other = opened(tmp_path)
        with other.migrations._leases.hold(migration_id):
            os.kill(os.getpid(), 9)

    assert not in_child(die)
    assert place.migrations.get(migration_id).lease_owner
    assert place.migrations.run(migration_id).state == "done"
    assert place.where(file_id) == "usb"


def test_a_runner_that_lost_its_lease_writes_nothing_more(place: Place, tmp_path: Path) -> None:
    files = [place.add(b"%d" % number) for number in range(20)]
    migration_id = place.migrations.plan("local", "usb", Scope()).migration.id

    class Robbed(LocalDriver):
        def copy_from(self, source: Driver, source_key: str, key: str, *, size: int) -> Written:
            with place.wiring.catalog.write() as db:
                db.execute("UPDATE migrations SET lease_owner = 'another'")
            return super().copy_from(source, source_key, key, size=size)

    with pytest.raises(ConflictError, match="taken over"):
        with_driver(place, "usb", Robbed(tmp_path / "usb")).migrations.run(migration_id)
    assert place.migrations.get(migration_id).lease_owner == "another"
    assert {place.where(file_id) for file_id in files} == {"local"}
    place.wiring.recovery.run()
    assert place.migrations.run(migration_id).state == "done"
    place.migrations.clean_up(migration_id, now=True)
    check_at_rest(place.wiring)


def test_a_lease_that_could_not_be_released_is_taken_again_by_the_same_process(place: Place) -> None:
    place.add(b"bytes")
    migration_id = place.migrations.plan("local", "usb", Scope()).migration.id
    with place.wiring.catalog.write() as db:
        db.execute("UPDATE migrations SET lease_owner = ?, state = 'running'", [place.wiring.claim.id])
    place.migrations.recover()
    assert place.migrations.get(migration_id).state == "paused"
    with place.wiring.catalog.write() as db:
        db.execute("UPDATE migrations SET lease_owner = ?", [place.wiring.claim.id])
    assert place.migrations.run(migration_id).state == "done"


def test_recovery_leaves_a_lease_that_is_just_being_taken_alone(place: Place) -> None:
    place.add(b"bytes")
    migration_id = place.migrations.plan("local", "usb", Scope()).migration.id
    leases, done = Leases(place.wiring.catalog, place.wiring.claim), threading.Event()

    def recover() -> None:
        while not done.is_set():
            leases.release_dead()

    with ThreadPoolExecutor(2) as pool:
        recovering = [pool.submit(recover) for _ in range(2)]
        for _ in range(30):
            with leases.hold(migration_id):
                assert place.migrations.get(migration_id).lease_owner == place.wiring.claim.id
        done.set()
        for one in recovering:
            one.result()


class Slow(LocalDriver):
    """A folder whose large files take long to read."""

    def write(self, key: str, source: Readable, *, size: int, content_type: str) -> Written:
        class Slowly:
            def read(self, size: int = -1, /) -> bytes:
                time.sleep(0.1)
                return source.read(size)

        return super().write(key, Slowly(), size=size, content_type=content_type)

    def keeps_unfinished(self, size: int) -> bool:
        """Nothing is kept here: each try begins anew."""
        return False


@pytest.fixture
def other(tmp_path: Path, place: Place) -> Iterator[Place]:
    found = opened(tmp_path)
    yield found
    found.wiring.close()


def test_a_pause_from_another_process_comes_in_the_middle_of_a_large_file(
    place: Place, other: Place, tmp_path: Path
) -> None:
    content = os.urandom(100 * MIB)
    file_id = place.add(content)
    migration_id = place.migrations.plan("local", "usb", Scope()).migration.id
    slow = with_driver(place, "usb", Slow(tmp_path / "usb")).migrations
    slow.start(migration_id)
    awaited(lambda: (live := slow.live(migration_id)) is not None and any(one.done for one in live.copying()))
    other.migrations.pause(migration_id)
    ended = awaited(lambda: other.migrations.get(migration_id), lambda migration: migration.state != "running")
    assert ended.state == "paused"
    slow.stop()
    assert other.objects("usb") == []
    assert other.migrations.run(migration_id).state == "done"
    assert other.content(file_id) == content


def test_a_full_target_pauses_with_the_reason_and_goes_on_when_there_is_room(small_disk: Path, tmp_path: Path) -> None:
    (tmp_path / "stick").mkdir()
    (tmp_path / "usb").symlink_to(small_disk)
    place = opened(tmp_path)
    files = {place.add(content): content for content in (os.urandom(3 * MIB) for _ in range(4))}
    migration_id = place.migrations.plan("local", "usb", Scope()).migration.id
    paused = place.migrations.run(migration_id)
    assert (paused.state, paused.count("failed", "copying").files) == ("paused", 0)
    assert "disk is full" in paused.reason
    assert len(place.objects("usb")) == paused.count("switched").files < 4
    assert {file_id: place.content(file_id) for file_id in files} == files
    with place.wiring.catalog.read() as db:
        assert db.execute("SELECT count(*) FROM copies WHERE state <> 'verified'").fetchone()[0] == 0
    remount(small_disk, "32m")
    assert place.migrations.run(migration_id).state == "done"
    place.migrations.clean_up(migration_id, now=True)
    check_at_rest(place.wiring)
    place.wiring.close()


def test_a_catalog_that_cannot_be_written_ends_a_run_and_holds_no_lease_for_ever(
    small_disk: Path, tmp_path: Path
) -> None:
    (tmp_path / "data").symlink_to(small_disk)
    place = opened(tmp_path)
    files = {place.add(content): content for content in (b"%d" % number for number in range(30))}
    migration_id = place.migrations.plan("local", "usb", Scope()).migration.id
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as stream, pytest.raises(OSError, match="No space"):
        while True:
            stream.write(bytes(4096))
    with pytest.raises(NoSpaceError):
        for _ in range(100):
            place.migrations.run(migration_id)
            place.migrations.undo(migration_id)
            migration_id = place.migrations.plan("local", "usb", Scope()).migration.id
    filler.unlink()
    place.wiring.recovery.run()
    place.migrations.recover()
    assert {file_id: place.content(file_id) for file_id in files} == files
    assert place.migrations.get(migration_id).lease_owner is None
    place.migrations.run(migration_id)
    assert {file_id: place.content(file_id) for file_id in files} == files
    place.wiring.close()


def remount(folder: Path, size: str) -> None:
    assert os.system(f"mount -o remount,size={size} {folder}") == 0
