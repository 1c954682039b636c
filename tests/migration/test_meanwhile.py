"""What else goes on while files move: readers, people, other migrations, their undo and their clean-up."""

import hashlib
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from studybuddy.catalog.migrations import Scope
from studybuddy.drivers.driver import Driver, ObjectInfo, Written
from studybuddy.drivers.local.driver import LocalDriver
from studybuddy.errors import ConflictError, NotFoundError
from studybuddy.streams import Readable
from studybuddy.units import MIB
from tests.invariants import check_at_rest
from tests.migration.conftest import Place, with_driver

FILES = 120
STORAGES = ("local", "usb", "stick")


class Library:
    """The files that there should be; everything else that goes on changes them through here."""

    def __init__(self, place: Place, seed: int) -> None:
        self.place = place
        self.chance = random.Random(seed)
        self.lock = threading.Lock()
        self.hashes: dict[int, str] = {}
        for _ in range(FILES):
            self.add()

    def add(self) -> None:
        content = os.urandom(self.chance.choice([0, 10, 5_000, 200_000]))
        file_id = self.place.add(content)
        with self.lock:
            self.hashes[file_id] = hashlib.sha256(content).hexdigest()

    def read(self) -> None:
        """Read any file; it is whole, or was purged meanwhile."""
        with self.lock:
            file_id, sha256 = self.chance.choice(list(self.hashes.items()))
        try:
            found = hashlib.sha256(self.place.content(file_id)).hexdigest()
        except NotFoundError:
            with self.lock:
                assert file_id not in self.hashes
        else:
            assert found == sha256

    def meddle(self) -> None:
        """Do to any file what a person may do."""
        library, file_id = self.place.wiring.library, self.chance.choice(list(self.hashes))
        match self.chance.randrange(4):
            case 0:
                library.rename_file(file_id, f"{self.chance.random()}.txt")
            case 1:
                library.trash_file(file_id)
                library.restore_file(file_id)
            case 2:
                with self.lock:
                    del self.hashes[file_id]
                library.trash_file(file_id)
                library.purge_file(file_id)
            case _:
                self.add()

    def migrate(self) -> None:
        """Move everything from anywhere to anywhere, and perhaps back, and clean up at once."""
        migrations = self.place.migrations
        source, target = self.chance.sample(STORAGES, 2)
        migration_id = migrations.plan(source, target, Scope(order="newest")).migration.id
        migrations.run(migration_id)
        if self.chance.random() < 0.3 and migrations.get(migration_id).count("switched").files:
            migrations.undo(migration_id)
        migrations.clean_up(migration_id, now=True)


@contextmanager
def going_on(*works: Callable[[], object]) -> Iterator[None]:
    """Do each of these again and again, in a thread of its own; raise what one of them raised."""
    done = threading.Event()

    def repeat(work: Callable[[], object]) -> None:
        while not done.is_set():
            work()

    with ThreadPoolExecutor(len(works)) as pool:
        futures = [pool.submit(repeat, work) for work in works]
        try:
            yield
        finally:
            done.set()
        for future in futures:
            future.result()


@pytest.mark.parametrize("times", [pytest.param(3, id="short"), pytest.param(60, id="long", marks=pytest.mark.slow)])
def test_nothing_is_lost_and_reads_never_fail_whatever_goes_on(times: int, place: Place) -> None:
    library = Library(place, seed=3)
    with going_on(library.read, library.read, library.meddle, library.migrate, library.migrate):
        for _ in range(times):
            library.migrate()
    settle(place)
    for file_id, sha256 in library.hashes.items():
        assert hashlib.sha256(place.content(file_id)).hexdigest() == sha256
    assert place.wiring.library.file(max(library.hashes)).trashed_at is None
    check_at_rest(place.wiring)


def settle(place: Place) -> None:
    """Undo and clean up what stands in each other's way, until nothing is left."""
    place.wiring.recovery.run()
    for _ in range(3):
        for migration in place.migrations.page(limit=1000):
            if migration.state not in {"cleaned", "planned"}:
                place.migrations.clean_up(migration.id, now=True)
    states = {migration.state for migration in place.migrations.page(limit=1000)}
    assert states <= {"cleaned", "planned"}


class Meanwhile(LocalDriver):
    """A folder in which something happens when an object is looked at, once."""

    happens: Callable[[], object] | None = None

    def stat(self, key: str) -> ObjectInfo:
        found = super().stat(key)
        self._looked()
        return found

    @contextmanager
    def read(self, key: str, *, start: int = 0, stop: int | None = None) -> Iterator[Readable]:
        with super().read(key, start=start, stop=stop) as stream:
            self._looked()
            yield stream

    def _looked(self) -> None:
        happens, self.happens = self.happens, None
        if happens is not None:
            happens()


def test_a_file_that_moves_on_between_the_look_and_the_clean_up_keeps_its_copies(place: Place, tmp_path: Path) -> None:
    file_id = place.add(b"on the move")
    first = place.move("local", "usb")
    driver = Meanwhile(tmp_path / "usb")
    driver.happens = lambda: place.move("usb", "stick")
    watched = with_driver(place, "usb", driver)
    assert watched.migrations.clean_up(first, now=True).state == "done"
    assert len(place.objects("local")) == 1
    assert watched.migrations.clean_up(first, now=True).state == "cleaned"
    assert (place.where(file_id), place.content(file_id), place.objects("local")) == ("stick", b"on the move", [])


def test_a_copy_that_is_cleaned_up_between_the_look_and_the_switch_is_made_anew(place: Place, tmp_path: Path) -> None:
    file_id = place.add(b"there already")
    first = place.move("local", "usb")
    place.migrations.undo(first)
    driver = Meanwhile(tmp_path / "usb")
    driver.happens = lambda: place.migrations.clean_up(first, now=True)
    second = with_driver(place, "usb", driver).move("local", "usb")
    assert place.migrations.get(second).count("switched").files == 1
    assert (place.where(file_id), place.content(file_id)) == ("usb", b"there already")


