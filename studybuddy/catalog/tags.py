"""Tags of sessions."""

from collections.abc import Iterable, Sequence

from sqlite_utils import Database

from studybuddy.catalog.words import storable


def of_sessions(db: Database, session_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return the tags of each session, in alphabetical order."""
    marks = ", ".join("?" * len(session_ids))
    rows = db.execute(
        f"""SELECT session_id, name FROM session_tags JOIN tags ON tags.id = tag_id
        WHERE session_id IN ({marks}) ORDER BY name""",
        list(session_ids),
    ).fetchall()
    found: dict[int, tuple[str, ...]] = dict.fromkeys(session_ids, ())
    for session_id, name in rows:
        found[session_id] += (name,)
    return found


def add(db: Database, session_id: int, names: Iterable[str]) -> None:
    """Give a session tags that it may already have."""
    for name in names:
        db.execute("INSERT OR IGNORE INTO tags (name) VALUES (?)", [name])
        db.execute("INSERT OR IGNORE INTO session_tags SELECT ?, id FROM tags WHERE name = ?", [session_id, name])


def replace(db: Database, session_id: int, names: Iterable[str]) -> None:
    """Give a session these tags and no others; tags that nothing uses any more are dropped."""
    db.execute("DELETE FROM session_tags WHERE session_id = ?", [session_id])
    add(db, session_id, names)
    db.execute("DELETE FROM tags WHERE NOT EXISTS (SELECT 1 FROM session_tags WHERE tag_id = tags.id)")


def id_of(db: Database, name: str) -> int | None:
    """Return the id of a tag, whatever its case, or None."""
    row = db.execute("SELECT id FROM tags WHERE name = ?", [storable(name)]).fetchone()
    return row[0] if row else None


def everything(db: Database, *, limit: int = 1000) -> list[str]:
    """Return the tags in use, in alphabetical order."""
    rows = db.execute("SELECT name FROM tags ORDER BY name LIMIT ?", [limit]).fetchall()
    return [str(row[0]) for row in rows]
