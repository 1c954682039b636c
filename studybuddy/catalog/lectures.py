"""Lectures: the recorded teaching units of a session."""

from sqlite_utils import Database

from studybuddy.catalog.records import Lecture
from studybuddy.errors import NotFoundError
from studybuddy.units import utc_now

_COLUMNS = "id, session_id, title, recorded_on, audio_file_id, created_at"


def insert(
    db: Database, *, session_id: int, title: str, recorded_on: str | None, audio_file_id: int | None = None
) -> int:
    """Write a lecture's row; return its id."""
    cursor = db.execute(
        "INSERT INTO lectures (session_id, title, recorded_on, audio_file_id, created_at) VALUES (?, ?, ?, ?, ?)",
        [session_id, title, recorded_on, audio_file_id, utc_now()],
    )
    return int(cursor.lastrowid or 0)


def get(db: Database, lecture_id: int) -> Lecture:
    """Return one lecture; raise NotFoundError when there is none."""
    row = db.execute(f"SELECT {_COLUMNS} FROM lectures WHERE id = ?", [lecture_id]).fetchone()
    if row is None:
        raise NotFoundError(f"There is no lecture {lecture_id}", fix="Open its session and choose it there.")
    return Lecture(*row)


def in_session(db: Database, session_id: int) -> list[Lecture]:
    """Return a session's lectures in the order in which they were recorded, but for those still being added."""
    rows = db.execute(
        f"""SELECT {_COLUMNS} FROM lectures WHERE session_id = ? AND NOT EXISTS
            (SELECT 1 FROM files WHERE files.id = audio_file_id AND files.current_copy_id IS NULL)
        ORDER BY recorded_on, id""",
        [session_id],
    ).fetchall()
    return [Lecture(*row) for row in rows]


def of_file(db: Database, file_id: int) -> Lecture | None:
    """Return the lecture whose recording a file is, or None."""
    row = db.execute(f"SELECT {_COLUMNS} FROM lectures WHERE audio_file_id = ?", [file_id]).fetchone()
    return Lecture(*row) if row else None


def update(db: Database, lecture_id: int, **columns: str | int | None) -> None:
    """Set columns of one lecture."""
    names = ", ".join(f"{name} = ?" for name in columns)
    db.execute(f"UPDATE lectures SET {names} WHERE id = ?", [*columns.values(), lecture_id])


def delete_of_file(db: Database, file_id: int) -> None:
    """Drop the lectures whose recording a file is; one stays when there are notes or bookmarks, which stay with it."""
    db.execute(
        """DELETE FROM lectures WHERE audio_file_id = :file
        AND NOT EXISTS (SELECT 1 FROM notes WHERE file_id = :file)
        AND NOT EXISTS (SELECT 1 FROM bookmarks WHERE file_id = :file)""",
        {"file": file_id},
    )


def delete(db: Database, lecture_id: int) -> None:
    """Drop a lecture's row; its recording's file stays."""
    db.execute("DELETE FROM lectures WHERE id = ?", [lecture_id])


def delete_in_session(db: Database, session_id: int) -> None:
    """Drop all of a session's lectures, with their notes."""
    db.execute("DELETE FROM lectures WHERE session_id = ?", [session_id])


def use_recording(db: Database, file_id: int, *, instead: int) -> None:
    """Give the lectures whose recording is `file_id` another file as their recording."""
    db.execute("UPDATE lectures SET audio_file_id = ? WHERE audio_file_id = ?", [instead, file_id])


def move_with_file(db: Database, file_id: int, *, from_session: int, to_session: int) -> None:
    """Move the lecture whose recording a file is along with it."""
    db.execute(
        "UPDATE lectures SET session_id = ? WHERE audio_file_id = ? AND session_id = ?",
        [to_session, file_id, from_session],
    )
