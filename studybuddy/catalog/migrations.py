"""Migrations and their items: the journal of every move."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, NamedTuple

from sqlite_utils import Database

from studybuddy.catalog.many import rows_at_once
from studybuddy.errors import ConflictError, NotFoundError
from studybuddy.kinds import Kind
from studybuddy.units import utc_now

MigrationState = Literal["planned", "running", "paused", "done", "failed", "undone", "cleaned"]
ItemState = Literal["todo", "copying", "switched", "skipped", "failed", "undone", "cleaned"]
Order = Literal["oldest", "newest", "smallest", "largest"]

_NAMES = (
    "id", "source_id", "target_id", "scope", "state", "reason", "planned_files", "planned_bytes", "bytes_per_second",
    "lease_owner", "pause_wanted", "goes_on", "created_at", "started_at", "ended_at",
)  # fmt: skip
_COLUMNS = ", ".join(_NAMES)
MAX_ID = 2**62


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
    goes_on: bool  # it waits for a storage that did not answer, not for a person
    created_at: str
    started_at: str | None
    ended_at: str | None
    counts: Mapping[ItemState, Count] = field(default_factory=dict)

    def count(self, *states: ItemState) -> Count:
        """Return how many items are in these states together."""
        found = [self.counts.get(state, Count()) for state in states]
        return Count(sum(one.files for one in found), sum(one.bytes for one in found))


class ItemChange(NamedTuple):
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
    current_copy_id: int | None  # of the file, wherever it is now; None: it was deleted
    state: ItemState
    attempts: int
    error: str
    resumes: bool = False  # to a target copy of which something may have come before

    @property
    def is_there(self) -> bool:
        """Whether a verified copy is at the target already."""
        return self.target_state == "verified"

    @property
    def is_kept(self) -> bool:
        """Whether what came of a copy at the target is still wanted: the next one goes on from there."""
        return self.target_state == "writing"

    def changed(self, state: ItemState, error: str = "") -> ItemChange:
        """Return what changes when it gets another state and keeps its target copy."""
        return ItemChange(self.position, state, self.target_copy_id, self.attempts, error)

    def begun(self, target: tuple[int, str] | None) -> "Item":
        """Return it as it is while it is copied: to a new copy's id and key, if any, or to the one that is there."""
        if self.is_there:
            target_copy_id, target_key, target_state = self.target_copy_id, self.target_key, self.target_state
        else:
            left = self.target_copy_id if self.is_kept else None  # in vain: its file was moved or deleted meanwhile
            target_copy_id, target_key, target_state = (*target, "writing") if target else (left, None, None)
        # Not `replace`: it would take longer than SQLite does.
        return Item(
            self.position, self.file_id, self.size, self.sha256, self.content_type, self.name, self.source_copy_id,
            self.source_key, target_copy_id, target_key, target_state, self.current_copy_id,
            "copying", self.attempts + 1, self.error, self.is_kept,
        )  # fmt: skip


def insert(db: Database, *, source_id: int, target_id: int, scope: Scope, bytes_per_second: int | None) -> int:
    """Make a migration that has no items yet; return its id."""
    cursor = db.execute(
        """INSERT INTO migrations (source_id, target_id, scope, state, bytes_per_second, created_at)
        VALUES (?, ?, ?, 'planned', ?, ?)""",
        [source_id, target_id, json.dumps(asdict(scope)), bytes_per_second, utc_now()],
    )
    return int(cursor.lastrowid or 0)


def get(db: Database, migration_id: int) -> Migration:
    """Return a migration; raise NotFoundError."""
    row = db.execute(f"SELECT {_COLUMNS} FROM migrations WHERE id = ?", [migration_id]).fetchone()
    if row is None:
        raise NotFoundError(f"There is no migration {migration_id}", fix="Look at the list of migrations.")
    return _migration(db, row)


def page(db: Database, *, limit: int = 20, after: int | None = None) -> list[Migration]:
    """Return migrations, the last planned first."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM migrations WHERE id < ? ORDER BY id DESC LIMIT ?", [after or MAX_ID, limit]
    ).fetchall()
    return [_migration(db, row) for row in rows]


def items(
    db: Database, migration_id: int, *, states: Sequence[ItemState] = (), limit: int = 50, after: int = 0
) -> list[Item]:
    """Return the items behind position `after`, in the order of their positions; of these states, or all."""
    chosen = f"AND item.state IN ({', '.join('?' * len(states))})" if states else ""
    rows = rows_at_once(
        db,
        f"""SELECT json_array(item.position, item.file_id, item.size, coalesce(files.sha256, ''),
            coalesce(files.content_type, ''), coalesce(files.name, ''), item.source_copy_id, coalesce(source.key, ''),
            item.target_copy_id, target.key, target.state, files.current_copy_id,
            item.state, item.attempts, item.error) AS value
        FROM migration_items AS item
        LEFT JOIN files ON files.id = item.file_id
        LEFT JOIN copies AS source ON source.id = item.source_copy_id
        LEFT JOIN copies AS target ON target.id = item.target_copy_id
        WHERE item.migration_id = ? {chosen} AND item.position > ? ORDER BY item.position LIMIT ?""",
        [migration_id, *states, after, limit],
    )
    return [Item(*row) for row in rows]


def kept_items(db: Database, migration_id: int) -> list[Item]:
    """Return the items that nobody copies now and that are to go on with what came of their target copies."""
    # From the few copies that are being written, by their index: a migration may have a million items.
    positions = db.execute(
        """SELECT item.position FROM copies CROSS JOIN migration_items AS item
        ON item.migration_id = ? AND item.file_id = copies.file_id AND item.target_copy_id = copies.id
        WHERE copies.state = 'writing' AND copies.state IN ('writing', 'doomed', 'bad')
        AND copies.resumable AND item.state IN ('todo', 'copying')""",
        [migration_id],
    ).fetchall()
    return [item for (position,) in positions for item in items(db, migration_id, limit=1, after=position - 1)]


def change(db: Database, migration_id: int, **columns: str | int | None) -> None:
    """Set columns of a migration."""
    named = ", ".join(f"{name} = ?" for name in columns)
    db.execute(f"UPDATE migrations SET {named} WHERE id = ?", [*columns.values(), migration_id])


def delete(db: Database, migration_id: int) -> None:
    """Delete a migration with its items; its copies stay."""
    db.execute("DELETE FROM migrations WHERE id = ?", [migration_id])


def take_lease(db: Database, migration_id: int, owner: str, *, instead_of: str | None) -> bool:
    """Take a migration's lease, which nobody or a dead process holds; tell whether it was so."""
    cursor = db.execute(
        "UPDATE migrations SET lease_owner = ?, pause_wanted = 0 WHERE id = ? AND lease_owner IS ?",
        [owner, migration_id, instead_of],
    )
    return cursor.rowcount == 1


