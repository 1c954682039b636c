"""Links: files that are shown in a second session without a second object."""

from collections.abc import Sequence

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


def of_files(db: Database, file_ids: Sequence[int]) -> dict[int, list[tuple[int, str]]]:
    """Return, for each file, the id and title of the live sessions in which it is shown too."""
    marks = ", ".join("?" * len(file_ids))
    rows = db.execute(
        f"""SELECT links.file_id, sessions.id, sessions.title FROM links JOIN sessions ON sessions.id = links.session_id
        WHERE links.file_id IN ({marks}) AND sessions.trashed_at IS NULL ORDER BY sessions.id""",
        list(file_ids),
    ).fetchall()
    found: dict[int, list[tuple[int, str]]] = {file_id: [] for file_id in file_ids}
    for file_id, session_id, title in rows:
        found[file_id].append((session_id, title))
    return found
