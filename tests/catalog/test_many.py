"""Rows that are written many at a time."""

import pytest

from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.many import insert_rows, next_ids, rows_at_once

TIME = "2026-01-01T00:00:00.000000Z"
COLUMNS = ("id", "owner_id", "title", "description", "created_at", "updated_at", "trashed_at")


@pytest.mark.parametrize(
    "title", ["Straße", "日本語 \U0001f600", 'a "quoted", [1] \\ text', "12", "true", "null", "\u202e"]
)
def test_values_come_back_as_they_were_given(catalog: Catalog, title: str) -> None:
    given = [(7, 1, title, title, TIME, TIME, None), (8, 1, "b", "", TIME, TIME, TIME)]
    with catalog.write() as db:
        insert_rows(db, "sessions", COLUMNS, given)
        found = db.execute(f"SELECT {', '.join(COLUMNS)} FROM sessions ORDER BY id").fetchall()
    assert found == given


def test_rows_have_the_ids_that_are_next(catalog: Catalog) -> None:
    with catalog.write() as db:
        for _ in range(2):
            ids = next_ids(db, "sessions", 3)
            insert_rows(db, "sessions", COLUMNS, [(each, 1, "a", "", TIME, TIME, None) for each in ids])
        assert [row[0] for row in db.execute("SELECT id FROM sessions ORDER BY id")] == [1, 2, 3, 4, 5, 6]


def test_no_rows_write_nothing(catalog: Catalog) -> None:
    with catalog.write() as db:
        insert_rows(db, "sessions", COLUMNS, [])
        assert db.execute("SELECT count(*) FROM sessions").fetchone() == (0,)


def test_rows_that_are_read_at_once_are_those_that_a_query_gives(catalog: Catalog) -> None:
    given = [[1, None, 2**53 + 1, "Straße \U0001f600"], [2, None, -1, 'a "quoted",\n[1] \\ text']]
    query = "SELECT json_array(number, NULL, size, text) AS value FROM made WHERE number < ? ORDER BY number"
    with catalog.write() as db:
        db.execute("CREATE TEMP TABLE made (number, size, text)")
        db.conn.executemany("INSERT INTO made VALUES (?, ?, ?)", [(row[0], *row[2:]) for row in reversed(given)])
        assert rows_at_once(db, query, [3]) == given
        assert rows_at_once(db, query, [1]) == []
