"""Opening the catalog: short connections, one writer at a time, upgraded with a copy kept."""

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from sqlite_utils import Database

from studybuddy.catalog import folding, passages, words
from studybuddy.catalog.database import plain
from studybuddy.catalog.schema import step_names, steps
from studybuddy.errors import CatalogError, NoSpaceError, StudyBuddyError
from studybuddy.slices import no_space
from studybuddy.streams import copy, sync_file, sync_folder

log = logging.getLogger(__name__)

_WAIT_S = 30
_CACHE_KIB = 16 * 1024
_LOG_PAGES = 4000  # of the write-ahead log, before they go into the catalog itself: few transactions wait for that
_SETTINGS = (
    "synchronous = FULL",
    "foreign_keys = ON",
    f"cache_size = -{_CACHE_KIB}",
    f"wal_autocheckpoint = {_LOG_PAGES}",
)


class Catalog:
    """The SQLite file at `path`. Each `read` or `write` is one short connection, for one thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._turn = threading.Lock()
        self._write_lock = FileLock(path.with_suffix(".lock"), timeout=_WAIT_S, poll_interval=0.002)
        self._anchor: sqlite3.Connection | None = None

    def prepare(self) -> None:
        """Create the catalog, or bring an older one up to date after keeping a copy of it.

        Raises CatalogError when it was made by newer code, or is not a catalog; then it is left as it was.
        """
        self.close()
        with self._one_writer():
            if self.path.exists():
                self._check()
            with self._connection() as db:
                _set(db, "journal_mode = WAL")
                self._upgrade(db)
                # SQLite drops its write-ahead log when the last connection closes; an idle one keeps that off our path.
                self._anchor = sqlite3.connect(self.path, check_same_thread=False)
                self._anchor.execute("SELECT count(*) FROM sqlite_master").fetchall()

    def replace_by(self, new: Path, *, aside: Path) -> None:
        """Put another catalog's finished file in this one's place; this one is kept at `aside`, when there is one.

        Nobody may have this one open.
        """
        with self._one_writer(), no_space():
            for end in ("", "-wal"):
                old = self.path.with_name(self.path.name + end)
                if old.exists():
                    _copy_durably(old, aside.with_name(aside.name + end))
            # Before the new one comes: an old log beside it would be taken for its own.
            for end in ("-wal", "-shm"):
                self.path.with_name(self.path.name + end).unlink(missing_ok=True)
            sync_folder(self.path.parent)
            new.replace(self.path)
            sync_folder(self.path.parent)

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
        """Open one transaction; commit at the end, roll back when the body raises. Never open one inside another."""
        with self._one_writer(), self._connection() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                passages.settle(db)
            except BaseException:
                db.rollback()
                raise
            db.commit()

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=_WAIT_S):
            raise self._busy()
        try:
            self._lock_file()
            try:
                yield
            finally:
                self._write_lock.release()
        finally:
            self._turn.release()

    def _lock_file(self) -> None:
        try:
            with no_space():
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._write_lock.acquire()
        except Timeout as error:
            raise self._busy() from error
        except OSError as error:
            raise CatalogError(
                f"The catalog {self.path} cannot be used: {error.strerror}", fix="Look at the folder's permissions."
            ) from error

    def _busy(self) -> CatalogError:
        return CatalogError(
            f"Something else has been writing to the catalog {self.path} for {_WAIT_S} seconds",
            fix="Wait until it is done, or end it, and try again.",
        )

    @contextmanager
    def _connection(self) -> Iterator[Database]:
        with translated(self.path), closing(sqlite3.connect(self.path, timeout=_WAIT_S, isolation_level=None)) as conn:
            words.register(conn)
            folding.register(conn)
            db = plain(conn)
            for setting in _SETTINGS:
                _set(db, setting)
            yield db

    def _check(self) -> None:
        uri = f"{self.path.absolute().as_uri()}?mode=ro"
        with translated(self.path), closing(sqlite3.connect(uri, uri=True, timeout=_WAIT_S)) as conn:
            db = plain(conn)
            applied = {step.name for step in steps.applied(db)}
            if not applied and db.table_names():
                raise CatalogError(
                    f"{self.path} is a database of another program", fix="Set STUDY_BUDDY_DATA to another folder."
                )
        if newer := sorted(applied - step_names()):
            raise CatalogError(
                f"The catalog {self.path} was made by a newer Study Buddy (it has {newer[-1]})",
                fix="Update Study Buddy, or put back the copy of the catalog that it kept when it was upgraded.",
            )

    def _upgrade(self, db: Database) -> None:
        applied = [step.name for step in steps.applied(db)]
        pending = [step.name for step in steps.pending(db)]
        if not pending:
            return
        if applied:
            self._keep_copy(db, last=max(applied))
        with db.atomic():  # all of them or none, and one wait for the disk
            steps.apply(db)
        log.info("catalog brought up to %s", pending[-1])

    def _keep_copy(self, db: Database, *, last: str) -> None:
        kept = self.path.with_name(f"{self.path.stem}.before-upgrade-from-{last}.db")
        part = kept.with_suffix(".part")
        with closing(sqlite3.connect(part)) as target:
            db.conn.backup(target)
        part.replace(kept)
        log.info("kept the older catalog as %s", kept)


def _copy_durably(source: Path, target: Path) -> None:
    part = target.with_name(f"{target.name}.part")
    with source.open("rb") as reading, part.open("wb") as writing:
        copy(reading, writing)
        sync_file(writing)
    part.replace(target)


def _set(db: Database, pragma: str) -> None:
    db.execute(f"PRAGMA {pragma}").fetchall()


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn what SQLite says of the file at `path` into our errors."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        ours = _ours(error, path)
        if ours is None:
            raise
        raise ours from error


def _ours(error: sqlite3.DatabaseError, path: Path) -> StudyBuddyError | None:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return NoSpaceError("This computer's disk is full: the catalog could not be written", fix="Free some space.")
    if code in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
        return CatalogError(f"{path} is damaged or not a catalog: {error}", fix="Put back a copy of the catalog.")
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR}:
        return CatalogError(f"The catalog {path} cannot be used: {error}", fix="Look at the folder's permissions.")
    return None
