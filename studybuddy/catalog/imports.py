"""Imports and their items: the journal of what comes from elsewhere."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlite_utils import Database

from studybuddy.catalog.migrations import MAX_ID, Count
from studybuddy.errors import NotFoundError
from studybuddy.kinds import Kind
from studybuddy.units import utc_now

ImportKind = Literal["storage", "table"]
ImportState = Literal["running", "paused", "done", "failed"]
ItemState = Literal["todo", "done", "there", "skipped", "failed"]

_NAMES = (
    "id", "kind", "source", "label", "options", "target_id", "state", "reason", "is_listed", "writer", "started_at",
    "ended_at",
)  # fmt: skip
_COLUMNS = ", ".join(_NAMES)
_WANTED = (
    "place", "origin_url", "storage_id", "address", "name", "session", "lecture", "expected", "recorded_on",
    "created_at", "size",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Import:
    """One import of a bucket or of a table's addresses."""

    id: int
    kind: ImportKind
    source: str
    label: str
    options: Mapping[str, Any]
    target_id: int
    state: ImportState
    reason: str
    is_listed: bool
    writer: str | None
    started_at: str
    ended_at: str | None
    counts: Mapping[ItemState, Count] = field(default_factory=dict)

    def count(self, *states: ItemState) -> Count:
        """Return how many items are in these states together."""
        found = [self.counts.get(state, Count()) for state in states]
        return Count(sum(one.files for one in found), sum(one.bytes for one in found))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Something that a source lists."""

    origin_url: str
    storage_id: int | None  # None: fetched from `address`
    address: str  # its key in that storage, or its URL
    name: str
    session: str  # a title
    place: str = ""  # the row and column of a table
    lecture: str | None = None  # a title
    expected: Kind | None = None
    recorded_on: str | None = None
    created_at: str | None = None
    size: int | None = None
    state: ItemState = "todo"
    file_id: int | None = None  # of what is there already
    problem: str = ""  # why it is skipped or failed from the start


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of an import, and what became of it."""

    position: int
    wanted: Wanted
    state: ItemState
    attempts: int
    file_id: int | None
    error: str


@dataclass(frozen=True, slots=True)
class ItemChange:
    """What an item is from now on."""

    position: int
    state: ItemState
    attempts: int
    file_id: int | None = None
    size: int | None = None  # None: as it was
    error: str = ""


def insert(  # noqa: PLR0913
    db: Database, *, kind: ImportKind, source: str, label: str, options: Mapping[str, Any], target_id: int
) -> int:
    """Note that an import begins, paused until it is run; return its id."""
    cursor = db.execute(
        """INSERT INTO imports (kind, source, label, options, target_id, state, started_at)
        VALUES (?, ?, ?, ?, ?, 'paused', ?)""",
        [kind, source, label, json.dumps(options), target_id, utc_now()],
    )
    return int(cursor.lastrowid or 0)


def get(db: Database, import_id: int) -> Import:
    """Return an import; raise NotFoundError."""
    row = db.execute(f"SELECT {_COLUMNS} FROM imports WHERE id = ?", [import_id]).fetchone()
    if row is None:
        raise NotFoundError(f"There is no import {import_id}", fix="Look at the list of imports.")
    return _import(db, row)


def page(db: Database, *, limit: int, after: int | None = None) -> list[Import]:
    """Return imports, the last begun first."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM imports WHERE id < ? ORDER BY id DESC LIMIT ?", [after or MAX_ID, limit]
    ).fetchall()
    return [_import(db, row) for row in rows]


def unfinished(db: Database, *, source: str, target_id: int) -> Import | None:
    """Return the last import from a source to a target, when it waits to go on."""
    row = db.execute(
        f"""SELECT {_COLUMNS} FROM imports WHERE source = ? AND target_id = ? AND state IN ('paused', 'running')
        ORDER BY id DESC LIMIT 1""",
        [source, target_id],
    ).fetchone()
    return _import(db, row) if row else None


def last(db: Database, *, source: str) -> Import | None:
    """Return the import from a source that was begun last, to whatever target."""
    row = db.execute(f"SELECT {_COLUMNS} FROM imports WHERE source = ? ORDER BY id DESC LIMIT 1", [source]).fetchone()
    return _import(db, row) if row else None


def in_hand(db: Database) -> list[Import]:
    """Return the imports that a process works on, or died over."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM imports WHERE writer IS NOT NULL ORDER BY id").fetchall()
    return [_import(db, row) for row in rows]


