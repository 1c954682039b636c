"""A migration's report: every item with where it came from, where it is, its hash and what became of it."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal

from studybuddy.migration.shapes import item_json, migration_json
from studybuddy.shapes import Json
from studybuddy.spreadsheets import cell
from studybuddy.storages import Storages

if TYPE_CHECKING:
    from studybuddy.catalog.migrations import Item
    from studybuddy.migration.migrations import Migrations

Format = Literal["csv", "json"]
_PAGE = 1000
_COLUMNS = (
    "position", "file_id", "name", "size", "sha256", "source", "source_key", "target", "target_key", "state",
    "attempts", "error",
)  # fmt: skip


def report(migrations: "Migrations", storages: Storages, migration_id: int, *, kind: Format) -> Iterator[str]:
    """Return a report in pieces, so that a long one is never whole in memory; raise NotFoundError at once."""
    migration = migrations.get(migration_id)

    def rows() -> Iterator[Json]:
        return (item_json(item, migration, storages) for item in _items(migrations, migration_id))

    if kind == "csv":
        return _csv(rows)
    return _json(migration_json(migration, migrations, storages), rows)


def _items(migrations: "Migrations", migration_id: int) -> "Iterator[Item]":
    after = 0
    while items := migrations.items(migration_id, limit=_PAGE, after=after):
        yield from items
        after = items[-1].position


def _csv(rows: Callable[[], Iterator[Json]]) -> Iterator[str]:
    yield "\ufeff" + _line(_COLUMNS)  # else Excel takes names for another encoding's
    for row in rows():
        yield _line([_cell(row[column]) for column in _COLUMNS])


def _line(cells: Any) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()


def _cell(value: object) -> object:
    return cell(value) if isinstance(value, str) else value


def _json(migration: Json, rows: Callable[[], Iterator[Json]]) -> Iterator[str]:
    yield f'{{"migration": {json.dumps(migration, ensure_ascii=False)}, "items": ['
    before = "\n"
    for row in rows():
        yield before + json.dumps(row, ensure_ascii=False)
        before = ",\n"
    yield "\n]}\n"
