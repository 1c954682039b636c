"""Migrations and their items: the journal of every move."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field
from typing import Any, Literal

from sqlite_utils import Database

from studybuddy.errors import NotFoundError
from studybuddy.kinds import Kind
from studybuddy.units import utc_now

MigrationState = Literal["planned", "running", "paused", "done", "failed", "undone", "cleaned"]
ItemState = Literal["todo", "copying", "switched", "skipped", "failed", "undone", "cleaned"]
Order = Literal["oldest", "newest", "smallest", "largest"]

_ORDERS: dict[Order, str] = {
    "oldest": "files.id",
    "newest": "files.id DESC",
    "smallest": "files.size, files.id",
    "largest": "files.size DESC, files.id",
}
_NAMES = (
    "id", "source_id", "target_id", "scope", "state", "reason", "planned_files", "planned_bytes", "bytes_per_second",
    "lease_owner", "pause_wanted", "created_at", "started_at", "ended_at",
)  # fmt: skip
_COLUMNS = ", ".join(_NAMES)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which files of the source move. An empty one means all of them."""

    session_ids: tuple[int, ...] = ()
    kinds: tuple[Kind, ...] = ()
    min_bytes: int | None = None
    max_bytes: int | None = None
    since: str | None = None  # the first day on which they were added, YYYY-MM-DD
    until: str | None = None  # the last day
    first: int | None = None  # only so many, in `order`
    order: Order = "oldest"


@dataclass(frozen=True, slots=True)
class Count:
    """How many items, and how large they are together."""

    files: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Migration:
    """One recorded move of files."""

    id: int
    source_id: int
    target_id: int
    scope: Scope
    state: MigrationState
    reason: str
    planned_files: int
    planned_bytes: int
    bytes_per_second: int | None
    lease_owner: str | None
    pause_wanted: bool
    created_at: str
    started_at: str | None
    ended_at: str | None
    counts: Mapping[ItemState, Count] = field(default_factory=dict)

    def count(self, *states: ItemState) -> Count:
        """Return how many items are in these states together."""
        found = [self.counts.get(state, Count()) for state in states]
        return Count(sum(one.files for one in found), sum(one.bytes for one in found))


@dataclass(frozen=True, slots=True)
class ItemChange:
    """What an item is from now on."""

    position: int
    state: ItemState
    target_copy_id: int | None
    attempts: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One file's move, with what is needed to copy it."""

    position: int
    file_id: int
    size: int
    sha256: str
    content_type: str
    name: str
    source_copy_id: int
    source_key: str
    target_copy_id: int | None
    target_key: str | None
    target_state: str | None
    state: ItemState
    attempts: int
    error: str

    @property
    def is_there(self) -> bool:
        """Whether a verified copy is at the target already."""
        return self.target_state == "verified"

    def changed(self, state: ItemState, error: str = "") -> ItemChange:
        """Return what changes when it gets another state and keeps its target copy."""
        return ItemChange(self.position, state, self.target_copy_id, self.attempts, error)


def insert(db: Database, *, source_id: int, target_id: int, scope: Scope, bytes_per_second: int | None) -> int:
    """Make a migration that has no items yet; return its id."""
    cursor = db.execute(
        """INSERT INTO migrations (source_id, target_id, scope, state, bytes_per_second, created_at)
        VALUES (?, ?, ?, 'planned', ?, ?)""",
        [source_id, target_id, json.dumps(asdict(scope)), bytes_per_second, utc_now()],
    )
    return int(cursor.lastrowid or 0)


def add_items(db: Database, migration_id: int, *, largest: int | None) -> int:
    """Add an item for each file in scope that has none; return how many.

    Files larger than `largest`, and those whose copy is bad, become failed items that say why. A verified copy that is
    at the target already is its item's target copy.
    """
    migration = get(db, migration_id)
    scope, where, values = migration.scope, *_in_scope(migration)
    limit = -1 if scope.first is None else max(scope.first - _items(db, migration_id), 0)
    before = _last_position(db, migration_id)
    db.execute(
        f"""INSERT INTO migration_items
            (migration_id, position, file_id, size, source_copy_id, target_copy_id, state, error)
        SELECT ?, ? + row_number() OVER (ORDER BY {_ORDERS[scope.order]}), files.id, files.size, copies.id, (
                SELECT there.id FROM copies AS there WHERE there.file_id = files.id AND there.storage_id = ?
                AND there.state = 'verified'),
            CASE WHEN copies.state = 'bad' OR files.size > ? THEN 'failed' ELSE 'todo' END,
            CASE WHEN copies.state = 'bad' THEN 'Its copy is damaged or missing: a scan found it so.'
                WHEN files.size > ? THEN 'It is larger than the target takes.' ELSE '' END
        FROM files JOIN copies ON copies.id = files.current_copy_id
        WHERE {where} ORDER BY {_ORDERS[scope.order]} LIMIT ?""",
        [migration_id, before, migration.target_id, *[largest or _MAX] * 2, *values, limit],
    )
    return _count_new(db, migration_id, before)


