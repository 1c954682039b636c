"""Which files a migration moves: its items, made from its scope and changed in groups."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from studybuddy.catalog import migrations
from studybuddy.catalog.migrations import MAX_ID, Count, ItemChange, Migration, Order
from studybuddy.kinds import Kind

_ORDERS: dict[Order, str] = {
    "oldest": "files.id",
    "newest": "files.id DESC",
    "smallest": "files.size, files.id",
    "largest": "files.size DESC, files.id",
}
_REASONS = 20


@dataclass(frozen=True, slots=True)
class Reason:
    """Why items cannot move, and how many."""

    text: str
    count: Count


def add_items(db: Database, migration_id: int, *, largest: int | None) -> int:
    """Add an item for each file in scope that has none; return how many.

    Files larger than `largest`, and those whose copy is bad, become failed items that say why. A verified copy that is
    at the target already is its item's target copy.
    """
    migration = migrations.get(db, migration_id)
    scope, where, values = migration.scope, *_in_scope(migration)
    before = last_position(db, migration_id)
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
        [migration_id, before, migration.target_id, *[largest or MAX_ID] * 2, *values, _room(db, migration)],
    )
    return _count_new(db, migration_id, before)


def change(db: Database, migration_id: int, changes: Sequence[ItemChange]) -> None:
    """Set the state, target copy, attempts and error of items by their positions, and count them where they are now."""
    # Materialized: else SQLite goes through all of the migration's items for each.
    changed = """WITH changed AS MATERIALIZED (
        SELECT ?1 AS migration_id, value ->> 0 AS position, value ->> 1 AS state, value ->> 2 AS target_copy_id,
            value ->> 3 AS attempts, value ->> 4 AS error FROM json_each(?2))"""
    values = [migration_id, json.dumps(changes, ensure_ascii=False)]
    db.execute(
        f"""{changed}, moved AS MATERIALIZED (
            SELECT item.state AS before, changed.state AS now, count(*) AS files, sum(item.size) AS bytes
            FROM changed CROSS JOIN migration_items AS item USING (migration_id, position) GROUP BY before, now)
        INSERT INTO migration_counts SELECT ?1, state, sum(files), sum(bytes) FROM (
            SELECT before AS state, -files AS files, -bytes AS bytes FROM moved
            UNION ALL SELECT now, files, bytes FROM moved
        ) WHERE true GROUP BY state
        ON CONFLICT DO UPDATE SET files = files + excluded.files, bytes = bytes + excluded.bytes""",
        values,
    )
    db.execute(
        f"""{changed} UPDATE migration_items AS item SET state = changed.state,
            target_copy_id = changed.target_copy_id, attempts = changed.attempts, error = changed.error
        FROM changed WHERE item.migration_id = changed.migration_id AND item.position = changed.position""",
        values,
    )


def outside(db: Database, migration_id: int) -> Count:
    """Return the files in scope that have no item and can join: those that were added after the plan."""
    migration = migrations.get(db, migration_id)
    where, values = _in_scope(migration)
    row = db.execute(
        f"""SELECT count(*), coalesce(sum(size), 0) FROM (
            SELECT files.size FROM files WHERE {where} ORDER BY {_ORDERS[migration.scope.order]} LIMIT ?)""",
        [*values, _room(db, migration)],
    ).fetchone()
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


def sizes(db: Database, migration_id: int) -> list[Count]:
    """Return the items that are still to be copied, in groups of nearly one size: within the same 8 MiB."""
    rows = db.execute(
        """SELECT count(*), sum(size) FROM migration_items AS item
        LEFT JOIN copies ON copies.id = item.target_copy_id AND copies.state = 'verified'
        WHERE migration_id = ? AND item.state IN ('todo', 'copying') AND copies.id IS NULL
        GROUP BY (size + 8388607) / 8388608""",
        [migration_id],
    ).fetchall()
    return [Count(*row) for row in rows]


def already_there(db: Database, migration_id: int) -> Count:
    """Return the items whose bytes are at the target before anything was copied."""
    row = db.execute(
        """SELECT count(*), coalesce(sum(size), 0) FROM migration_items AS item
        JOIN copies ON copies.id = item.target_copy_id AND copies.state = 'verified'
        WHERE migration_id = ? AND item.state = 'todo' AND target_copy_id IS NOT NULL""",
        [migration_id],
    ).fetchone()
    return Count(*row)


def reasons(db: Database, migration_id: int) -> list[Reason]:
    """Return why items failed, the most frequent first; at most 20 of the reasons."""
    rows = db.execute(
        """SELECT error, count(*) AS files, sum(size) FROM migration_items
        WHERE migration_id = ? AND state = 'failed' GROUP BY error ORDER BY files DESC, error LIMIT ?""",
        [migration_id, _REASONS],
    ).fetchall()
    return [Reason(error, Count(files, size)) for error, files, size in rows]


def meant_for_another(db: Database, migration_id: int) -> Count:
    """Return the items that are to move and whose files wait in the outbox for another storage than the target."""
    row = db.execute(
        """SELECT count(*), coalesce(sum(item.size), 0) FROM migration_items AS item
        JOIN migrations ON migrations.id = item.migration_id JOIN files ON files.id = item.file_id
        WHERE item.migration_id = ? AND item.state = 'todo'
        AND files.wanted_storage_id IS NOT NULL AND files.wanted_storage_id <> migrations.target_id""",
        [migration_id],
    ).fetchone()
    return Count(*row)


def contested(db: Database, migration_id: int) -> Count:
    """Return the items that are to move and that another migration which was begun is to move as well."""
    row = db.execute(
        """SELECT count(DISTINCT item.file_id), coalesce(sum(item.size), 0) FROM migrations AS other
        JOIN migration_items AS theirs ON theirs.migration_id = other.id
        JOIN migration_items AS item ON item.migration_id = ? AND item.file_id = theirs.file_id
        WHERE other.id <> item.migration_id AND other.state IN ('running', 'paused')
        AND theirs.state IN ('todo', 'copying') AND item.state = 'todo'""",
        [migration_id],
    ).fetchone()
    return Count(*row)


def left_behind(db: Database, migration_id: int) -> dict[int, Count]:
    """Return the copies that a clean-up would delete, by their storages' ids: of what moved, and of what went back.

    A copy that its file has again as its current one, after other moves, is none of them.
    """
    rows = db.execute(
        """SELECT copies.storage_id, count(*), sum(item.size) FROM migration_items AS item
        JOIN copies ON copies.id = iif(item.state = 'switched', item.source_copy_id, item.target_copy_id)
        WHERE item.migration_id = ? AND item.state IN ('switched', 'undone') AND copies.state IN ('verified', 'bad')
        AND NOT EXISTS (SELECT 1 FROM files WHERE files.current_copy_id = copies.id)
        GROUP BY copies.storage_id""",
        [migration_id],
    ).fetchall()
    return {storage_id: Count(files, size) for storage_id, files, size in rows}


def last_position(db: Database, migration_id: int) -> int:
    """Return the position of the last item."""
    row = db.execute("SELECT max(position) FROM migration_items WHERE migration_id = ?", [migration_id]).fetchone()
    return int(row[0] or 0)


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


def _room(db: Database, migration: Migration) -> int:
    """Return how many more files may have an item; -1: any number."""
    if migration.scope.first is None:
        return -1
    row = db.execute("SELECT count(*) FROM migration_items WHERE migration_id = ?", [migration.id]).fetchone()
    return max(migration.scope.first - int(row[0]), 0)


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
