"""What came of each backup, and which library this is."""

from dataclasses import dataclass

from sqlite_utils import Database

_KEPT = 100
_COLUMNS = "name, place, automatic, at, done, files, size, content, reason"


@dataclass(frozen=True, slots=True)
class BackupRecord:
    """What came of one backup."""

    name: str
    place: str  # for people
    automatic: bool
    at: str
    done: bool  # False: it failed
    files: int
    size: int  # bytes
    content: str  # the backup's, see there
    reason: str  # why it failed, or is not where it should be


def insert(db: Database, record: BackupRecord) -> None:
    """Note what came of a backup; the last hundred are kept."""
    values = [getattr(record, name) for name in _COLUMNS.split(", ")]
    cursor = db.execute(f"INSERT INTO backups ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    db.execute("DELETE FROM backups WHERE id <= ?", [int(cursor.lastrowid or 0) - _KEPT])


def last(db: Database) -> BackupRecord | None:
    """Return what came of the last backup, or None."""
    return _first(db, "ORDER BY id DESC")


def last_done(db: Database) -> BackupRecord | None:
    """Return the last backup that succeeded, or None."""
    return _first(db, "WHERE done ORDER BY id DESC")


def last_automatic(db: Database) -> BackupRecord | None:
    """Return the last backup that was made by itself and succeeded, or None."""
    return _first(db, "WHERE done AND automatic ORDER BY id DESC")


def library_id(db: Database) -> str:
    """Return what tells this library from another."""
    return str(db.execute("SELECT id FROM library").fetchone()[0])


def set_library_id(db: Database, library_id: str) -> None:
    """Be the library that was backed up."""
    db.execute("UPDATE library SET id = ?", [library_id])


def _first(db: Database, which: str) -> BackupRecord | None:
    row = db.execute(f"SELECT {_COLUMNS} FROM backups {which} LIMIT 1").fetchone()
    if row is None:
        return None
    name, place, automatic, at, done, *rest = row
    return BackupRecord(name, place, bool(automatic), at, bool(done), *rest)