def change(db: Database, import_id: int, **columns: str | int | None) -> None:
    """Set columns of an import."""
    named = ", ".join(f"{name} = ?" for name in columns)
    db.execute(f"UPDATE imports SET {named} WHERE id = ?", [*columns.values(), import_id])


def add_items(db: Database, import_id: int, wanted: Sequence[Wanted]) -> None:
    """Note what a source lists; what is noted already stays as it is."""
    last = db.execute("SELECT max(position) FROM import_items WHERE import_id = ?", [import_id]).fetchone()[0] or 0
    db.conn.executemany(
        f"""INSERT INTO import_items (import_id, position, {", ".join(_WANTED)}, state, file_id, error)
        VALUES (?, ?, {", ".join("?" * len(_WANTED))}, ?, ?, ?) ON CONFLICT DO NOTHING""",
        [
            (
                import_id, position, *(getattr(one, name) for name in _WANTED),
                one.state, one.file_id, one.problem,
            )
            for position, one in enumerate(wanted, last + 1)
        ],
    )  # fmt: skip


def items(
    db: Database, import_id: int, *, states: Sequence[ItemState] = (), limit: int = 50, after: int = 0
) -> list[Item]:
    """Return the items behind position `after`; of these states, or all."""
    chosen = f"AND state IN ({', '.join('?' * len(states))})" if states else ""
    rows = db.execute(
        f"""SELECT position, state, attempts, file_id, error, {", ".join(_WANTED)} FROM import_items
        WHERE import_id = ? {chosen} AND position > ? ORDER BY position LIMIT ?""",
        [import_id, *states, after, limit],
    ).fetchall()
    return [Item(row[0], Wanted(**dict(zip(_WANTED, row[5:], strict=True))), *row[1:5]) for row in rows]


def change_items(db: Database, import_id: int, changes: Iterable[ItemChange]) -> None:
    """Keep what became of items. Of one that is here, the address is forgotten: it may hold a token."""
    db.conn.executemany(
        """UPDATE import_items SET state = ?2, attempts = ?3, file_id = ?4, size = coalesce(?5, size), error = ?6,
            address = CASE WHEN storage_id IS NULL AND ?2 IN ('done', 'there') THEN origin_url ELSE address END
        WHERE import_id = ?7 AND position = ?1""",
        [(one.position, one.state, one.attempts, one.file_id, one.size, one.error, import_id) for one in changes],
    )


def retry_failed(db: Database, import_id: int) -> None:
    """Put the failed items that have an address back into the queue."""
    db.execute(
        """UPDATE import_items SET state = 'todo', attempts = 0, error = ''
        WHERE import_id = ? AND state = 'failed' AND address <> ''""",
        [import_id],
    )
    db.execute("UPDATE imports SET state = 'paused', ended_at = NULL WHERE id = ? AND state = 'failed'", [import_id])


def _import(db: Database, row: Sequence[Any]) -> Import:
    counts = db.execute("SELECT state, files, bytes FROM import_counts WHERE import_id = ?", [row[0]]).fetchall()
    values = dict(zip(_NAMES, row, strict=True))
    values |= {"options": json.loads(values["options"]), "is_listed": bool(values["is_listed"])}
    return Import(**values, counts={state: Count(files, size) for state, files, size in counts if files})
