"""Sessions that are on their way in, whole or not at all."""

import json
from collections.abc import Iterable

from sqlite_utils import Database


def begin(db: Database, session_id: int, *, writer: str, sha256s: Iterable[str]) -> None:
    """Note that the process with the claim `writer` brings a session with these files."""
    db.execute("INSERT INTO arrivals VALUES (?, ?, ?)", [session_id, writer, json.dumps([*sha256s])])


def end(db: Database, session_id: int) -> None:
    """Note that a session is all there."""
    db.execute("DELETE FROM arrivals WHERE session_id = ?", [session_id])


def all_of(db: Database) -> list[tuple[int, str]]:
    """Return every session that is on its way in, with the claim of the process that brings it."""
    return list(db.execute("SELECT session_id, writer FROM arrivals ORDER BY session_id").fetchall())


def is_coming(db: Database, session_id: int) -> bool:
    """Tell whether a session is on its way in."""
    row = db.execute("SELECT EXISTS (SELECT 1 FROM arrivals WHERE session_id = ?)", [session_id]).fetchone()
    return bool(row[0])


def has_more(db: Database, session_id: int) -> bool:
    """Tell whether a person has put something of their own into a session that is on its way in."""
    row = db.execute(
        """SELECT EXISTS (SELECT 1 FROM cards WHERE session_id = :id)
        OR EXISTS (SELECT 1 FROM files WHERE session_id = :id AND sha256 NOT IN (
            SELECT value FROM arrivals, json_each(sha256s) WHERE session_id = :id))""",
        {"id": session_id},
    ).fetchone()
    return bool(row[0])