def release_lease(db: Database, migration_id: int, owner: str) -> None:
    """Let a lease go, if it is still this owner's."""
    db.execute(
        "UPDATE migrations SET lease_owner = NULL, pause_wanted = 0 WHERE id = ? AND lease_owner = ?",
        [migration_id, owner],
    )


def expect_lease(db: Database, migration_id: int, owner: str) -> None:
    """Raise ConflictError when another has taken over; whoever writes what a lease guards asks in its transaction."""
    row = db.execute("SELECT lease_owner FROM migrations WHERE id = ?", [migration_id]).fetchone()
    if row is None or row[0] != owner:
        raise ConflictError(f"Another process has taken over migration {migration_id}", fix="Look at it there.")


def end(db: Database, migration_id: int) -> bool:
    """Bring a run to its end; tell whether it is one, or items have joined that wait."""
    migration = get(db, migration_id)
    if migration.count("todo", "copying").files:
        return False
    state = "failed" if migration.count("failed").files else "done"
    change(db, migration_id, state=state, reason="", ended_at=utc_now())
    return True


def release_dead(db: Database, migration_id: int, owner: str | None, reason: str) -> None:
    """Pause a migration whose process died, and let its lease go."""
    db.execute(
        """UPDATE migrations SET lease_owner = NULL, pause_wanted = 0,
            reason = CASE WHEN state = 'running' THEN ? ELSE reason END,
            state = CASE WHEN state = 'running' THEN 'paused' ELSE state END
        WHERE id = ? AND lease_owner IS ?""",
        [reason, migration_id, owner],
    )


def retry_failed(db: Database, migration_id: int) -> None:
    """Put the failed items back into the queue."""
    db.execute(
        """INSERT INTO migration_counts SELECT migration_id, 'todo', files, bytes FROM migration_counts
        WHERE migration_id = ? AND state = 'failed'
        ON CONFLICT DO UPDATE SET files = files + excluded.files, bytes = bytes + excluded.bytes""",
        [migration_id],
    )
    db.execute("DELETE FROM migration_counts WHERE migration_id = ? AND state = 'failed'", [migration_id])
    db.execute(
        """UPDATE migration_items SET state = 'todo', attempts = 0, error = ''
        WHERE migration_id = ? AND state = 'failed'""",
        [migration_id],
    )
    db.execute(
        "UPDATE migrations SET state = 'paused', ended_at = NULL WHERE id = ? AND state = 'failed'", [migration_id]
    )


def pause(db: Database, migration_id: int) -> None:
    """Ask whoever runs a migration to pause it; one that waits for a storage waits for a person from now on."""
    db.execute(
        """UPDATE migrations SET pause_wanted = lease_owner IS NOT NULL, goes_on = 0,
            reason = CASE WHEN goes_on THEN '' ELSE reason END WHERE id = ?""",
        [migration_id],
    )


def waiting(db: Database) -> list[Migration]:
    """Return the migrations that go on as soon as their storages answer."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM migrations WHERE goes_on = 1 ORDER BY id").fetchall()
    return [_migration(db, row) for row in rows]


def paused(db: Database, *, limit: int) -> list[Migration]:
    """Return the migrations that were begun and wait to go on, the last planned first."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM migrations WHERE state = 'paused' ORDER BY id DESC LIMIT ?", [limit]
    ).fetchall()
    return [_migration(db, row) for row in rows]


def leased(db: Database) -> list[Migration]:
    """Return the migrations that a process works on, or died over."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM migrations WHERE lease_owner IS NOT NULL OR state = 'running' ORDER BY id"
    ).fetchall()
    return [_migration(db, row) for row in rows]


def _migration(db: Database, row: Sequence[Any]) -> Migration:
    counts = db.execute("SELECT state, files, bytes FROM migration_counts WHERE migration_id = ?", [row[0]]).fetchall()
    values = dict(zip(_NAMES, row, strict=True))
    values["scope"] = _scope(values["scope"])
    values |= {name: bool(values[name]) for name in ("pause_wanted", "goes_on")}
    return Migration(**values, counts={state: Count(files, size) for state, files, size in counts if files})


def _scope(text: str) -> Scope:
    given = json.loads(text)
    given |= {"session_ids": tuple(given["session_ids"]), "kinds": tuple(given["kinds"])}
    return Scope(**given)
