"""What a migration leaves behind: the copies that its clean-up deletes, and until when they are kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from studybuddy.catalog.migrations import Count, Migration
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


def leftovers(migration: Migration) -> list[Leftover]:
    """Return what a migration that has ended left behind."""
    if migration.ended_at is None:
        return []
    found = [
        Leftover(migration.source_id, migration.count("switched")),
        Leftover(migration.target_id, migration.count("undone")),
    ]
    return [one for one in found if one.count.files]
