"""What is shown of the rows that a search found."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlite_utils import Database

from studybuddy.catalog import processing, tags
from studybuddy.catalog.search import TextFound
from studybuddy.catalog.search_filter import marks
from studybuddy.kinds import Kind
from studybuddy.processing.results import Cue


class FileShown(NamedTuple):
    """A file, where it is kept, and the lecture whose recording it is."""

    id: int
    name: str
    kind: Kind
    content_type: str
    session_id: int
    session_title: str
    lecture: str | None


class SessionShown(NamedTuple):
    """A session and what it is about."""

    id: int
    title: str
    subject: str
    tags: tuple[str, ...]


def files(db: Database, ids: Sequence[int]) -> dict[int, FileShown]:
    """Return files by their ids."""
    rows = db.execute(
        f"""SELECT files.id, name, kind, content_type, sessions.id, sessions.title,
            (SELECT lectures.title FROM lectures WHERE audio_file_id = files.id ORDER BY lectures.id LIMIT 1)
        FROM files JOIN sessions ON sessions.id = session_id WHERE files.id IN ({marks(ids)})""",
        [*ids],
    )
    return {row[0]: FileShown(*row) for row in rows.fetchall()}


def sessions(db: Database, ids: Sequence[int]) -> dict[int, SessionShown]:
    """Return sessions by their ids."""
    rows = db.execute(f"SELECT id, title, subject FROM sessions WHERE id IN ({marks(ids)})", [*ids]).fetchall()
    tagged = tags.of_sessions(db, ids)
    return {
        session_id: SessionShown(session_id, title, subject, tagged[session_id]) for session_id, title, subject in rows
    }


def page_text(db: Database, file_id: int, number: int) -> str:
    """Return the text of a page."""
    row = db.execute("SELECT text FROM pages WHERE file_id = ? AND number = ?", [file_id, number]).fetchone()
    return str(row[0])


def passage_text(db: Database, passage: TextFound) -> str:
    """Return the words of a passage."""
    return str(db.execute("SELECT text FROM passages WHERE id = ?", [passage.row]).fetchone()[0])


def cues(db: Database, passage: TextFound) -> list[Cue]:
    """Return the cues of a passage in their order."""
    rows = db.execute(
        """SELECT cues.start_ms, cues.end_ms, cues.text FROM passages JOIN cues ON cues.file_id = passages.file_id
        WHERE passages.id = ? AND cues.start_ms BETWEEN passages.start_ms AND passages.last_ms
        ORDER BY cues.start_ms, cues.rowid""",
        [passage.row],
    )
    return [Cue(*row) for row in rows.fetchall()]


def unread(db: Database) -> int:
    """Return how many files outside the trash are still to be read: what stands in them cannot be found yet."""
    counts = processing.counts(db)
    return counts["pending"] + counts["processing"]
