"""Snapshots: whole copies of the catalog as it was at one moment."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from studybuddy.catalog import backups
from studybuddy.catalog.connection import Catalog, translated
from studybuddy.catalog.database import plain
from studybuddy.catalog.schema import steps
from studybuddy.errors import CatalogError

_PAGES = 1024  # at a time
_SHOWN = 3

Told = Callable[[int, int], None]  # how much is done, of how much


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a snapshot holds. Files and bytes include the trash."""

    library: str  # which one
    step: str  # the last schema step
    sessions: int
    lectures: int
    files: int
    bytes: int


def take(catalog: Catalog, path: Path, told: Told) -> Snapshot:
    """Copy the catalog to `path` while others go on writing, and check the copy."""
    with catalog.read() as db, translated(path), closing(sqlite3.connect(path)) as copy:
        # What is read first fixes the moment: without it, each write of another would begin the copy anew.
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        db.conn.backup(copy, pages=_PAGES, progress=lambda _, left, of: told(of - left, of))
        # One file, without a log beside it.
        copy.execute("PRAGMA journal_mode = DELETE").fetchall()
    check(path)
    with opened(path) as db:
        return _describe(db)


def check(path: Path) -> None:
    """Raise CatalogError when a snapshot is damaged."""
    with opened(path) as db:
        problems = [str(row[0]) for row in db.execute("PRAGMA integrity_check").fetchall() if row[0] != "ok"]
        problems += [f"{row[0]} refers to what is not there" for row in db.execute("PRAGMA foreign_key_check")]
    if problems:
        raise CatalogError(
            f"The snapshot of the catalog is damaged: {'; '.join(problems[:_SHOWN])}",
            fix="If it was just made, the catalog itself is damaged: recover it from an older backup.",
        )


def bring_up(path: Path) -> None:
    """Make a catalog of a snapshot, brought up to what this code needs; raise CatalogError for a newer one."""
    check(path)
    catalog = Catalog(path)
    catalog.prepare()
    catalog.close()


def holds_something(path: Path) -> bool:
    """Tell whether a catalog may hold what a person would miss: any session, or what cannot be read."""
    catalog = Catalog(path)
    if not path.exists():
        return False
    try:
        with catalog.read() as db:
            return bool(db.execute("SELECT EXISTS (SELECT 1 FROM sessions)").fetchone()[0])
    except (CatalogError, sqlite3.DatabaseError):
        return True


@contextmanager
def opened(path: Path) -> Iterator[Database]:
    """Open a snapshot for reading; nothing is written beside it."""
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    with translated(path), closing(sqlite3.connect(uri, uri=True)) as conn:
        yield plain(conn)


def _describe(db: Database) -> Snapshot:
    def number(query: str) -> int:
        return int(db.execute(query).fetchone()[0])

    return Snapshot(
        library=backups.library_id(db),
        step=max(step.name for step in steps.applied(db)),
        sessions=number("SELECT count(*) FROM sessions"),
        lectures=number("SELECT count(*) FROM lectures"),
        files=number("SELECT count(*) FROM files WHERE current_copy_id IS NOT NULL"),
        bytes=number("SELECT coalesce(sum(size), 0) FROM files WHERE current_copy_id IS NOT NULL"),
    )
