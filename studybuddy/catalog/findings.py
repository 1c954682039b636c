"""What scans compare and find: the copies that a storage should hold, and where it differs."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlite_utils import Database

from studybuddy.catalog import cursors
from studybuddy.catalog.records import CopyState, Page
from studybuddy.catalog.words import storable

FindingKind = Literal[
    "missing", "wrong_size", "damaged", "unreadable", "no_copy", "misplaced", "unknown", "stale_temporary"
]
FindingState = Literal["open", "repaired", "marked", "removed", "gone"]

KINDS: tuple[FindingKind, ...] = (
    "missing", "wrong_size", "damaged", "unreadable", "no_copy", "misplaced", "unknown", "stale_temporary",
)  # fmt: skip
DAMAGE: tuple[FindingKind, ...] = ("missing", "wrong_size", "damaged", "unreadable", "no_copy")
UNSETTLED: tuple[FindingState, ...] = ("open", "marked")
_TOKEN = re.compile(r"[0-9a-f]{32}")
_COLUMNS = """findings.id, findings.scan_id, findings.kind, findings.state, findings.key, findings.copy_id,
    findings.file_id, findings.size, findings.modified_at, findings.detail, files.name, files.session_id"""
_JOIN = "findings LEFT JOIN files ON files.id = findings.file_id"
_IN_ORDER = "findings INDEXED BY findings_by_scan LEFT JOIN files ON files.id = findings.file_id"


@dataclass(frozen=True, slots=True)
class KnownCopy:
    """What the catalog says of an object. `size` and `sha256` are its file's; None: it has no file any more."""

    key: str
    id: int
    state: CopyState
    file_id: int | None
    size: int | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference between the catalog and a storage."""

    kind: FindingKind
    key: str
    size: int = 0  # bytes that are there
    copy_id: int | None = None
    file_id: int | None = None
    modified_at: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A finding that is kept, with what its file is called today."""

    id: int
    scan_id: int
    kind: FindingKind
    state: FindingState
    key: str
    copy_id: int | None
    file_id: int | None
    size: int
    modified_at: str | None
    detail: str
    name: str | None
    session_id: int | None


@dataclass(frozen=True, slots=True)
class Count:
    """How many findings of a kind are in a state, and their bytes."""

    kind: FindingKind
    state: FindingState
    findings: int
    bytes: int


def known_copies(db: Database, storage_id: int, *, after: str, upto: str | None, limit: int) -> list[KnownCopy]:
    """Return the copies in a storage with keys behind `after` and not behind `upto` (None: all), by key."""
    until = "" if upto is None else "AND copies.key <= ?"
    rows = db.execute(
        f"""SELECT copies.key, copies.id, copies.state, files.id, files.size, files.sha256
        FROM copies LEFT JOIN files ON files.id = copies.file_id
        WHERE copies.storage_id = ? AND copies.key > ? {until} ORDER BY copies.key LIMIT ?""",
        [storage_id, after, *([] if upto is None else [upto]), limit],
    ).fetchall()
    return [KnownCopy(*row) for row in rows]


def copies_at(db: Database, key: str) -> list[tuple[int, KnownCopy]]:
    """Return the copies at a key with their storages: keys are minted once, so there is one at most, if all is well."""
    rows = db.execute(
        """SELECT copies.storage_id, copies.key, copies.id, copies.state, files.id, files.size, files.sha256
        FROM copies LEFT JOIN files ON files.id = copies.file_id
        WHERE copies.storage_id IN (SELECT id FROM storages) AND copies.key = ?""",
        [storable(key)],
    ).fetchall()
    return [(int(row[0]), KnownCopy(*row[1:])) for row in rows]


def known_copy(db: Database, copy_id: int) -> KnownCopy | None:
    """Return what the catalog says of one copy now, or None."""
    row = db.execute(
        """SELECT copies.key, copies.id, copies.state, files.id, files.size, files.sha256
        FROM copies LEFT JOIN files ON files.id = copies.file_id WHERE copies.id = ?""",
        [copy_id],
    ).fetchone()
    return KnownCopy(*row) if row else None


def without_copy(db: Database, storage_id: int, *, after: int, limit: int) -> list[tuple[int, int]]:
    """Return the ids and sizes of files that were in a storage and whose current copy has no row."""
    rows = db.execute(
        """SELECT id, size FROM files WHERE current_copy_id > 0 AND storage_id = ? AND id > ?
        AND NOT EXISTS (SELECT 1 FROM copies WHERE copies.id = files.current_copy_id) ORDER BY id LIMIT ?""",
        [storage_id, after, limit],
    ).fetchall()
    return [(int(row[0]), int(row[1])) for row in rows]


