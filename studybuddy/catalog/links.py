"""Links: files that are shown in a second session without a second object."""

from sqlite_utils import Database

from studybuddy.units import utc_now


def insert(db: Database, *, session_id: int, file_id: int) -> None:
    """Show a file in another session too; a second time changes nothing."""
    db.execute("INSERT OR IGNORE INTO links VALUES (?, ?, ?)", [session_id, file_id, utc_now()])


def delete(db: Database, *, session_id: int, file_id: int) -> None:
    """Show a file in its own session alone again."""
    db.execute("DELETE FROM links WHERE session_id = ? AND file_id = ?", [session_id, file_id])


def count(db: Database, file_id: int) -> int:
    """Return in how many other sessions a file is shown."""
    return int(db.execute("SELECT count(*) FROM links WHERE file_id = ?", [file_id]).fetchone()[0])
