"""The outbox: files that wait for another storage than the one they are in, and when each is tried again."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlite_utils import Database

from studybuddy.catalog import copies, files, lists
from studybuddy.catalog.records import Copy, File, Page
from studybuddy.units import TIME_FORMAT

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 5, 3600


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file in the outbox."""

    file: File
    reason: str
    tries: int  # in vain, since it was saved where it is
    next_try_at: str | None  # None: as soon as the app looks


@dataclass(frozen=True, slots=True)
class Pause:
    """A storage that the outbox leaves alone for now."""

    storage_id: int
    tries: int
    next_try_at: str
    reason: str


def page(db: Database, *, limit: int = 50, after: str | None = None) -> Page[Waiting]:
    """List what waits and is not in the trash, the last added first."""
    found = lists.files_page(db, lists.FilesFilter(outbox=True), limit=limit, after=after)
    paused = {pause.storage_id: pause for pause in pauses(db)}
    tried = _tried(db, [file.id for file in found.rows])
    rows = tuple(_waiting(file, paused.get(file.wanted_storage_id or 0), tried.get(file.id)) for file in found.rows)
    return Page(rows, found.next)


def count(db: Database) -> int:
    """Return how many files wait outside the trash."""
    row = db.execute(
        """SELECT count(*) FROM files
        WHERE wanted_storage_id IS NOT NULL AND trashed_at IS NULL AND current_copy_id IS NOT NULL"""
    ).fetchone()
    return int(row[0])


def targets(db: Database) -> list[int]:
    """Return the storages that files wait for."""
    rows = db.execute(
        "SELECT id FROM storages WHERE EXISTS (SELECT 1 FROM files WHERE wanted_storage_id = storages.id) ORDER BY id"
    ).fetchall()
    return [int(row[0]) for row in rows]


def pauses(db: Database) -> list[Pause]:
    """Return the storages that were tried in vain, also those whose pause is over."""
    rows = db.execute("SELECT storage_id, tries, next_try_at, reason FROM outbox_storages").fetchall()
    return [Pause(*row) for row in rows]


def movable(  # noqa: PLR0913
    db: Database,
    storage_id: int,
    *,
    after: int = 0,
    limit: int,
    now: str | None,
    only: Sequence[int] | None = None,
) -> list[tuple[File, Copy]]:
    """Return files behind the id `after` that can move to a storage, each with the copy to move from.

    Only those that are due at `now`; None: all. Those in the trash stay, and so does what has no good copy to move.
    """
    rows = db.execute(
        """SELECT files.id FROM files INDEXED BY files_wanted JOIN copies ON copies.id = files.current_copy_id
        WHERE files.wanted_storage_id = :storage AND files.id > :after AND files.trashed_at IS NULL
        AND copies.state = 'verified' AND copies.storage_id <> :storage
        AND (:only IS NULL OR files.id IN (SELECT value FROM json_each(:only)))
        AND (:now IS NULL OR NOT EXISTS
            (SELECT 1 FROM outbox_files WHERE file_id = files.id AND next_try_at > :now))
        ORDER BY files.id LIMIT :limit""",
        {
            "storage": storage_id, "after": after, "limit": limit, "now": now,
            "only": None if only is None else json.dumps(list(only)),
        },
    ).fetchall()  # fmt: skip
    return [(files.get(db, file_id), copies.current(db, file_id)) for (file_id,) in rows]


def arrive(db: Database, *, source: Copy, target: Copy) -> bool:
    """Make a file's copy in the storage that it waited for the current one, and doom the one it came from.

    Tell whether that was still wanted; the target is doomed otherwise.
    """
    wanted = target.file_id is not None and _wanted_by(db, target.file_id) == target.storage_id
    if not wanted or not copies.switch(
        db, file_id=target.file_id or 0, source_copy_id=source.id, target_copy_id=target.id
    ):
        copies.doom(db, target.id)
        return False
    copies.doom(db, source.id)
    leave(db, target.file_id or 0)
    return True


def leave(db: Database, file_id: int) -> None:
    """Let a file wait no longer."""
    files.update(db, file_id, wanted_storage_id=None, wanted_reason="")
    db.execute("DELETE FROM outbox_files WHERE file_id = ?", [file_id])


def arrived(db: Database) -> list[int]:
    """Return the files that are in the storage that they wait for: something else has brought them there."""
    rows = db.execute(
        """SELECT id FROM files INDEXED BY files_wanted
        WHERE wanted_storage_id IS NOT NULL AND storage_id = wanted_storage_id"""
    ).fetchall()
    return [int(row[0]) for row in rows]


def put_off_file(db: Database, file_id: int, reason: str) -> None:
    """Try a file again later, and later still each time."""
    row = db.execute("SELECT tries FROM outbox_files WHERE file_id = ?", [file_id]).fetchone()
    tries = 1 + (int(row[0]) if row else 0)
    db.execute("INSERT OR REPLACE INTO outbox_files VALUES (?, ?, ?)", [file_id, tries, _next_try(tries)])
    files.update(db, file_id, wanted_reason=reason)


def put_off_storage(db: Database, storage_id: int, reason: str) -> None:
    """Try a storage again later, and later still each time."""
    row = db.execute("SELECT tries FROM outbox_storages WHERE storage_id = ?", [storage_id]).fetchone()
    tries = 1 + (int(row[0]) if row else 0)
    values = [storage_id, tries, _next_try(tries), reason]
    db.execute("INSERT OR REPLACE INTO outbox_storages VALUES (?, ?, ?, ?)", values)


def resume_storage(db: Database, storage_id: int) -> None:
    """Forget a storage's pause: it answers."""
    db.execute("DELETE FROM outbox_storages WHERE storage_id = ?", [storage_id])


def _next_try(tries: int) -> str:
    seconds = min(_FIRST_PAUSE_S * 2 ** min(tries - 1, 20), _LONGEST_PAUSE_S)
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime(TIME_FORMAT)


def _wanted_by(db: Database, file_id: int) -> int | None:
    row = db.execute("SELECT wanted_storage_id FROM files WHERE id = ?", [file_id]).fetchone()
    return row[0] if row else None


def _waiting(file: File, pause: Pause | None, tried: tuple[int, str] | None) -> Waiting:
    tries, next_try_at = tried or (0, None)
    if pause is None:
        return Waiting(file, file.wanted_reason, tries, next_try_at)
    return Waiting(file, pause.reason, max(tries, pause.tries), max(pause.next_try_at, next_try_at or ""))


def _tried(db: Database, file_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    marks = ", ".join("?" * len(file_ids))
    rows = db.execute(
        f"SELECT file_id, tries, next_try_at FROM outbox_files WHERE file_id IN ({marks})", list(file_ids)
    ).fetchall()
    return {row[0]: (row[1], row[2]) for row in rows}
