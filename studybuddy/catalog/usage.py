"""What was held, counted and seen, by storage: what a bill is made of. All of it is kept in sums, by day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlite_utils import Database

from studybuddy.units import utc_now


@dataclass(frozen=True, slots=True)
class Band:
    """The objects of one storage that have about the same size."""

    storage_id: int
    least: int  # bytes; up to the next band's
    objects: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Day:
    """What came to one storage on a day less what went, and what went."""

    storage_id: int
    day: date  # UTC
    objects: int
    bytes: int
    gone_bytes: int
    byte_hours: int  # of this day alone


def bands(db: Database) -> list[Band]:
    """Return what every storage holds now, by size."""
    rows = db.execute(
        """SELECT storage_id, least, sum(objects), sum(bytes) FROM held_days
        GROUP BY storage_id, least HAVING sum(objects) > 0 ORDER BY storage_id, least"""
    ).fetchall()
    return [Band(*row) for row in rows]


def days(db: Database, *, since: date) -> list[Day]:
    """Return every day from `since` on when something came or went."""
    rows = db.execute(
        """SELECT storage_id, day, sum(objects), sum(bytes), sum(gone_bytes), sum(byte_hours) FROM held_days
        WHERE day >= ? GROUP BY storage_id, day ORDER BY storage_id, day""",
        [str(since)],
    ).fetchall()
    return [Day(storage_id, date.fromisoformat(day), *sums) for storage_id, day, *sums in rows]


def add_counts(db: Database, url: str, counts: Iterable[tuple[str, str, int]]) -> None:
    """Add what was counted in the storage with this identity: a day, what, and how much."""
    db.conn.executemany(
        """INSERT INTO counts SELECT id, ?, ?, ? FROM storages WHERE url = ?
        ON CONFLICT DO UPDATE SET amount = amount + excluded.amount""",
        [(*count, url) for count in counts],
    )


def counts(db: Database, *, since: date) -> dict[int, dict[str, int]]:
    """Return what was counted from a day on, by storage and by what it is."""
    rows = db.execute(
        "SELECT storage_id, what, sum(amount) FROM counts WHERE day >= ? GROUP BY storage_id, what", [str(since)]
    ).fetchall()
    found: dict[int, dict[str, int]] = {}
    for storage_id, what, amount in rows:
        found.setdefault(storage_id, {})[what] = amount
    return found


def first_days(db: Database) -> dict[int, date]:
    """Return the first day that anything is known of each storage."""
    rows = db.execute(
        """SELECT storage_id, min(day) FROM
        (SELECT storage_id, day FROM held_days UNION ALL SELECT storage_id, day FROM counts) GROUP BY storage_id"""
    ).fetchall()
    return {storage_id: date.fromisoformat(day) for storage_id, day in rows}


def note_sightings(db: Database, storage_id: int, seen: Mapping[str, int]) -> None:
    """Keep what was just seen in a storage, instead of what was seen before."""
    db.conn.executemany(
        "INSERT OR REPLACE INTO sightings VALUES (?, ?, ?, ?)",
        [(storage_id, what, amount, utc_now()) for what, amount in seen.items()],
    )


def sightings(db: Database) -> dict[int, dict[str, int]]:
    """Return what was last seen in each storage."""
    found: dict[int, dict[str, int]] = {}
    for storage_id, what, amount in db.execute("SELECT storage_id, what, amount FROM sightings").fetchall():
        found.setdefault(storage_id, {})[what] = amount
    return found
