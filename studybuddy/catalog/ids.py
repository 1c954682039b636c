"""Ids of rows that are written many at a time."""

from sqlite_utils import Database


def next_ids(db: Database, table: str, count: int) -> range:
    """Return the ids that the next rows of a table may have; nobody else takes them while the transaction is open."""
    row = db.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", [table]).fetchone()
    first = int(row[0]) + 1 if row else 1
    return range(first, first + count)
