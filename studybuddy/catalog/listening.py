"""Where each person stopped listening, and how fast they listened."""

from dataclasses import dataclass

from sqlite_utils import Database

from studybuddy.units import utc_now

_ME = 1  # the one person that there is
_ENDS_MS = 15_000  # whoever stopped so near the end has listened to all of it
_LOOKED_AT = 200  # recordings, however many of them were listened to to their end


@dataclass(frozen=True, slots=True)
class Position:
    """Where a person stopped in a recording."""

    file_id: int
    at_ms: int
    duration_ms: int  # 0: not known
    rate_percent: int
    updated_at: str


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A recording that a person began to listen to and can go on with."""

    position: Position
    title: str  # the lecture's, else the file's name
    session_id: int
    session: str


_COLUMNS = "listening.file_id, listening.at_ms, listening.duration_ms, listening.rate_percent, listening.updated_at"


def position(db: Database, file_id: int) -> Position | None:
    """Return where the person stopped in a recording, or None when they never began."""
    row = db.execute(f"SELECT {_COLUMNS} FROM listening WHERE person_id = ? AND file_id = ?", [_ME, file_id]).fetchone()
    return Position(*row) if row else None


def keep(db: Database, *, file_id: int, at_ms: int, duration_ms: int, rate_percent: int) -> None:
    """Keep where the person is in a recording now."""
    db.execute(
        "INSERT OR REPLACE INTO listening VALUES (?, ?, ?, ?, ?, ?)",
        [_ME, file_id, at_ms, duration_ms, rate_percent, utc_now()],
    )


def rate(db: Database) -> int:
    """Return how fast the person listened last, in percent."""
    row = db.execute(
        "SELECT rate_percent FROM listening WHERE person_id = ? ORDER BY updated_at DESC LIMIT 1", [_ME]
    ).fetchone()
    return int(row[0]) if row else 100


def unfinished(db: Database, *, limit: int) -> list[Unfinished]:
    """Return what the person can go on with, what they listened to last first."""
    rows = db.execute(
        f"""SELECT {_COLUMNS}, coalesce((SELECT title FROM lectures WHERE audio_file_id = files.id ORDER BY id LIMIT 1),
                files.name), sessions.id, sessions.title
        FROM (SELECT * FROM listening WHERE person_id = ? ORDER BY updated_at DESC LIMIT ?) AS listening
        JOIN files ON files.id = listening.file_id JOIN sessions ON sessions.id = files.session_id
        WHERE files.trashed_at IS NULL AND (listening.duration_ms = 0 OR at_ms < listening.duration_ms - ?)
        ORDER BY listening.updated_at DESC LIMIT ?""",
        [_ME, _LOOKED_AT, _ENDS_MS, limit],
    ).fetchall()
    return [Unfinished(Position(*row[:5]), *row[5:]) for row in rows]
