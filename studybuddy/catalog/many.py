"""Rows that are written or read many at a time: in one step, so that SQLite never waits for Python in between."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlite_utils import Database


def next_ids(db: Database, table: str, count: int) -> range:
    """Return the ids that the next rows of a table may have; nobody else takes them while the transaction is open."""
    row = db.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", [table]).fetchone()
    first = int(row[0]) + 1 if row else 1
    return range(first, first + count)


def insert_rows(db: Database, table: str, columns: Sequence[str], rows: Iterable[Sequence[str | int | None]]) -> None:
    """Write rows, each the values of these columns."""
    values = ", ".join(f"value ->> {place}" for place in range(len(columns)))
    db.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM json_each(?)", [json.dumps([*rows])])


def rows_at_once(db: Database, query: str, values: Sequence[str | int | None]) -> list[list[Any]]:
    """Return the rows of a query that gives each as a `json_array` named `value`."""
    # As one row: at each step Python lets other threads go first, and a busy migration has many.
    text = db.execute(f"SELECT '[' || group_concat(value) || ']' FROM ({query})", values).fetchone()[0]
    return json.loads(text) if text else []