def outside(db: Database, migration_id: int) -> Count:
    """Return the files in scope that have no item: those that were added after the plan."""
    migration = get(db, migration_id)
    where, values = _in_scope(migration)
    row = db.execute(f"SELECT count(*), coalesce(sum(files.size), 0) FROM files WHERE {where}", values).fetchone()
    return Count(*row)


def by_kind(db: Database, migration_id: int) -> dict[Kind, Count]:
    """Return the items that are planned or done, by kind."""
    rows = db.execute(
        """SELECT files.kind, count(*), sum(migration_items.size) FROM migration_items
        JOIN files ON files.id = migration_items.file_id
        WHERE migration_id = ? AND migration_items.state <> 'failed' GROUP BY files.kind ORDER BY files.kind""",
        [migration_id],
    ).fetchall()
    return {kind: Count(files, size) for kind, files, size in rows}


def already_there(db: Database, migration_id: int) -> Count:
    """Return the items whose bytes are at the target before anything was copied."""
    row = db.execute(
        """SELECT count(*), coalesce(sum(size), 0) FROM migration_items
        WHERE migration_id = ? AND state = 'todo' AND target_copy_id IS NOT NULL""",
        [migration_id],
    ).fetchone()
    return Count(*row)


def get(db: Database, migration_id: int) -> Migration:
    """Return a migration; raise NotFoundError."""
    row = db.execute(f"SELECT {_COLUMNS} FROM migrations WHERE id = ?", [migration_id]).fetchone()
    if row is None:
        raise NotFoundError(f"There is no migration {migration_id}", fix="Look at the list of migrations.")
    return _migration(db, row)


def page(db: Database, *, limit: int = 20, after: int | None = None) -> list[Migration]:
    """Return migrations, the last planned first."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM migrations WHERE id < ? ORDER BY id DESC LIMIT ?", [after or _MAX, limit]
    ).fetchall()
    return [_migration(db, row) for row in rows]


def items(
    db: Database, migration_id: int, *, states: Sequence[ItemState] = (), limit: int = 50, after: int = 0
) -> list[Item]:
    """Return the items behind position `after`, in the order of their positions; of these states, or all."""
    chosen = f"AND item.state IN ({', '.join('?' * len(states))})" if states else ""
    rows = db.execute(
        f"""SELECT item.position, item.file_id, item.size, coalesce(files.sha256, ''),
            coalesce(files.content_type, ''), coalesce(files.name, ''), item.source_copy_id, coalesce(source.key, ''),
            item.target_copy_id, target.key, target.state, item.state, item.attempts, item.error
        FROM migration_items AS item
        LEFT JOIN files ON files.id = item.file_id
        LEFT JOIN copies AS source ON source.id = item.source_copy_id
        LEFT JOIN copies AS target ON target.id = item.target_copy_id
        WHERE item.migration_id = ? {chosen} AND item.position > ? ORDER BY item.position LIMIT ?""",
        [migration_id, *states, after, limit],
    ).fetchall()
    return [Item(*row) for row in rows]


def change_items(db: Database, migration_id: int, changes: Iterable[ItemChange]) -> None:
    """Set the state, target copy, attempts and error of items by their positions."""
    db.conn.executemany(
        """UPDATE migration_items SET state = ?2, target_copy_id = ?3, attempts = ?4, error = ?5
        WHERE migration_id = ?6 AND position = ?1""",
        [(*astuple(change), migration_id) for change in changes],
    )


def change(db: Database, migration_id: int, **columns: str | int | None) -> None:
    """Set columns of a migration."""
    named = ", ".join(f"{name} = ?" for name in columns)
    db.execute(f"UPDATE migrations SET {named} WHERE id = ?", [*columns.values(), migration_id])


def take_lease(db: Database, migration_id: int, owner: str, *, instead_of: str | None) -> bool:
    """Take a migration's lease, which nobody or a dead process holds; tell whether it was so."""
    cursor = db.execute(
        "UPDATE migrations SET lease_owner = ?, pause_wanted = 0 WHERE id = ? AND lease_owner IS ?",
        [owner, migration_id, instead_of],
    )
    return cursor.rowcount == 1


