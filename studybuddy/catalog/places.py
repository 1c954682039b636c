"""Where everything is: each file in one storage, in several, waiting for another, or damaged."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

# What `files.place` says besides the id of the one storage that has a file.
SEVERAL, WAITING, DAMAGED = 0, -1, -2


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the library. Each file outside the trash is in exactly one."""

    place: int  # the id of the only storage that has these files, or SEVERAL, WAITING, DAMAGED
    files: int
    bytes: int


def parts(db: Database) -> tuple[Part, ...]:
    """Return the parts that hold files: damaged, waiting, in several storages, then in each alone."""
    rows = db.execute(
        """SELECT place, count(*), sum(size) FROM files INDEXED BY files_placed
        WHERE trashed_at IS NULL AND current_copy_id IS NOT NULL GROUP BY place ORDER BY place"""
    ).fetchall()
    return tuple(Part(*row) for row in rows)


def storages_of(db: Database, file_ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """Return by file the storages that have a good copy of it."""
    marks = ", ".join("?" * len(file_ids))
    rows = db.execute(
        f"""SELECT DISTINCT file_id, storage_id FROM copies
        WHERE state = 'verified' AND file_id IN ({marks}) ORDER BY storage_id""",
        list(file_ids),
    ).fetchall()
    found: dict[int, tuple[int, ...]] = dict.fromkeys(file_ids, ())
    for file_id, storage_id in rows:
        found[file_id] += (storage_id,)
    return found
