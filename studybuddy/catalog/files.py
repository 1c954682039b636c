"""Files: one row for each thing that a person added."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlite_utils import Database

from studybuddy.catalog.many import insert_rows, next_ids
from studybuddy.catalog.records import Duplicate, File
from studybuddy.catalog.words import sort_key
from studybuddy.errors import NotFoundError
from studybuddy.kinds import Kind
from studybuddy.units import utc_now

COLUMNS = """files.id, files.session_id, files.kind, files.name, files.content_type, files.size, files.sha256,
    files.duration_ms, files.wanted_storage_id, files.wanted_reason, files.current_copy_id, files.created_at,
    files.trashed_at, files.origin_url, files.upload_id, copies.storage_id"""
_WRITTEN = (
    "id", "session_id", "kind", "name", "name_key", "content_type", "size", "sha256", "duration_ms", "origin_url",
    "upload_id", "created_at",
)  # fmt: skip
JOIN = "files LEFT JOIN copies ON copies.id = files.current_copy_id"


@dataclass(frozen=True, slots=True)
class FileRow:
    """What is known of a file before its bytes are written."""

    session_id: int
    kind: Kind
    name: str
    content_type: str
    size: int  # bytes
    sha256: str
    duration_ms: int | None
    origin_url: str | None
    upload_id: str | None
    created_at: str | None = None  # None: now


def insert(db: Database, row: FileRow) -> int:
    """Write a file's row; it is shown once it has a current copy. Return its id."""
    return insert_all(db, [row])[0]


def insert_all(db: Database, rows: Sequence[FileRow]) -> range:
    """Write files' rows; return their ids."""
    ids, now = next_ids(db, "files", len(rows)), utc_now()
    insert_rows(
        db,
        "files",
        _WRITTEN,
        (
            (
                file_id, row.session_id, row.kind, row.name, sort_key(row.name), row.content_type, row.size, row.sha256,
                row.duration_ms, row.origin_url, row.upload_id, row.created_at or now,
            )
            for file_id, row in zip(ids, rows, strict=True)
        ),
    )  # fmt: skip
    return ids


def get(db: Database, file_id: int) -> File:
    """Return an acknowledged file, also from the trash; raise NotFoundError when there is none."""
    row = db.execute(
        f"SELECT {COLUMNS} FROM {JOIN} WHERE files.id = ? AND files.current_copy_id IS NOT NULL", [file_id]
    ).fetchone()
    if row is None:
        raise NotFoundError(f"There is no file {file_id}", fix="Look for it on the sessions page, or in the trash.")
    return File(*row)


def by_upload(db: Database, upload_id: str) -> File | None:
    """Return the file that came by this resumable upload, acknowledged or not."""
    row = db.execute(f"SELECT {COLUMNS} FROM {JOIN} WHERE files.upload_id = ?", [upload_id]).fetchone()
    return File(*row) if row else None


def of_copies(db: Database, copy_ids: Sequence[int]) -> dict[int, File]:
    """Return the files whose current copies these are, by the ids of the copies."""
    marks = ", ".join("?" * len(copy_ids))
    rows = db.execute(f"SELECT copies.id, {COLUMNS} FROM {JOIN} WHERE files.current_copy_id IN ({marks})", [*copy_ids])
    return {row[0]: File(*row[1:]) for row in rows}


def in_session(db: Database, session_id: int) -> list[File]:
    """Return a session's files that are not in the trash, and those linked into it, by kind and name."""
    rows = db.execute(
        f"""SELECT * FROM (
            SELECT {COLUMNS}, 0 AS linked FROM {JOIN}
            WHERE files.session_id = ? AND files.trashed_at IS NULL AND files.current_copy_id IS NOT NULL
            UNION ALL
            SELECT {COLUMNS}, 1 FROM {JOIN} JOIN links ON links.file_id = files.id
            WHERE links.session_id = ? AND files.trashed_at IS NULL AND files.current_copy_id IS NOT NULL
        ) ORDER BY kind, name, id""",
        [session_id, session_id],
    ).fetchall()
    return [replace(File(*row[:-1]), linked=bool(row[-1])) for row in rows]


def duplicates(db: Database, file_id: int, *, but_for: range = range(0), limit: int = 10) -> tuple[Duplicate, ...]:
    """Return the other live files that hold the same bytes, oldest first, but for those with some ids."""
    rows = db.execute(
        """SELECT other.id, other.name, other.session_id, sessions.title
        FROM files AS mine JOIN files AS other ON other.sha256 = mine.sha256 AND other.id <> mine.id
        JOIN sessions ON sessions.id = other.session_id
        WHERE mine.id = ? AND other.trashed_at IS NULL AND other.current_copy_id IS NOT NULL AND other.size = mine.size
            AND NOT (other.id >= ? AND other.id < ?)
        ORDER BY other.id LIMIT ?""",
        [file_id, but_for.start, but_for.stop, limit],
    ).fetchall()
    return tuple(Duplicate(*row) for row in rows)


