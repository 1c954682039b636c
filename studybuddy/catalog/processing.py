"""What is to be read in each file: one job a file, how far it is, and what came of it."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlite_utils import Database

from studybuddy.catalog import cursors, files
from studybuddy.catalog.records import File, Page
from studybuddy.units import utc_now

JobState = Literal["pending", "processing", "done", "failed", "skipped"]
ASKED_FOR, ADDED = 0, 1

_COLUMNS = """jobs.file_id, jobs.state, jobs.progress, jobs.attempts, jobs.next_at, jobs.lease_owner, jobs.reason,
    jobs.fix, jobs.remarks, jobs.made, jobs.ended_at"""
_FIRST = ("", 0)


@dataclass(frozen=True, slots=True)
class Job:
    """What is known of the reading of one file."""

    file_id: int
    state: JobState
    progress: float  # 0 to 1
    attempts: int  # in vain, since it was last asked for
    next_at: str | None  # when it is tried again; None: as soon as it can be
    owner: str | None  # the claim of the process that works on it
    reason: str  # why it failed, was skipped or waits
    fix: str
    remarks: tuple[str, ...]  # what the person should know of what was read
    made: tuple[str, ...]  # the names of the files that were made from it
    ended_at: str | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A file with its job."""

    file: File
    job: Job


def of_files(db: Database, file_ids: Sequence[int]) -> dict[int, Job]:
    """Return the jobs of acknowledged files, by their ids."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM jobs WHERE file_id IN (SELECT value FROM json_each(?))", [json.dumps([*file_ids])]
    ).fetchall()
    return {row[0]: _job(row) for row in rows}


def get(db: Database, file_id: int) -> Job:
    """Return a file's job; raise NotFoundError when there is no such file."""
    files.get(db, file_id)
    return of_files(db, [file_id])[file_id]


def counts(db: Database) -> dict[JobState, int]:
    """Return how many files outside the trash are in each state."""
    found: dict[JobState, int] = {"pending": 0, "processing": 0, "done": 0, "failed": 0, "skipped": 0}
    return found | dict(db.execute("SELECT state, files FROM job_counts").fetchall())


def counts_in(db: Database, session_id: int) -> dict[JobState, int]:
    """Return how many of a session's own files outside the trash are in each state that any is in."""
    rows = db.execute(
        """SELECT jobs.state, count(*) FROM files CROSS JOIN jobs ON jobs.file_id = files.id
        WHERE files.session_id = ? AND jobs.trashed = 0 GROUP BY jobs.state""",
        [session_id],
    )
    return dict(rows.fetchall())


def current(db: Database, *, limit: int = 20) -> list[Listed]:
    """Return what is being read now."""
    return _listed(db, f"SELECT {_COLUMNS} FROM jobs WHERE state = 'processing' ORDER BY file_id LIMIT ?", [limit])


def failed_page(db: Database, *, limit: int = 50, after: str | None = None) -> Page[Listed]:
    """List what could not be read and is not in the trash, the first that failed first."""
    place = cursors.decode(after, "failed", str, int) if after else _FIRST
    found = _listed(
        db,
        f"""SELECT {_COLUMNS} FROM jobs WHERE state = 'failed' AND trashed = 0 AND (ended_at, file_id) > (?, ?)
        ORDER BY ended_at, file_id LIMIT ?""",
        [*place, limit + 1],
    )
    last = found[limit - 1].job if len(found) > limit else None
    return Page(tuple(found[:limit]), cursors.encode("failed", last.ended_at or "", last.file_id) if last else None)


def next_due(db: Database, *, but_in: Collection[int], only: Collection[int] | None = None) -> int | None:
    """Return the next file that is due, of all or of some; files whose current copies lie in `but_in` wait."""
    row = db.execute(
        """SELECT jobs.file_id FROM jobs CROSS JOIN files ON files.id = jobs.file_id
        WHERE jobs.state = 'pending' AND jobs.trashed = 0 AND jobs.next_at <= :now
        AND files.storage_id NOT IN (SELECT value FROM json_each(:but_in))
        AND (:only IS NULL OR jobs.file_id IN (SELECT value FROM json_each(:only)))
        ORDER BY jobs.urgency, jobs.next_at, jobs.file_id LIMIT 1""",
        {
            "now": utc_now(), "but_in": json.dumps([*but_in]),
            "only": None if only is None else json.dumps([*only]),
        },
    ).fetchone()  # fmt: skip
    return None if row is None else int(row[0])


def take(db: Database, file_id: int, owner: str) -> bool:
    """Give a file to `owner`; tell whether it still was there to be taken."""
    cursor = db.execute(
        """UPDATE jobs SET state = 'processing', lease_owner = ?, progress = 0, reason = ''
        WHERE file_id = ? AND state = 'pending'""",
        [owner, file_id],
    )
    return cursor.rowcount == 1


def set_progress(db: Database, file_id: int, progress: float) -> None:
    """Note how far the reading of a file is."""
    db.execute("UPDATE jobs SET progress = ? WHERE file_id = ? AND state = 'processing'", [progress, file_id])


def end(db: Database, file_id: int, owner: str, state: JobState, **columns: str | float | list[str]) -> bool:
    """Note what came of a file, with columns of its job; tell whether `owner` still had it."""
    ended = {"ended_at": utc_now()} if state in {"done", "failed"} else {}
    given = columns | ended | {"state": state, "lease_owner": None}
    names = ", ".join(f"{name} = ?" for name in given)
    cursor = db.execute(
        f"UPDATE jobs SET {names} WHERE file_id = ? AND state = 'processing' AND lease_owner = ?",
        [*(json.dumps(value) if isinstance(value, list) else value for value in given.values()), file_id, owner],
    )
    return cursor.rowcount == 1


def owners(db: Database) -> list[tuple[int, str]]:
    """Return what is being read, each with the claim of the process that reads it."""
    return list(db.execute("SELECT file_id, lease_owner FROM jobs WHERE state = 'processing'").fetchall())


def ask_for(db: Database, file_ids: Iterable[int]) -> int:
    """Have files read again, before all others; return how many will be. One that is being read is let be."""
    cursor = db.execute(
        """UPDATE jobs
        SET state = 'pending', urgency = ?, next_at = '', attempts = 0, progress = 0, reason = '', fix = ''
        WHERE file_id IN (SELECT value FROM json_each(?)) AND state NOT IN ('processing', 'skipped')""",
        [ASKED_FOR, json.dumps([*file_ids])],
    )
    return int(cursor.rowcount)


def ask_for_failed(db: Database) -> int:
    """Have everything that failed read again; return how many files that are."""
    cursor = db.execute(
        """UPDATE jobs SET state = 'pending', urgency = ?, next_at = '', attempts = 0, reason = '', fix = ''
        WHERE state = 'failed' AND trashed = 0""",
        [ADDED],
    )
    return int(cursor.rowcount)


def _listed(db: Database, query: str, values: Sequence[str | int]) -> list[Listed]:
    jobs = [_job(row) for row in db.execute(query, [*values]).fetchall()]
    return [Listed(files.get(db, job.file_id), job) for job in jobs]


def _job(row: Sequence[Any]) -> Job:
    file_id, state, progress, attempts, next_at, owner, reason, fix, remarks, made, ended_at = row
    told = (tuple(json.loads(remarks)), tuple(json.loads(made)))
    return Job(file_id, state, progress, attempts, next_at or None, owner, reason, fix, *told, ended_at)
