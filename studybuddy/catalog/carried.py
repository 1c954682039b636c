"""What goes with a session when it leaves as one file, and comes back: marks, pins and transcripts, as rows."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from studybuddy.catalog.marks import MarkKind
from studybuddy.catalog.words import storable
from studybuddy.processing.results import Cue

_TABLES: dict[MarkKind, str] = {"note": "notes", "bookmark": "bookmarks"}


@dataclass(frozen=True, slots=True)
class MarkRow:
    """A note or a bookmark; of its two owners it has one."""

    kind: MarkKind
    file_id: int | None
    lecture_id: int | None
    at_ms: int
    text: str
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class PinRow:
    """A page of a document at a moment of a recording."""

    file_id: int
    document_id: int
    page: int
    at_ms: int
    created_at: str


def marks(db: Database, *, file_ids: Sequence[int], lecture_ids: Sequence[int]) -> list[MarkRow]:
    """Return the notes and bookmarks of files, and of lectures without a recording."""
    parts = " UNION ALL ".join(
        f"""SELECT '{kind}' AS kind, file_id, lecture_id, at_ms, text, created_at, updated_at, id FROM {table}
        WHERE file_id IN (SELECT value FROM json_each(:files))
            OR lecture_id IN (SELECT value FROM json_each(:lectures))"""
        for kind, table in _TABLES.items()
    )
    asked = {"files": json.dumps([*file_ids]), "lectures": json.dumps([*lecture_ids])}
    rows = db.execute(f"SELECT * FROM ({parts}) ORDER BY kind, id", asked).fetchall()
    return [MarkRow(*row[:-1]) for row in rows]


def insert_marks(db: Database, rows: Iterable[MarkRow]) -> None:
    """Write notes and bookmarks."""
    for row in rows:
        db.execute(
            f"""INSERT INTO {_TABLES[row.kind]} (file_id, lecture_id, at_ms, text, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?)""",
            [row.file_id, row.lecture_id, row.at_ms, row.text, row.created_at, row.updated_at],
        )


def pins(db: Database, file_ids: Sequence[int]) -> list[PinRow]:
    """Return the pins between some files."""
    rows = db.execute(
        """SELECT file_id, document_id, page, at_ms, created_at FROM pins
        WHERE file_id IN (SELECT value FROM json_each(:files))
            AND document_id IN (SELECT value FROM json_each(:files)) ORDER BY id""",
        {"files": json.dumps([*file_ids])},
    ).fetchall()
    return [PinRow(*row) for row in rows]


def insert_pins(db: Database, rows: Iterable[PinRow]) -> None:
    """Write pins; of two at one place the first stays."""
    db.conn.executemany(
        """INSERT INTO pins (file_id, document_id, page, at_ms, created_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT DO NOTHING""",
        ((row.file_id, row.document_id, row.page, row.at_ms, row.created_at) for row in rows),
    )


def transcripts(db: Database, file_ids: Sequence[int]) -> list[tuple[int, int | None]]:
    """Return which of some files have a transcript, and the file that it was read from."""
    rows = db.execute(
        """SELECT DISTINCT file_id, source_id FROM cues WHERE file_id IN (SELECT value FROM json_each(?))
        ORDER BY file_id, source_id""",
        [json.dumps([*file_ids])],
    ).fetchall()
    return [(int(row[0]), row[1]) for row in rows]


def cues(db: Database, file_id: int, source_id: int | None) -> list[Cue]:
    """Return what is said in a file as it was read from another, or from itself."""
    rows = db.execute(
        "SELECT start_ms, end_ms, text FROM cues WHERE file_id = ? AND source_id IS ? ORDER BY start_ms, rowid",
        [file_id, source_id],
    ).fetchall()
    return [Cue(*row) for row in rows]


def insert_cues(db: Database, file_id: int, source_id: int, found: Iterator[Cue]) -> None:
    """Write what is said in a file, unless it was read already."""
    if db.execute("SELECT 1 FROM cues WHERE source_id = ? LIMIT 1", [source_id]).fetchone():
        return
    db.conn.executemany(
        "INSERT INTO cues (file_id, start_ms, end_ms, text, source_id) VALUES (?, ?, ?, ?, ?)",
        ((file_id, cue.start_ms, cue.end_ms, storable(cue.text), source_id) for cue in found),
    )