def with_duplicates(db: Database, file_ids: Sequence[int], *, stop: int) -> set[int]:
    """Return which of these files have duplicates, but for those with ids from their own to `stop`."""
    rows = db.execute(
        """SELECT mine.id FROM json_each(?) CROSS JOIN files AS mine ON mine.id = value
        WHERE EXISTS (SELECT 1 FROM files AS other
            WHERE other.sha256 = mine.sha256 AND other.size = mine.size AND (other.id < mine.id OR other.id >= ?)
                AND other.trashed_at IS NULL AND other.current_copy_id IS NOT NULL)""",
        [json.dumps(file_ids), stop],
    ).fetchall()
    return {int(row[0]) for row in rows}


def update(db: Database, file_id: int, **columns: str | int | None) -> None:
    """Set columns of one file."""
    names = ", ".join(f"{name} = ?" for name in columns)
    db.execute(f"UPDATE files SET {names} WHERE id = ?", [*columns.values(), file_id])


def set_trashed(db: Database, file_ids: Sequence[int], trashed_at: str | None) -> None:
    """Put files in the trash, or take them out of it."""
    marks = ", ".join("?" * len(file_ids))
    db.execute(f"UPDATE files SET trashed_at = ? WHERE id IN ({marks})", [trashed_at, *file_ids])


def delete(db: Database, file_id: int) -> None:
    """Drop a file's row; its copies stay, without a file."""
    db.execute("DELETE FROM files WHERE id = ?", [file_id])


def trashed_before(db: Database, moment: str, *, limit: int = 500) -> list[int]:
    """Return the ids of files that went into the trash before `moment`."""
    rows = db.execute(
        "SELECT id FROM files WHERE trashed_at < ? ORDER BY trashed_at, id LIMIT ?", [moment, limit]
    ).fetchall()
    return [int(row[0]) for row in rows]


def never_acknowledged(db: Database) -> list[int]:
    """Return the ids of files that have neither a current copy nor one that is being written."""
    rows = db.execute(
        """SELECT id FROM files WHERE current_copy_id IS NULL
        AND NOT EXISTS (SELECT 1 FROM copies WHERE file_id = files.id AND state IN ('writing', 'verified'))"""
    ).fetchall()
    return [int(row[0]) for row in rows]


def ids_in_session(db: Database, session_id: int) -> list[int]:
    """Return the ids of all of a session's files, also of those in the trash or not acknowledged."""
    return [int(row[0]) for row in db.execute("SELECT id FROM files WHERE session_id = ?", [session_id]).fetchall()]


def trash_in_session(db: Database, session_id: int, trashed_at: str) -> None:
    """Put a session's files in the trash, but for those that are there already."""
    db.execute("UPDATE files SET trashed_at = ? WHERE session_id = ? AND trashed_at IS NULL", [trashed_at, session_id])


def restore_in_session(db: Database, session_id: int, trashed_at: str) -> None:
    """Take those of a session's files out of the trash that went in at this moment."""
    db.execute("UPDATE files SET trashed_at = NULL WHERE session_id = ? AND trashed_at = ?", [session_id, trashed_at])


def known(db: Database, file_ids: Sequence[int]) -> set[int]:
    """Return those of some ids that files have."""
    rows = db.execute("SELECT id FROM files WHERE id IN (SELECT value FROM json_each(?))", [json.dumps([*file_ids])])
    return {int(row[0]) for row in rows.fetchall()}


def bytes_of(db: Database, file_id: int) -> tuple[int, str]:
    """Return the size and SHA-256 of a file, acknowledged or not; raise NotFoundError when there is none."""
    row = db.execute("SELECT size, sha256 FROM files WHERE id = ?", [file_id]).fetchone()
    if row is None:
        raise NotFoundError(f"There is no file {file_id}")
    return int(row[0]), str(row[1])


def clear_wanted(db: Database, file_ids: Iterable[int], *, storage_id: int) -> None:
    """Take files out of the outbox when they are in the storage that they wanted."""
    db.execute(
        """UPDATE files SET wanted_storage_id = NULL, wanted_reason = ''
        WHERE id IN (SELECT value FROM json_each(?)) AND wanted_storage_id = ?""",
        [json.dumps([*file_ids]), storage_id],
    )


def by_storage(db: Database) -> dict[int, int]:
    """Return how many files are in each storage, the trash included."""
    rows = db.execute(
        """SELECT copies.storage_id, count(*) FROM files JOIN copies ON copies.id = files.current_copy_id
        GROUP BY copies.storage_id ORDER BY copies.storage_id"""
    ).fetchall()
    return {int(row[0]): int(row[1]) for row in rows}


def with_current_copy(db: Database, copy_ids: Sequence[int]) -> list[str]:
    """Return the name of each file whose current copy is one of these."""
    marks = ", ".join("?" * len(copy_ids))
    rows = db.execute(f"SELECT name FROM files WHERE current_copy_id IN ({marks})", list(copy_ids)).fetchall()
    return [str(row[0]) for row in rows]
