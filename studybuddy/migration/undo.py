"""Undo and clean-up: the way back, and the end of it. Each object is looked at before anything relies on it."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from studybuddy import status
from studybuddy.catalog import Database, copies, migration_items, migrations
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.migrations import Item, ItemChange, ItemState
from studybuddy.catalog.records import Copy
from studybuddy.drivers.driver import KeepsChecksums
from studybuddy.errors import IntegrityError, ObjectNotFoundError, StorageError, UnavailableError
from studybuddy.storage import Storage
from studybuddy.storages import Storages

GONE = "The file was deleted."
MOVED_ON = "The file has been moved on since: undo that first."
NO_WAY_BACK = "Its copy there is damaged or gone."
MOVED_MEANWHILE = "The file was moved while its copy was looked at: clean up again."

_GROUP = 256
_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be undone or cleaned up, by the one who holds the migration's lease."""

    catalog: Catalog
    migration_id: int
    owner: str  # of the lease
    stopping: threading.Event

    @contextmanager
    def write(self) -> Iterator[Database]:
        """Open a transaction for the one who still holds the lease."""
        with self.catalog.write() as db:
            migrations.expect_lease(db, self.migration_id, self.owner)
            yield db

    def groups(self, *states: ItemState) -> Iterator[list[Item]]:
        """Go through the items in these states, until somebody asks to stop."""
        position = 0
        while not self.stopping.is_set():
            with self.catalog.read() as db:
                items = migrations.items(db, self.migration_id, states=states, limit=_GROUP, after=position)
            if not items:
                return
            position = items[-1].position
            yield items


@dataclass(frozen=True, slots=True)
class _Seen:
    """A copy that was looked at."""

    copy: Copy | None
    problem: str = ""  # what keeps it from being relied on
    is_bad: bool = False  # its bytes are not its file's, or are not there


def undo(work: Work, source: Storage) -> None:
    """Switch every moved file back to its source copy, after a look at it; no bytes move.

    A file that cannot go back stays where it is, and its item says why. Raises UnavailableError when the source does
    not answer.
    """
    _expect_answer(source)
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="migration-undo") as pool:
        for items in work.groups("switched"):
            problems = list(pool.map(lambda item: _way_back(source, item), items))
            with work.write() as db:
                changes = [_undone(db, item, problem) for item, problem in zip(items, problems, strict=True)]
                migration_items.change(db, work.migration_id, changes)


def clean_up(work: Work, storages: Storages) -> Iterator[list[Copy]]:
    """Doom the copies that the migration left behind, each after a look at the one that its file has now.

    Those are the source's copies of what was moved, and the target's of what was moved back. Yields groups of doomed
    copies, whose objects can go. Raises UnavailableError when a storage does not answer.
    """
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="migration-clean-up") as pool:
        for items in work.groups("switched", "undone"):
            with work.catalog.read() as db:
                current = [copies.get(db, item.current_copy_id or 0) for item in items]
            seen = list(pool.map(lambda copy, item: _look_closely(storages, copy, item), current, items))
            doomed: list[Copy] = []
            with work.write() as db:
                changes = [_cleaned(db, item, one, doomed) for item, one in zip(items, seen, strict=True)]
                migration_items.change(db, work.migration_id, changes)
            yield doomed


def _expect_answer(storage: Storage) -> None:
    status.expect_there(storage)
    failure = status.ask(storage).failure
    if failure is not None:
        raise failure


def _way_back(source: Storage, item: Item) -> str:
    """Say what keeps the source copy from being relied on."""
    if not item.source_key:
        return NO_WAY_BACK
    return _look(source, item.source_key, item)[0]


def _look_closely(storages: Storages, copy: Copy | None, item: Item) -> _Seen:
    """Look at a file's current copy as one does before another is deleted: where reading costs nothing, read it."""
    if copy is None:
        return _Seen(None)
    if copy.state != "verified":
        return _Seen(copy, NO_WAY_BACK)
    try:
        storage = storages.get(copy.storage_id)
    except UnavailableError as error:  # the settings no longer name it: this file's copies stay
        return _Seen(copy, str(error))
    status.expect_there(storage)
    problem, is_bad = _look(storage, copy.key, item, closely=True)
    return _Seen(copy, problem, is_bad=is_bad)


def _look(storage: Storage, key: str, item: Item, *, closely: bool = False) -> tuple[str, bool]:
    """Say what is wrong with an object, and whether it is the object's own fault. Raises UnavailableError."""
    try:
        if closely and storage.kind == "local":
            storage.verify(key, size=item.size, sha256=item.sha256)
        else:
            _compare(storage, key, item)
    except (ObjectNotFoundError, IntegrityError) as error:
        return str(error), True
    except UnavailableError:
        raise
    except StorageError as error:
        return str(error), False
    return "", False


def _compare(storage: Storage, key: str, item: Item) -> None:
    """Compare what a storage says of an object without reading it."""
    found = storage.stat(key).size
    if found != item.size:
        raise IntegrityError(f"{storage.label}: {key} has {found} bytes, not {item.size}")
    driver = storage.driver
    if (
        isinstance(driver, KeepsChecksums)
        and driver.keeps_checksums
        and driver.checksum(key) not in {None, item.sha256}
    ):
        raise IntegrityError(f"{storage.label}: {key} does not hold the file's bytes")


def _undone(db: Database, item: Item, problem: str) -> ItemChange:
    if item.current_copy_id is None:
        return item.changed("skipped", GONE)
    if item.current_copy_id == item.source_copy_id:
        return item.changed("undone")  # another migration brought it back
    if item.current_copy_id != item.target_copy_id:
        return item.changed("switched", MOVED_ON)
    switched_back = not problem and copies.switch(
        db, file_id=item.file_id, source_copy_id=item.target_copy_id, target_copy_id=item.source_copy_id
    )
    return item.changed("undone") if switched_back else item.changed("switched", problem or NO_WAY_BACK)


def _cleaned(db: Database, item: Item, seen: _Seen, doomed: list[Copy]) -> ItemChange:
    now = copies.current_or_none(db, item.file_id)
    if now is None:
        return item.changed("cleaned")  # the file was deleted, with all of its copies
    if seen.copy is None or now.id != seen.copy.id:
        return item.changed(item.state, MOVED_MEANWHILE)
    if seen.is_bad:
        copies.spoil(db, now.id)
    if seen.problem:
        return item.changed(item.state, seen.problem)
    left = item.source_copy_id if item.state == "switched" else item.target_copy_id
    doomed += copies.doom_spare(db, left or 0)
    return item.changed("cleaned")
