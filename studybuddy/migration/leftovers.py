"""What a migration leaves behind: the copies that its clean-up deletes, and until when they are kept."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from studybuddy.catalog import Database, migration_items
from studybuddy.catalog.migrations import Count, Migration
from studybuddy.errors import ConflictError
from studybuddy.storages import Storages
from studybuddy.units import parse_time

HOLD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Leftover:
    """Copies in one storage of files that are elsewhere now."""

    storage_id: int
    count: Count


def kept_until(ended_at: str) -> datetime:
    """Return until when the copies stay that a migration left behind which ended then."""
    return parse_time(ended_at) + HOLD


def leftovers(db: Database, migration: Migration) -> list[Leftover]:
    """Return what a migration that has ended left behind, the source's copies first."""
    if migration.ended_at is None or not migration.count("switched", "undone").files:
        return []
    found = migration_items.left_behind(db, migration.id)
    return [
        Leftover(storage_id, found[storage_id])
        for storage_id in (migration.source_id, migration.target_id)
        if storage_id in found
    ]


def expect_cleanable(migration: Migration, storages: Storages, *, now: bool) -> None:
    """Raise ConflictError where nothing can be deleted, or, unless told `now`, not yet."""
    if migration.state == "cleaned":
        raise ConflictError("Nothing of this migration is left to clean up", fix="Look at its items.")
    if migration.state not in {"done", "failed", "undone"} or migration.ended_at is None:
        raise ConflictError(f"Migration {migration.id} is {migration.state}", fix="Let it come to its end first.")
    storage = storages.get(migration.source_id if migration.count("switched").files else migration.target_id)
    if not storage.takes_files:
        raise ConflictError(f"{storage.label} is read only: nothing is deleted there", fix="Delete it there by hand.")
    until = kept_until(migration.ended_at)
    if not now and datetime.now(UTC) < until:
        raise ConflictError(
            f"The copies in {storage.label} are kept until {until:%Y-%m-%d}",
            fix="Wait until then, or have them deleted now (--now).",
        )
