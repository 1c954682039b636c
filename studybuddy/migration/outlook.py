"""What is to be expected of a plan before anything moves: how long it takes, and what stands in its way."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from studybuddy import status
from studybuddy.catalog import migration_items, migrations
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.migrations import Count, Item, Migration
from studybuddy.errors import StorageError
from studybuddy.migration import price, sample
from studybuddy.migration.price import MovePrice
from studybuddy.status import Answer
from studybuddy.storage import Storage
from studybuddy.storages import Storages
from studybuddy.units import count_text, size_text

_PLACES, _AT_EACH = 8, 12  # where in the plan's order the sample is taken


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a look at both storages told."""

    seconds: float | None  # about how long it takes; None: nothing is to move, or nothing could be copied
    problems: tuple[str, ...] = ()  # sentences: what happened and what to do
    notes: tuple[str, ...] = ()  # sentences: what a person should know
    price: MovePrice | None = None  # None: neither storage's prices are known


def look(catalog: Catalog, migration: Migration, source: Storage, target: Storage) -> Outlook:
    """Copy a few of the planned files to measure how long all of them take, and look what stands in their way."""
    with ThreadPoolExecutor(2, thread_name_prefix="migration-outlook") as pool:
        of_source, of_target = pool.map(_asked, (source, target))
    to_be_made = of_target.to_be_made  # looked at without making it
    silent = (*_silent(source, of_source), *(() if to_be_made else _silent(target, of_target)))
    no_room = _no_room(catalog, migration, target, free=of_target.free_bytes)
    problems = (*silent, *no_room, *_conflicts(catalog, migration))
    cost = price.look_up(catalog, migration, source, target)
    seconds = None if silent or to_be_made else _seconds(catalog, migration, source, target)
    notes = [to_be_made] if to_be_made else []
    if cost is None and _to_copy(catalog, migration):
        notes += _unpriced(source, target)
    return Outlook(seconds, problems, tuple(notes), cost)


def _seconds(catalog: Catalog, migration: Migration, source: Storage, target: Storage) -> float | None:
    """Measure how long it takes; None when nothing could be copied."""
    speed = sample.measure(_some(catalog, migration.id), source, target)
    if speed is None:
        return None
    left, copied = migration.count("todo", "copying"), _to_copy(catalog, migration)
    return speed.seconds(left.files, copied, bytes_per_second=migration.bytes_per_second)


def _unpriced(*storages: Storage) -> Iterator[str]:
    unknown = " and ".join(storage.label for storage in storages if storage.kind != "local")
    if unknown:
        yield f"What {unknown} may charge is not known here: no price is shown."


def _silent(storage: Storage, answer: Answer) -> Iterator[str]:
    if answer.failure is not None:
        yield f"{storage.label} cannot be used now: {answer.failure}. {answer.failure.fix}".strip()


def can_go_on(storages: Storages, migration: Migration) -> bool:
    """Tell whether both of a migration's storages can be used now."""
    ends = [storages.opened.get(storage_id) for storage_id in (migration.source_id, migration.target_id)]
    return all(storage is not None and _asked(storage).failure is None for storage in ends)


def _asked(storage: Storage) -> Answer:
    """Ask a storage whether it can be used now."""
    try:
        status.expect_there(storage)
    except StorageError as error:
        return Answer(0.0, failure=error)
    return status.ask(storage)


def _no_room(catalog: Catalog, migration: Migration, target: Storage, *, free: int | None) -> Iterator[str]:
    wanted = _to_copy(catalog, migration)
    if free is not None and free < wanted:
        yield (
            f"{size_text(wanted)} do not fit {target.label}, where {size_text(free)} are free. "
            "Make room there, or move less."
        )


def _conflicts(catalog: Catalog, migration: Migration) -> Iterator[str]:
    with catalog.read() as db:
        waiting = migration_items.meant_for_another(db, migration.id)
        contested = migration_items.contested(db, migration.id)
    if waiting.files:
        yield (
            f"In the outbox for another storage: {_files(waiting)}. Whichever moves one of them first has it; the "
            "other leaves it alone."
        )
    if contested.files:
        yield f"In another migration as well: {_files(contested)}. The first to move one of them has it."


def _to_copy(catalog: Catalog, migration: Migration) -> int:
    with catalog.read() as db:
        there = migration_items.already_there(db, migration.id)
    return migration.count("todo", "copying").bytes - there.bytes


def _some(catalog: Catalog, migration_id: int) -> list[Item]:
    """Return items from all over the plan."""
    with catalog.read() as db:
        last = migration_items.last_position(db, migration_id)
        found = {
            item.position: item
            for place in range(_PLACES)
            for item in migrations.items(
                db, migration_id, states=["todo"], limit=_AT_EACH, after=last * place // _PLACES
            )
        }
    return list(found.values())


def _files(count: Count) -> str:
    return f"{count_text(count.files, 'file')} ({size_text(count.bytes)})"