def release_dead(db: Database, migration_id: int, owner: str, reason: str) -> None:
    """Pause a migration whose process died, and let its lease go."""
    db.execute(
        """UPDATE migrations SET lease_owner = NULL, pause_wanted = 0,
            reason = CASE WHEN state = 'running' THEN ? ELSE reason END,
            state = CASE WHEN state = 'running' THEN 'paused' ELSE state END
        WHERE id = ? AND lease_owner = ?""",
        [reason, migration_id, owner],
    )


def retry_failed(db: Database, migration_id: int) -> None:
    """Put the failed items back into the queue."""
    db.execute(
        """UPDATE migration_items SET state = 'todo', attempts = 0, error = ''
        WHERE migration_id = ? AND state = 'failed'""",
        [migration_id],
    )
    db.execute(
        "UPDATE migrations SET state = 'paused', ended_at = NULL WHERE id = ? AND state = 'failed'", [migration_id]
    )


def leased(db: Database) -> list[Migration]:
    """Return the migrations that a process works on, or died over."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM migrations WHERE lease_owner IS NOT NULL ORDER BY id").fetchall()
    return [_migration(db, row) for row in rows]


_MAX = 2**62


def _in_scope(migration: Migration) -> tuple[str, list[Any]]:
    """Return what chooses the files of the source that are in scope and have no item."""
    scope = migration.scope
    where = ["files.storage_id = ?", "files.trashed_at IS NULL"]
    values: list[Any] = [migration.source_id]
    for column, chosen in (("files.session_id", scope.session_ids), ("files.kind", scope.kinds)):
        if chosen:
            where.append(f"{column} IN ({', '.join('?' * len(chosen))})")
            values += chosen
    for condition, value in (
        ("files.size >= ?", scope.min_bytes),
        ("files.size <= ?", scope.max_bytes),
        ("substr(files.created_at, 1, 10) >= ?", scope.since),
        ("substr(files.created_at, 1, 10) <= ?", scope.until),
    ):
        if value is not None:
            where.append(condition)
            values.append(value)
    where.append("NOT EXISTS (SELECT 1 FROM migration_items WHERE migration_id = ? AND file_id = files.id)")
    return " AND ".join(where), [*values, migration.id]


def _items(db: Database, migration_id: int) -> int:
    return int(db.execute("SELECT count(*) FROM migration_items WHERE migration_id = ?", [migration_id]).fetchone()[0])


def _last_position(db: Database, migration_id: int) -> int:
    row = db.execute("SELECT max(position) FROM migration_items WHERE migration_id = ?", [migration_id]).fetchone()
    return int(row[0] or 0)


def _count_new(db: Database, migration_id: int, before: int) -> int:
    """Count the items behind a position into the migration's counts and its plan; return how many they are."""
    rows = db.execute(
        """SELECT state, count(*), sum(size) FROM migration_items WHERE migration_id = ? AND position > ?
        GROUP BY state""",
        [migration_id, before],
    ).fetchall()
    for state, files, size in rows:
        db.execute(
            """INSERT INTO migration_counts VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET files = files + excluded.files, bytes = bytes + excluded.bytes""",
            [migration_id, state, files, size],
        )
        if state == "todo":
            db.execute(
                """UPDATE migrations SET planned_files = planned_files + ?, planned_bytes = planned_bytes + ?
                WHERE id = ?""",
                [files, size, migration_id],
            )
    return sum(files for _, files, _ in rows)


def _migration(db: Database, row: Sequence[Any]) -> Migration:
    counts = db.execute("SELECT state, files, bytes FROM migration_counts WHERE migration_id = ?", [row[0]]).fetchall()
    values = dict(zip(_NAMES, row, strict=True))
    values["scope"] = _scope(values["scope"])
    values["pause_wanted"] = bool(values["pause_wanted"])
    return Migration(**values, counts={state: Count(files, size) for state, files, size in counts if files})


def _scope(text: str) -> Scope:
    given = json.loads(text)
    given |= {"session_ids": tuple(given["session_ids"]), "kinds": tuple(given["kinds"])}
    return Scope(**given)
