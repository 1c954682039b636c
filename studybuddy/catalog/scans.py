"""Scans: when a storage was compared with the catalog, how far that went and how it ended."""

from dataclasses import dataclass
from typing import Literal

from sqlite_utils import Database

from studybuddy.errors import ConflictError, NotFoundError, StudyBuddyError
from studybuddy.units import utc_now

Depth = Literal["sizes", "checksums", "deep"]
ScanState = Literal["running", "done", "stopped", "failed", "repairing", "removing"]

DEPTHS: tuple[Depth, ...] = ("sizes", "checksums", "deep")
BUSY: tuple[ScanState, ...] = ("running", "repairing", "removing")
_KEPT = 10  # of each storage
_COLUMNS = """id, storage_id, depth, state, writer, copies, of_copies, objects, bytes, healed, error, fix,
    started_at, ended_at"""


@dataclass(frozen=True, slots=True)
class Scan:
    """One comparison of the catalog with a storage. `error` says why it, or the work on it, ended early."""

    id: int
    storage_id: int
    depth: Depth
    state: ScanState
    writer: str | None
    copies: int  # compared so far
    of_copies: int
    objects: int  # listed so far
    bytes: int
    healed: int
    error: str
    fix: str
    started_at: str
    ended_at: str | None

    @property
    def busy(self) -> bool:
        """Whether a process works on it."""
        return self.state in BUSY


def begin(db: Database, *, storage_id: int, depth: Depth, writer: str) -> Scan:
    """Note that a scan begins, and forget the oldest ones; raise ConflictError while the storage is being scanned."""
    if (busy := _busy(db, storage_id)) is not None:
        raise ConflictError(f"Scan {busy} of this storage is under way", fix="Wait for it, or stop it.")
    db.execute(
        """DELETE FROM scans WHERE storage_id = ?1 AND id NOT IN (
            SELECT id FROM scans WHERE storage_id = ?1 ORDER BY id DESC LIMIT ?2)""",
        [storage_id, _KEPT - 1],
    )
    of_copies = db.execute("SELECT count(*) FROM copies WHERE storage_id = ?", [storage_id]).fetchone()[0]
    cursor = db.execute(
        """INSERT INTO scans (storage_id, depth, state, writer, of_copies, started_at)
        VALUES (?, ?, 'running', ?, ?, ?)""",
        [storage_id, depth, writer, of_copies, utc_now()],
    )
    return get(db, int(cursor.lastrowid or 0))


def resume(db: Database, scan_id: int, state: ScanState, *, writer: str) -> Scan:
    """Begin work on a scan that is done; raise ConflictError when it is not, or the storage is being scanned."""
    scan = get(db, scan_id)
    if scan.state != "done":
        raise ConflictError(
            f"Scan {scan_id} did not reach its end; nothing is changed after it", fix="Scan the storage again."
        )
    if (busy := _busy(db, scan.storage_id)) is not None:
        raise ConflictError(f"Scan {busy} of this storage is under way", fix="Wait for it, or stop it.")
    db.execute("UPDATE scans SET state = ?, writer = ?, error = '', fix = '' WHERE id = ?", [state, writer, scan_id])
    return get(db, scan_id)


def progress(  # noqa: PLR0913
    db: Database, scan_id: int, *, copies: int, objects: int, size: int, healed: int
) -> None:
    """Keep how far a scan is."""
    db.execute(
        "UPDATE scans SET copies = ?, objects = ?, bytes = ?, healed = ? WHERE id = ?",
        [copies, objects, size, healed, scan_id],
    )


def end(db: Database, scan_id: int, state: ScanState, problem: StudyBuddyError | None = None) -> Scan:
    """Keep how a scan, or the work on one, ended."""
    db.execute(
        """UPDATE scans SET state = ?, writer = NULL, error = ?, fix = ?, ended_at = coalesce(ended_at, ?)
        WHERE id = ?""",
        [state, str(problem or ""), problem.fix if problem else "", utc_now(), scan_id],
    )
    return get(db, scan_id)


def get(db: Database, scan_id: int) -> Scan:
    """Return one scan; raise NotFoundError when there is none."""
    row = db.execute(f"SELECT {_COLUMNS} FROM scans WHERE id = ?", [scan_id]).fetchone()
    if row is None:
        raise NotFoundError(f"There is no scan {scan_id}", fix="The last ten scans of each storage are kept.")
    return Scan(*row)


def everything(db: Database, *, storage_id: int | None = None) -> list[Scan]:
    """Return the scans that are kept, of one storage or of all, the last first."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM scans WHERE ?1 IS NULL OR storage_id = ?1 ORDER BY id DESC", [storage_id]
    ).fetchall()
    return [Scan(*row) for row in rows]


def last(db: Database) -> list[Scan]:
    """Return the last scan of each storage."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM scans WHERE id IN (SELECT max(id) FROM scans GROUP BY storage_id)")
    return [Scan(*row) for row in rows.fetchall()]


def in_hand(db: Database) -> list[Scan]:
    """Return the scans that a process works on, or worked on when it died."""
    marks = ", ".join("?" * len(BUSY))
    rows = db.execute(f"SELECT {_COLUMNS} FROM scans WHERE state IN ({marks})", list(BUSY)).fetchall()
    return [Scan(*row) for row in rows]


def _busy(db: Database, storage_id: int) -> int | None:
    return next((scan.id for scan in in_hand(db) if scan.storage_id == storage_id), None)
