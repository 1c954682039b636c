"""Undo and clean-up: the way back, and the end of it. Each object is looked at before anything relies on it."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from studybuddy.catalog import Database, copies, migrations
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.migrations import Item, ItemChange, ItemState
from studybuddy.catalog.records import Copy
from studybuddy.errors import StudyBuddyError
from studybuddy.migration.journal import CHANGED
from studybuddy.storage import Storage

_GROUP = 256
_AT_ONCE = 16


def undo(catalog: Catalog, migration_id: int, source: Storage) -> None:
    """Switch every moved file back to its source copy, after a look at it; no bytes move.

    A file whose source copy is gone stays where it is, and its item says so.
    """
    for items in _groups(catalog, migration_id, "switched"):
        problems = _look(source, [(item.source_key, item.size) for item in items])
        with catalog.write() as db:
            changes = [_undone(db, item, problem) for item, problem in zip(items, problems, strict=True)]
            migrations.change_items(db, migration_id, changes)


def clean_up(catalog: Catalog, migration_id: int, storage: Storage, *, state: ItemState) -> Iterator[list[Copy]]:
    """Doom the copies that the migration left behind, each after a look at the one that stays, which is in `storage`.

    `state`: `switched` to give up the source copies, `undone` to give up the target's. Yields groups of doomed copies,
    whose objects can go.
    """
    for items in _groups(catalog, migration_id, state):
        kept = [(item.target_key if state == "switched" else item.source_key, item.size) for item in items]
        problems = _look(storage, kept)
        with catalog.write() as db:
            doomed: list[Copy] = []
            changes = [_cleaned(db, item, problem, doomed) for item, problem in zip(items, problems, strict=True)]
            migrations.change_items(db, migration_id, changes)
        yield doomed


def _groups(catalog: Catalog, migration_id: int, state: ItemState) -> Iterator[list[Item]]:
    position = 0
    while True:
        with catalog.read() as db:
            items = migrations.items(db, migration_id, states=[state], limit=_GROUP, after=position)
        if not items:
            return
        position = items[-1].position
        yield items


def _look(storage: Storage, objects: Sequence[tuple[str | None, int]]) -> list[str]:
    """Say of each object what keeps it from being relied on; nothing when it is there and has its size."""

    def look(wanted: tuple[str | None, int]) -> str:
        key, size = wanted
        if not key:
            return CHANGED
        try:
            found = storage.stat(key).size
        except StudyBuddyError as error:
            return str(error)
        return "" if found == size else f"{storage.label}: {key} has {found} bytes, not {size}"

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="migration-look") as pool:
        return list(pool.map(look, objects))


def _undone(db: Database, item: Item, problem: str) -> ItemChange:
    if problem:
        return item.changed("switched", problem)
    switched_back = copies.switch(
        db, file_id=item.file_id, source_copy_id=item.target_copy_id or 0, target_copy_id=item.source_copy_id
    )
    return item.changed("undone") if switched_back else item.changed("skipped", CHANGED)


def _cleaned(db: Database, item: Item, problem: str, doomed: list[Copy]) -> ItemChange:
    if problem:
        return item.changed(item.state, problem)
    left = item.source_copy_id if item.state == "switched" else item.target_copy_id
    doomed += copies.doom_spare(db, left or 0)
    return item.changed("cleaned")
