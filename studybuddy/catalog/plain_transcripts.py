"""Plain texts that are transcripts: what stands in one is said in a recording, nobody knows when."""

from sqlite_utils import Database

from studybuddy.catalog.records import File
from studybuddy.catalog.words import sort_key

_PARAGRAPH = "\n\n"
_COMPARED = 100  # characters of a name
_LAST = "\U0010ffff"


def has_times(db: Database, file_id: int) -> bool | None:
    """Tell whether it is known when things are said in a recording; None when it has no transcript."""
    row = db.execute(
        """SELECT NOT EXISTS (SELECT 1 FROM files WHERE id = source_id AND id <> file_id AND kind = 'document')
        FROM cues WHERE file_id = ? LIMIT 1""",
        [file_id],
    ).fetchone()
    return None if row is None else bool(row[0])


def may_be(db: Database, file: File) -> bool:
    """Tell whether a file is a plain text, and its session has a recording whose name begins as the text's."""
    if file.kind != "document" or not file.content_type.startswith("text/plain"):
        return False
    begins = sort_key(file.name.partition(".")[0].strip())[:_COMPARED]
    row = db.execute(
        "SELECT 1 FROM files WHERE session_id = ? AND name_key >= ? AND name_key < ? AND kind = 'audio' LIMIT 1",
        [file.session_id, begins, begins + _LAST],
    ).fetchone()
    return row is not None


def shown_in(db: Database, session_id: int) -> dict[int, int]:
    """Return the recording that each of a session's texts is shown at, also of those in the trash."""
    rows = db.execute(
        """SELECT id, (SELECT file_id FROM cues WHERE source_id = files.id LIMIT 1) AS shown_at FROM files
        WHERE session_id = ? AND kind = 'document' AND shown_at IS NOT NULL""",
        [session_id],
    ).fetchall()
    return dict(rows)


def show(db: Database, text_id: int, *, at: int) -> None:
    """Let a text's paragraphs, as they were read, be what is said in a recording."""
    pages = db.execute("SELECT text FROM pages WHERE file_id = ? ORDER BY number", [text_id]).fetchall()
    db.conn.executemany(
        "INSERT INTO cues (file_id, start_ms, end_ms, text, source_id) VALUES (?, 0, 0, ?, ?)",
        ((at, paragraph, text_id) for page in pages for paragraph in _paragraphs(page[0])),
    )


def take_away(db: Database, text_id: int) -> None:
    """Let a text be a document only."""
    db.execute("DELETE FROM cues WHERE source_id = ?", [text_id])


def _paragraphs(text: str) -> list[str]:
    """Return a text's paragraphs; where no empty line parts them, its lines."""
    parts = text.split(_PARAGRAPH if _PARAGRAPH in text else "\n")
    return [part.strip("\n") for part in parts if part.strip()]
