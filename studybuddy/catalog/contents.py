"""What was read in files: the text of their pages, what is said when, and what is known of them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from sqlite_utils import Database

from studybuddy.catalog import cursors, files
from studybuddy.catalog.records import Page as Part
from studybuddy.catalog.words import storable
from studybuddy.kinds import Kind
from studybuddy.processing.results import Cue, Page

FactValues = Mapping[str, str | int | float]

_AT_ONCE = 64
_FIRST_CUE = (-1, 0)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A recording, a caption file or a plain text, as far as it matters for whose transcript is whose."""

    file_id: int
    kind: Kind
    name: str


def replace(db: Database, file_id: int, found: Iterable[Page | Cue]) -> None:
    """Keep what was read in a file instead of what was read in it before.

    A recording's own transcript stays: it is heard, not read.
    """
    db.execute("DELETE FROM pages WHERE file_id = ?", [file_id])
    db.execute("DELETE FROM cues WHERE source_id = ?1 AND (SELECT kind FROM files WHERE id = ?1) <> 'audio'", [file_id])
    for some in _groups(found):
        db.conn.executemany(
            "INSERT INTO pages (file_id, number, text) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            ((file_id, one.number, storable(one.text)) for one in some if isinstance(one, Page)),
        )
        db.conn.executemany(
            "INSERT INTO cues (file_id, start_ms, end_ms, text, source_id) VALUES (?, ?, ?, ?, ?)",
            ((file_id, one.start_ms, one.end_ms, storable(one.text), file_id) for one in some if isinstance(one, Cue)),
        )


def _groups(found: Iterable[Page | Cue]) -> Iterator[list[Page | Cue]]:
    left = iter(found)
    while some := list(islice(left, _AT_ONCE)):
        yield some


def set_facts(db: Database, file_id: int, facts: FactValues) -> None:
    """Keep what is known of a file; a recording whose length was not known gets it."""
    db.execute("DELETE FROM facts WHERE file_id = ?", [file_id])
    if facts:
        content = storable(json.dumps(dict(facts), ensure_ascii=False))
        db.execute("INSERT INTO facts (file_id, content) VALUES (?, ?)", [file_id, content])
    duration_ms = facts.get("duration_ms")
    if isinstance(duration_ms, int) and duration_ms > 0:
        db.execute("UPDATE files SET duration_ms = ? WHERE id = ? AND duration_ms IS NULL", [duration_ms, file_id])


def facts(db: Database, file_id: int) -> FactValues:
    """Return what is known of a file; nothing when it was not read yet."""
    row = db.execute("SELECT content FROM facts WHERE file_id = ?", [file_id]).fetchone()
    return dict(json.loads(row[0])) if row else {}


def pages(db: Database, file_id: int, *, limit: int = 50, after: int = 0) -> Part[Page]:
    """Return pages of a file's text behind the page `after`."""
    files.get(db, file_id)
    rows = db.execute(
        "SELECT number, text FROM pages WHERE file_id = ? AND number > ? ORDER BY number LIMIT ?",
        [file_id, after, limit + 1],
    ).fetchall()
    return Part(tuple(Page(*row) for row in rows[:limit]), str(rows[limit - 1][0]) if len(rows) > limit else None)


def last_page(db: Database, file_id: int) -> int | None:
    """Return the number of the last page with text that was read in a file; None when there is none."""
    number: int | None = db.execute("SELECT max(number) FROM pages WHERE file_id = ?", [file_id]).fetchone()[0]
    return number


def cues(db: Database, file_id: int, *, limit: int = 500, after: str | None = None) -> Part[Cue]:
    """Return what is said in a recording, or stands in a caption file that belongs to none."""
    files.get(db, file_id)
    place = cursors.decode(after, "cues", int, int) if after else _FIRST_CUE
    rows = db.execute(
        """SELECT start_ms, end_ms, text, rowid FROM cues WHERE file_id = ? AND (start_ms, rowid) > (?, ?)
        ORDER BY start_ms, rowid LIMIT ?""",
        [file_id, *place, limit + 1],
    ).fetchall()
    following = cursors.encode("cues", rows[limit - 1][0], rows[limit - 1][3]) if len(rows) > limit else None
    return Part(tuple(Cue(*row[:3]) for row in rows[:limit]), following)


def spoken_in(db: Database, session_id: int) -> list[Spoken]:
    """Return a session's recordings, caption files and plain texts outside the trash, oldest first."""
    rows = db.execute(
        """SELECT id, kind, name FROM files WHERE session_id = ?
        AND (kind IN ('audio', 'caption') OR kind = 'document' AND content_type LIKE 'text/plain%')
        AND trashed_at IS NULL AND current_copy_id IS NOT NULL ORDER BY id""",
        [session_id],
    ).fetchall()
    return [Spoken(*row) for row in rows]


def captions_in(db: Database, session_id: int) -> list[int]:
    """Return a session's caption files, also those in the trash."""
    rows = db.execute("SELECT id FROM files WHERE session_id = ? AND kind = 'caption'", [session_id]).fetchall()
    return [int(row[0]) for row in rows]


def give_cues(db: Database, source_id: int, *, to: int) -> None:
    """Let what was read in a caption file be what is said in `to`."""
    row = db.execute("SELECT file_id FROM cues WHERE source_id = ? LIMIT 1", [source_id]).fetchone()
    if row is None or row[0] == to:
        return
    found = db.execute(
        "SELECT ?, start_ms, end_ms, text, source_id FROM cues WHERE source_id = ? ORDER BY rowid", [to, source_id]
    ).fetchall()
    # Written anew: whoever keeps an index of the table need not know that a row can change.
    db.execute("DELETE FROM cues WHERE source_id = ?", [source_id])
    db.conn.executemany("INSERT INTO cues (file_id, start_ms, end_ms, text, source_id) VALUES (?, ?, ?, ?, ?)", found)


def sessions_due(db: Database, *, limit: int = 100) -> list[int]:
    """Return sessions in which captions may belong to other recordings than before."""
    return [int(row[0]) for row in db.execute("SELECT session_id FROM transcripts_due LIMIT ?", [limit]).fetchall()]


def settled(db: Database, session_id: int) -> None:
    """Note that a session's captions are where they belong."""
    db.execute("DELETE FROM transcripts_due WHERE session_id = ?", [session_id])
