"""Opening the catalog: short connections, one writer at a time, upgraded with a copy kept."""

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock
from sqlite_utils import Database

from studybuddy.catalog.schema import steps
from studybuddy.errors import CatalogError, NoSpaceError

log = logging.getLogger(__name__)

_WAIT_S = 30
_CACHE_KIB = 16 * 1024


class Catalog:
    """The SQLite file at `path`. Each `read` or `write` is one short connection, for one thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._turn = threading.Lock()
        self._write_lock = FileLock(path.with_suffix(".lock"), timeout=_WAIT_S, poll_interval=0.002)
        self._anchor: sqlite3.Connection | None = None

    def prepare(self) -> None:
        """Create the catalog, or bring an older one up to date after keeping a copy of it.

        Raises CatalogError when it was made by newer code, or is not a catalog.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._turn, self._write_lock, self._connection() as db:
            _set(db, "journal_mode = WAL")
            self._upgrade(db)
        # SQLite drops its write-ahead log whenever the last connection closes; an idle one keeps that off our path.
        self._anchor = sqlite3.connect(self.path, check_same_thread=False)
        self._anchor.execute("SELECT count(*) FROM sqlite_master").fetchone()

    def close(self) -> None:
        """Let go of the file."""
        if self._anchor is not None:
            self._anchor.close()
            self._anchor = None

    @contextmanager
    def read(self) -> Iterator[Database]:
        """Open a consistent view of the catalog for reading."""
        with self._connection() as db:
            db.execute("BEGIN")
            yield db

    @contextmanager
    def write(self) -> Iterator[Database]:
        """Open one transaction; commit at the end, roll back when the body raises."""
        with self._turn, self._write_lock, self._connection() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.rollback()
                raise
            db.commit()

    @contextmanager
    def _connection(self) -> Iterator[Database]:
        connection = None
        try:
            connection = sqlite3.connect(self.path, timeout=_WAIT_S, isolation_level=None)
            db = Database(connection)
            for pragma in ("synchronous = FULL", "foreign_keys = ON", f"cache_size = -{_CACHE_KIB}"):
                _set(db, pragma)
            yield db
        except sqlite3.DatabaseError as error:
            raise _ours(error, self.path) from error
        finally:
            if connection is not None:
                connection.close()

    def _upgrade(self, db: Database) -> None:
        applied = {step.name for step in steps.applied(db)}
        pending = [step.name for step in steps.pending(db)]
        known = {step.name for step in steps._migrations}
        if newer := sorted(applied - known):
            raise CatalogError(
                f"The catalog {self.path} was made by a newer Study Buddy (it has {newer[-1]})",
                fix="Update Study Buddy, or put back the copy of the catalog that it kept when it was upgraded.",
            )
        if not pending:
            return
        if applied:
            self._keep_copy(db, last=max(applied))
        steps.apply(db)
        log.info("catalog brought up to %s", pending[-1])

    def _keep_copy(self, db: Database, *, last: str) -> None:
        kept = self.path.with_name(f"{self.path.stem}.before-upgrade-from-{last}.db")
        with sqlite3.connect(kept) as target:
            db.conn.backup(target)
        target.close()
        log.info("kept the older catalog as %s", kept)


def _set(db: Database, pragma: str) -> None:
    db.execute(f"PRAGMA {pragma}").fetchall()


def _ours(error: sqlite3.DatabaseError, path: Path) -> Exception:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return NoSpaceError("This computer's disk is full: the catalog could not be written", fix="Free some space.")
    if code in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
        return CatalogError(f"{path} is damaged or not a catalog: {error}", fix="Put back a copy of the catalog.")
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR}:
        return CatalogError(f"The catalog {path} cannot be used: {error}", fix="Look at the folder's permissions.")
    return error
