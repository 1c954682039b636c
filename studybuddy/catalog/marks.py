"""Notes and bookmarks: what a person wrote at a moment of a recording, and moments worth coming back to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sqlite_utils import Database

from studybuddy.catalog import cursors
from studybuddy.catalog.records import Page
from studybuddy.errors import NotFoundError
from studybuddy.units import utc_now

MarkKind = Literal["note", "bookmark"]
_TABLES: dict[MarkKind, str] = {"note": "notes", "bookmark": "bookmarks"}
_COLUMNS = "id, file_id, at_ms, text, created_at, updated_at"


@dataclass(frozen=True, slots=True)
class Mark:
    """A note or a bookmark."""

    id: int
    file_id: int | None  # of the recording; None: it was deleted, the lecture keeps the mark
    at_ms: int
    text: str
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class Told:
    """A mark with where it belongs, for exports."""

    kind: MarkKind
    at_ms: int
    text: str
    created_at: str
    file_id: int | None
    recording: str  # the lecture's title, else the file's name
    recorded_on: str | None
    session: str


def insert(db: Database, kind: MarkKind, *, file_id: int, at_ms: int, text: str) -> int:
    """Write a mark's row; return its id."""
    now = utc_now()
    cursor = db.execute(
        f"INSERT INTO {_TABLES[kind]} (file_id, at_ms, text, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
        [file_id, at_ms, text, now, now],
    )
    return int(cursor.lastrowid or 0)


def get(db: Database, kind: MarkKind, mark_id: int) -> Mark:
    """Return one mark; raise NotFoundError when there is none."""
    row = db.execute(f"SELECT {_COLUMNS} FROM {_TABLES[kind]} WHERE id = ?", [mark_id]).fetchone()
    if row is None:
        raise NotFoundError(f"There is no {kind} {mark_id}", fix="Open its recording and choose it there.")
    return Mark(*row)


def update(db: Database, kind: MarkKind, mark_id: int, **columns: str | int) -> None:
    """Set columns of one mark."""
    names = ", ".join(f"{name} = ?" for name in columns)
    sql = f"UPDATE {_TABLES[kind]} SET {names}, updated_at = ? WHERE id = ?"
    db.execute(sql, [*columns.values(), utc_now(), mark_id])


def delete(db: Database, kind: MarkKind, mark_id: int) -> None:
    """Drop one mark."""
    db.execute(f"DELETE FROM {_TABLES[kind]} WHERE id = ?", [mark_id])


def of_file(db: Database, kind: MarkKind, file_id: int, *, limit: int, after: str | None = None) -> Page[Mark]:
    """Return a part of a recording's marks, in the order of their moments."""
    at_ms, mark_id = cursors.decode(after, "at", int, int) if after else (-1, 0)
    rows = db.execute(
        f"""SELECT {_COLUMNS} FROM {_TABLES[kind]} WHERE file_id = ? AND (at_ms, id) > (?, ?)
        ORDER BY at_ms, id LIMIT ?""",
        [file_id, at_ms, mark_id, limit + 1],
    ).fetchall()
    found = tuple(Mark(*row) for row in rows[:limit])
    return Page(found, cursors.encode("at", found[-1].at_ms, found[-1].id) if len(rows) > limit else None)


def count_without_recording(db: Database, lecture_id: int) -> int:
    """Return how many notes and bookmarks a lecture keeps whose recording was deleted."""
    sql = " UNION ALL ".join(f"SELECT id FROM {table} WHERE lecture_id = :lecture" for table in _TABLES.values())
    return int(db.execute(f"SELECT count(*) FROM ({sql})", {"lecture": lecture_id}).fetchone()[0])


def told(db: Database, *, session_id: int | None = None, file_id: int | None = None) -> Iterator[Told]:
    """Yield the marks of a session, of a recording or of all outside the trash, by session, recording and moment."""
    asked = {"session": session_id, "file": file_id}
    parts = " UNION ALL ".join(_told_of(kind, asked) for kind in _TABLES)
    rows = db.execute(
        f"SELECT kind, at_ms, text, created_at, file_id, recording, recorded_on, session FROM ({parts}) "
        "ORDER BY session_id, recorded_on, lecture_id, file_id, at_ms, kind, id",
        asked,
    )
    yield from (Told(*row) for row in rows)


def _told_of(kind: MarkKind, asked: dict[str, int | None]) -> str:
    where = "1"
    if asked["file"] is not None:
        where = "marks.file_id = :file"
    elif asked["session"] is not None:
        where = """(marks.file_id IN (SELECT id FROM files WHERE session_id = :session)
            OR marks.lecture_id IN (SELECT id FROM lectures WHERE session_id = :session))"""
    return f"""SELECT '{kind}' AS kind, marks.id, marks.at_ms, marks.text, marks.created_at, marks.file_id,
            coalesce(lectures.title, files.name) AS recording, lectures.id AS lecture_id, lectures.recorded_on,
            sessions.title AS session, sessions.id AS session_id
        FROM {_TABLES[kind]} AS marks LEFT JOIN files ON files.id = marks.file_id
        LEFT JOIN lectures ON lectures.id = coalesce(marks.lecture_id,
            (SELECT min(of_file.id) FROM lectures AS of_file WHERE of_file.audio_file_id = marks.file_id))
        JOIN sessions ON sessions.id = coalesce(files.session_id, lectures.session_id)
        WHERE {where} AND files.trashed_at IS NULL AND sessions.trashed_at IS NULL"""
