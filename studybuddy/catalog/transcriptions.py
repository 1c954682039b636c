"""Transcripts that were asked for: one row a recording, how far it is, and what came of it."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from sqlite_utils import Database

from studybuddy.catalog import cursors, files
from studybuddy.catalog.records import File, Page
from studybuddy.catalog.words import storable
from studybuddy.processing.results import Cue
from studybuddy.units import utc_now

State = Literal["pending", "processing", "done", "failed"]

_FIRST = ("", 0)
_COLUMNS = "file_id, state, progress, done_ms, attempts, nullif(next_at, ''), reason, fix, ended_at"


@dataclass(frozen=True, slots=True)
class Transcription:
    """What is known of the making of one transcript."""

    file_id: int
    state: State
    progress: float  # 0 to 1
    done_ms: int  # so much of the recording has been heard
    attempts: int  # in vain, since the last part that was heard
    next_at: str | None  # when it is tried again; None: as soon as it can be
    reason: str  # why it failed or waits
    fix: str
    ended_at: str | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A recording with its transcription."""

    file: File
    made: Transcription


def find(db: Database, file_id: int) -> Transcription | None:
    """Return what is known of a recording's transcript; None when nobody asked for one."""
    row = db.execute(f"SELECT {_COLUMNS} FROM transcriptions WHERE file_id = ?", [file_id]).fetchone()
    return None if row is None else Transcription(*row)


def open_ones(db: Database, *, limit: int = 20) -> list[Listed]:
    """Return what is being made, then what waits, in its order."""
    made = _listed(db, "state = 'processing' ORDER BY file_id LIMIT ?", [limit])
    return made + _listed(db, "state = 'pending' ORDER BY asked_at, file_id LIMIT ?", [limit - len(made)])


def failed_page(db: Database, *, limit: int = 50, after: str | None = None) -> Page[Listed]:
    """List what could not be made and is still wanted, the first that failed first."""
    place = cursors.decode(after, "transcripts", str, int) if after else _FIRST
    found = _listed(
        db,
        """state = 'failed' AND (ended_at, file_id) > (?, ?) AND NOT EXISTS (
            SELECT 1 FROM cues JOIN files AS sources ON sources.id = source_id
            WHERE cues.file_id = transcriptions.file_id AND sources.kind = 'caption')
        ORDER BY ended_at, file_id LIMIT ?""",
        [*place, limit + 1],
    )
    last = found[limit - 1].made if len(found) > limit else None
    return Page(
        tuple(found[:limit]), cursors.encode("transcripts", last.ended_at or "", last.file_id) if last else None
    )


def _listed(db: Database, condition: str, values: list[str | int]) -> list[Listed]:
    rows = db.execute(
        f"""SELECT {_COLUMNS} FROM transcriptions
        WHERE file_id NOT IN (SELECT id FROM files WHERE id = file_id AND trashed_at IS NOT NULL) AND {condition}""",
        values,
    ).fetchall()
    return [Listed(files.get(db, row[0]), Transcription(*row)) for row in rows]


def ask(db: Database, file_id: int) -> None:
    """Have a transcript made: one that failed goes on where it was, one that is there is made anew."""
    found = find(db, file_id)
    if found is not None and found.state == "done":
        db.execute("DELETE FROM transcriptions WHERE file_id = ?", [file_id])
        db.execute("DELETE FROM spare_cues WHERE file_id = ?", [file_id])
    db.execute(
        """INSERT INTO transcriptions (file_id, state, asked_at) VALUES (?, 'pending', ?)
        ON CONFLICT DO UPDATE SET state = 'pending', next_at = '', attempts = 0, reason = '', fix = ''
        WHERE state <> 'processing'""",
        [file_id, utc_now()],
    )


def next_due(db: Database, *, now: str, only: Collection[int] | None = None) -> int | None:
    """Return the recording whose transcript was asked for first, of all or of some, that is due."""
    row = db.execute(
        """SELECT file_id FROM transcriptions JOIN files ON files.id = file_id
        WHERE state = 'pending' AND next_at <= :now AND trashed_at IS NULL
            AND (:only IS NULL OR file_id IN (SELECT value FROM json_each(:only)))
        ORDER BY asked_at, file_id LIMIT 1""",
        {"now": now, "only": None if only is None else json.dumps([*only])},
    ).fetchone()
    return None if row is None else int(row[0])


