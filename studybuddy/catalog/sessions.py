"""Sessions: titled collections of study material."""

from dataclasses import replace

from sqlite_utils import Database

from studybuddy.catalog import tags
from studybuddy.catalog.records import Session
from studybuddy.errors import NotFoundError
from studybuddy.units import utc_now

COLUMNS = """sessions.id, sessions.title, sessions.subject, sessions.description, sessions.created_at,
    sessions.updated_at, sessions.trashed_at, sessions.file_count, sessions.lecture_count, sessions.size"""
IMPLICIT_PERSON = 1


def insert(db: Database, *, title: str, subject: str, description: str) -> int:
    """Write a session's row; return its id."""
    now = utc_now()
    cursor = db.execute(
        """INSERT INTO sessions (owner_id, title, subject, description, created_at, updated_at)
        VALUES (?, ?, ?, ?, ?, ?)""",
        [IMPLICIT_PERSON, title, subject, description, now, now],
    )
    return int(cursor.lastrowid or 0)


def get(db: Database, session_id: int) -> Session:
    """Return one session with its tags, also from the trash; raise NotFoundError when there is none."""
    row = db.execute(f"SELECT {COLUMNS} FROM sessions WHERE id = ?", [session_id]).fetchone()
    if row is None:
        raise NotFoundError(f"There is no session {session_id}", fix="Choose one on the sessions page.")
    return replace(Session(*row), tags=tags.of_sessions(db, [session_id])[session_id])


def with_title(db: Database, title: str) -> int | None:
    """Return the id of the oldest session with exactly this title that is not in the trash, or None."""
    row = db.execute("SELECT min(id) FROM sessions WHERE title = ? AND trashed_at IS NULL", [title]).fetchone()
    return row[0] if row else None


def update(db: Database, session_id: int, **columns: str | None) -> None:
    """Set columns of one session."""
    names = "".join(f"{name} = ?, " for name in columns)
    db.execute(
        f"UPDATE sessions SET {names} updated_at = max(created_at, ?) WHERE id = ?",
        [*columns.values(), utc_now(), session_id],
    )


def touch(db: Database, session_id: int) -> None:
    """Note that something in a session changed."""
    update(db, session_id)


def delete(db: Database, session_id: int) -> None:
    """Drop a session's row; it must hold no files or lectures any more."""
    db.execute("DELETE FROM sessions WHERE id = ?", [session_id])


def delete_empty(db: Database, session_id: int) -> None:
    """Drop a session in which nothing is: no file, also of the trash, lecture, link, card, tag, subject or notes."""
    held = " ".join(
        f"AND NOT EXISTS (SELECT 1 FROM {table} WHERE session_id = sessions.id)"
        for table in ("files", "lectures", "links", "cards", "session_tags")
    )
    db.execute(f"DELETE FROM sessions WHERE id = ? AND subject = '' AND description = '' {held}", [session_id])


def subjects(db: Database, *, limit: int = 1000) -> list[str]:
    """Return the subjects in use, in alphabetical order."""
    rows = db.execute(
        # Jumps from each subject to the next in the index, past the sessions of one.
        """WITH RECURSIVE used (subject) AS (
            SELECT min(subject) FROM sessions WHERE trashed_at IS NULL AND subject > ''
            UNION ALL
            SELECT (SELECT min(subject) FROM sessions WHERE trashed_at IS NULL AND sessions.subject > used.subject)
            FROM used WHERE used.subject IS NOT NULL
        ) SELECT subject FROM used WHERE subject IS NOT NULL LIMIT ?""",
        [limit],
    ).fetchall()
    return [str(row[0]) for row in rows]


def trashed_before(db: Database, moment: str, *, limit: int = 50) -> list[int]:
    """Return the ids of sessions that went into the trash before `moment`."""
    rows = db.execute(
        "SELECT id FROM sessions WHERE trashed_at < ? ORDER BY trashed_at, id LIMIT ?", [moment, limit]
    ).fetchall()
    return [int(row[0]) for row in rows]
