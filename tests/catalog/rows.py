"""Short ways to write rows in tests, through the catalog's own functions."""

from sqlite_utils import Database

from studybuddy.catalog import copies, files, sessions, tags
from studybuddy.kinds import Kind

SHA256 = "0" * 64
LOCAL, S3 = 1, 2


def session(db: Database, title: str, *, subject: str = "", notes: str = "", tagged: tuple[str, ...] = ()) -> int:
    """Write a session."""
    session_id = sessions.insert(db, title=title, subject=subject, description=notes)
    tags.add(db, session_id, tagged)
    return session_id


def begun(db: Database, session_id: int, name: str, *, kind: Kind = "document", size: int = 10) -> int:
    """Write a file that nobody has acknowledged."""
    duration_ms = 1000 if kind == "audio" else None
    row = files.FileRow(session_id, kind, name, "text/plain", size, SHA256, duration_ms, None, None)
    return files.insert(db, row)


def copy(db: Database, file_id: int, *, storage_id: int = LOCAL) -> int:
    """Write another copy of a file and make it the current one."""
    number = int(db.execute("SELECT coalesce(max(id), 0) FROM copies").fetchone()[0])
    copy_id = copies.insert(db, file_id=file_id, storage_id=storage_id, key=f"key-{number}", writer="w")
    copies.settle_all(db, [copy_id])
    return copy_id


def file(
    db: Database, session_id: int, name: str, *, kind: Kind = "document", size: int = 10, storage_id: int = LOCAL
) -> int:
    """Write a file that is there."""
    file_id = begun(db, session_id, name, kind=kind, size=size)
    copy(db, file_id, storage_id=storage_id)
    return file_id


def older_file(db: Database, session_id: int, name: str) -> int:
    """Write a file that is there into a catalog of before, whose copies had fewer columns."""
    file_id = begun(db, session_id, name)
    db.execute(
        "INSERT INTO copies (id, file_id, storage_id, key, state, created_at) VALUES (?, ?, ?, ?, 'verified', '')",
        [file_id, file_id, LOCAL, f"key-{file_id}"],
    )
    db.execute("UPDATE files SET current_copy_id = id WHERE id = ?", [file_id])
    return file_id