def is_any_open(db: Database) -> bool:
    """Tell whether any waits or is being made."""
    row = db.execute(
        """SELECT EXISTS (SELECT 1 FROM transcriptions WHERE state = 'pending')
        OR EXISTS (SELECT 1 FROM transcriptions WHERE state = 'processing')"""
    ).fetchone()
    return bool(row[0])


def take(db: Database, file_id: int, owner: str) -> bool:
    """Give a transcript to `owner` to make; tell whether it still was there to be taken."""
    cursor = db.execute(
        """UPDATE transcriptions SET state = 'processing', lease_owner = ?, reason = '', fix = ''
        WHERE file_id = ? AND state = 'pending'""",
        [owner, file_id],
    )
    return cursor.rowcount == 1


def keep(  # noqa: PLR0913
    db: Database, file_id: int, owner: str, found: Iterable[Cue], *, done_ms: int, progress: float
) -> bool:
    """Keep what was heard up to a moment; tell whether `owner` still had it."""
    cursor = db.execute(
        """UPDATE transcriptions SET done_ms = ?, progress = ?, attempts = 0
        WHERE file_id = ? AND state = 'processing' AND lease_owner = ?""",
        [done_ms, progress, file_id, owner],
    )
    if cursor.rowcount == 1:
        db.conn.executemany(
            "INSERT INTO spare_cues (file_id, start_ms, end_ms, text) VALUES (?, ?, ?, ?)",
            ((file_id, cue.start_ms, cue.end_ms, storable(cue.text)) for cue in found),
        )
    return cursor.rowcount == 1


def end(db: Database, file_id: int, owner: str, state: State, **columns: str | float) -> bool:
    """Note what came of a transcript, with columns of its row; tell whether `owner` still had it."""
    ended = {"ended_at": utc_now()} if state in {"done", "failed"} else {}
    given = columns | ended | {"state": state, "lease_owner": None}
    cursor = db.execute(
        f"""UPDATE transcriptions SET {", ".join(f"{name} = ?" for name in given)}
        WHERE file_id = ? AND state = 'processing' AND lease_owner = ?""",
        [*given.values(), file_id, owner],
    )
    return cursor.rowcount == 1


def owners(db: Database) -> list[tuple[int, str]]:
    """Return what is being made, each with the claim of the process that makes it."""
    rows = db.execute("SELECT file_id, lease_owner FROM transcriptions WHERE state = 'processing'").fetchall()
    return [(int(row[0]), str(row[1])) for row in rows]


def has_captions(db: Database, file_id: int) -> bool:
    """Tell whether captions that a person added are a recording's transcript."""
    row = db.execute(
        """SELECT 1 FROM cues JOIN files ON files.id = source_id
        WHERE file_id = ? AND source_id <> file_id AND kind = 'caption' LIMIT 1""",
        [file_id],
    ).fetchone()
    return row is not None


def show(db: Database, file_id: int) -> None:
    """Show a recording's own transcript, unless captions stand before it; those win. A plain text gives way."""
    if has_captions(db, file_id):
        _move_aside(db, file_id)
    elif _is_whole(db, file_id) and db.execute("SELECT 1 FROM spare_cues WHERE file_id = ?", [file_id]).fetchone():
        db.execute("DELETE FROM cues WHERE file_id = ?", [file_id])
        db.execute(
            """INSERT INTO cues (file_id, start_ms, end_ms, text, source_id)
            SELECT file_id, start_ms, end_ms, text, file_id FROM spare_cues WHERE file_id = ?
            ORDER BY start_ms, rowid""",
            [file_id],
        )
        db.execute("DELETE FROM spare_cues WHERE file_id = ?", [file_id])


def _move_aside(db: Database, file_id: int) -> None:
    if _is_whole(db, file_id):
        db.execute(
            """INSERT INTO spare_cues (file_id, start_ms, end_ms, text)
            SELECT file_id, start_ms, end_ms, text FROM cues WHERE source_id = ? ORDER BY rowid""",
            [file_id],
        )
    db.execute("DELETE FROM cues WHERE source_id = ?", [file_id])


def _is_whole(db: Database, file_id: int) -> bool:
    """Tell whether no transcript is in the making, whose parts would be taken for one."""
    found = find(db, file_id)
    return found is None or found.state == "done"