def insert(db: Database, scan_id: int, found: Iterable[Finding]) -> None:
    """Keep what a scan found."""
    for one in found:
        db.execute(
            """INSERT INTO findings (scan_id, kind, key, copy_id, file_id, size, modified_at, detail, token)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            [scan_id, one.kind, storable(one.key), one.copy_id, one.file_id, one.size, one.modified_at,
             storable(one.detail), _token(one.key)],
        )  # fmt: skip


def settle(db: Database, finding_id: int, state: FindingState, *, detail: str | None = None) -> None:
    """Keep what became of a finding."""
    db.execute("UPDATE findings SET state = ?, detail = coalesce(?, detail) WHERE id = ?", [state, detail, finding_id])


def tell_misplaced(db: Database, scan_id: int) -> None:
    """Recognise, by the uuid in their keys, unknown objects that are missing elsewhere in the same storage."""
    missing = """SELECT {} FROM findings AS missing WHERE missing.scan_id = findings.scan_id
        AND missing.token <> '' AND missing.token = findings.token AND missing.kind = 'missing' LIMIT 1"""
    db.execute(
        f"""UPDATE findings SET kind = 'misplaced', file_id = ({missing.format("missing.file_id")}),
            copy_id = ({missing.format("missing.copy_id")}), detail = ({missing.format("'belongs at ' || missing.key")})
        WHERE scan_id = ? AND kind = 'unknown' AND token <> '' AND EXISTS ({missing.format("1")})""",
        [scan_id],
    )


def some(  # noqa: PLR0913
    db: Database,
    scan_id: int,
    kinds: Sequence[FindingKind] = KINDS,
    states: Sequence[FindingState] = (),
    *,
    after: int = 0,
    limit: int = 500,
) -> list[Kept]:
    """Return findings of these kinds, in these states (none given: in any), behind the id `after`."""
    rows = db.execute(
        f"""SELECT {_COLUMNS} FROM {_IN_ORDER} WHERE findings.scan_id = ? AND findings.id > ?
        AND findings.kind IN ({_marks(kinds)}) {f"AND findings.state IN ({_marks(states)})" if states else ""}
        ORDER BY findings.id LIMIT ?""",
        [scan_id, after, *kinds, *states, limit],
    ).fetchall()
    return [Kept(*row) for row in rows]


def page(
    db: Database, scan_id: int, *, kind: FindingKind | None = None, limit: int = 50, after: str | None = None
) -> Page[Kept]:
    """List what a scan found, a page at a time."""
    place = cursors.decode(after, f"scan {scan_id}", int)[0] if after else 0
    limit = max(1, min(limit, 500))
    found = some(db, scan_id, (kind,) if kind else KINDS, after=int(place), limit=limit + 1)
    rows = tuple(found[:limit])
    return Page(rows, cursors.encode(f"scan {scan_id}", rows[-1].id) if len(found) > limit else None)


def of_size(db: Database, scan_id: int, size: int, *, limit: int = 100) -> list[Kept]:
    """Return objects that a scan found and that may hold a file's bytes, those that nobody knows first."""
    rows = db.execute(
        f"""SELECT {_COLUMNS} FROM {_JOIN} WHERE findings.scan_id = ? AND findings.size = ?
        AND (findings.kind IN ('misplaced', 'unknown') AND findings.state = 'open' OR findings.kind = 'damaged')
        ORDER BY findings.kind <> 'unknown', findings.id LIMIT ?""",
        [scan_id, size, limit],
    ).fetchall()
    return [Kept(*row) for row in rows]


def misplaced(db: Database, scan_id: int, copy_id: int) -> list[Kept]:
    """Return the objects that are taken for a copy's, at wrong keys."""
    rows = db.execute(
        f"""SELECT {_COLUMNS} FROM {_JOIN} WHERE findings.scan_id = ? AND findings.kind = 'misplaced'
        AND findings.copy_id = ? AND findings.state = 'open' ORDER BY findings.id LIMIT 10""",
        [scan_id, copy_id],
    ).fetchall()
    return [Kept(*row) for row in rows]


def is_wanted(db: Database, scan_id: int, size: int) -> bool:
    """Tell whether a damaged file of this size was not seen to yet: an object of the same size may hold its bytes."""
    row = db.execute(
        f"""SELECT 1 FROM {_JOIN} WHERE findings.scan_id = ? AND findings.kind IN ({_marks(DAMAGE)})
        AND findings.state = 'open' AND files.size = ? LIMIT 1""",
        [scan_id, *DAMAGE, size],
    ).fetchone()
    return row is not None


def counts(db: Database, scan_id: int) -> list[Count]:
    """Return how much a scan found, by kind and what became of it."""
    rows = db.execute(
        "SELECT kind, state, count(*), sum(size) FROM findings WHERE scan_id = ? GROUP BY kind, state", [scan_id]
    ).fetchall()
    return sorted((Count(*row) for row in rows), key=lambda count: (KINDS.index(count.kind), count.state))


def _token(key: str) -> str:
    found = _TOKEN.search(key)
    return found[0] if found else ""


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))