@pytest.mark.parametrize("passed", [0, 2], ids=["before the first byte", "in the middle"])
def test_a_reader_whose_copy_is_cleaned_up_goes_on_from_another(place: Place, tmp_path: Path, passed: int) -> None:
    """A reader that looked up a copy just before it was deleted looks again."""
    file_id = place.add(b"read all the while")

    class Deleting(LocalDriver):
        @contextmanager
        def read(self, key: str, *, start: int = 0, stop: int | None = None) -> Iterator[Readable]:
            if not passed:
                place.migrations.clean_up(place.move("local", "usb"), now=True)
            with super().read(key, start=start, stop=stop) as stream:
                yield stream

    with with_driver(place, "local", Deleting(tmp_path / "uploads")).wiring.library.open(file_id) as stream:
        first = stream.read(passed)
        if passed:
            place.migrations.clean_up(place.move("local", "usb"), now=True)
        assert first + stream.read() == b"read all the while"
    assert place.where(file_id) == "usb"


def test_a_file_whose_bytes_are_kept_doomed_by_a_silent_storage_is_skipped(place: Place) -> None:
    """A purge that could not delete leaves a copy's row without its file."""
    gone, kept = place.add(b"gone"), place.add(b"kept")
    migration_id = place.migrations.plan("local", "usb", Scope()).migration.id
    with place.wiring.catalog.write() as db:
        db.execute("UPDATE copies SET state = 'doomed' WHERE file_id = ?", [gone])
        db.execute("DELETE FROM files WHERE id = ?", [gone])
    done = place.migrations.run(migration_id)
    assert (done.state, done.count("skipped").files, done.count("switched").files) == ("done", 1, 1)
    assert place.content(kept) == b"kept"


class Purging(LocalDriver):
    """A folder; before an object is copied there, a file is deleted for good."""

    purge: Callable[[], object]

    def copy_from(self, source: Driver, source_key: str, key: str, *, size: int) -> Written:
        self.purge()
        return super().copy_from(source, source_key, key, size=size)


def test_a_file_that_is_deleted_while_it_is_copied_is_left_alone(place: Place, tmp_path: Path) -> None:
    file_id, other = place.add(b"deleted"), place.add(b"kept")
    purging = Purging(tmp_path / "usb")

    def purge() -> None:
        with suppress(NotFoundError):
            place.wiring.library.trash_file(file_id)
            place.wiring.library.purge_file(file_id)

    purging.purge = purge
    moving = with_driver(place, "usb", purging)
    migration_id = moving.move("local", "usb")
    assert [item.state for item in moving.migrations.items(migration_id)] == ["skipped", "switched"]
    assert (moving.migrations.get(migration_id).state, place.content(other)) == ("done", b"kept")


def test_files_that_join_at_the_last_moment_are_moved_as_well(place: Place) -> None:
    library = Library(place, seed=4)
    migration_id = place.migrations.plan("local", "usb", Scope()).migration.id

    def join() -> None:
        if len(library.hashes) == 2 * FILES:  # else files might join for ever
            return
        library.add()
        try:
            place.migrations.join(migration_id)
        except ConflictError:  # it has ended
            assert place.migrations.get(migration_id).state == "done"

    with going_on(join):
        done = place.migrations.run(migration_id)
    assert (done.state, done.count("todo", "copying").files) == ("done", 0)
    assert done.count("switched").files == done.planned_files


class Stumbling(LocalDriver):
    """A folder with a bug, which objects of 3 bytes wake."""

    def copy_from(self, source: Driver, source_key: str, key: str, *, size: int) -> Written:
        if source.stat(source_key).size == 3:
            raise ZeroDivisionError
        return super().copy_from(source, source_key, key, size=size)


def test_what_is_no_error_of_ours_fails_one_file_and_not_the_run(place: Place, tmp_path: Path) -> None:
    bad, good = place.add(b"bad"), place.add(b"good")
    failed = place.migrations.get(with_driver(place, "usb", Stumbling(tmp_path / "usb")).move("local", "usb"))
    assert (failed.state, failed.count("failed").files) == ("failed", 1)
    assert "ZeroDivisionError" in place.migrations.items(failed.id, states=["failed"])[0].error
    assert (place.where(bad), place.where(good)) == ("local", "usb")
    place.migrations.retry_failed(failed.id)
    assert place.migrations.run(failed.id).state == "done"
    assert (place.where(bad), place.content(bad)) == ("usb", b"bad")


class Counting(LocalDriver):
    """A folder that counts how many objects are copied to it at once."""

    now = most = 0
    lock = threading.Lock()

    def copy_from(self, source: Driver, source_key: str, key: str, *, size: int) -> Written:
        with self.lock:
            self.now += 1
            self.most = max(self.now, self.most)
        time.sleep(0.1)
        try:
            return super().copy_from(source, source_key, key, size=size)
        finally:
            with self.lock:
                self.now -= 1


@pytest.mark.parametrize(("size", "held", "most"), [(17 * MIB, 16 * MIB, 6), (17 * MIB, MIB, 8), (1, 16 * MIB, 8)])
def test_so_few_large_files_are_copied_at_once_that_memory_holds_them(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, size: int, held: int, most: int
) -> None:
    monkeypatch.setattr("studybuddy.migration.threads._STREAMED_BYTES", held)  # else a disk is no bucket
    for _ in range(9):
        place.add(bytes(size))
    driver = Counting(tmp_path / "usb")
    with_driver(place, "usb", driver).move("local", "usb")
    assert driver.most == most
