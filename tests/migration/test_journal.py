"""The journal of a migration: a group costs so many statements, however many items it has."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from studybuddy.catalog import Database, migrations
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.migrations import Count, Scope
from studybuddy.migration.journal import Journal, Outcome
from tests.migration.conftest import Place

_MANY = 40


class Traced(Catalog):
    """A catalog that notes what it is asked while it is written."""

    asked: tuple[str, ...] = ()

    @contextmanager
    def write(self) -> Iterator[Database]:
        asked: dict[str, None] = {}  # one text once: triggers repeat their statement's
        with super().write() as db:
            db.conn.set_trace_callback(asked.setdefault)
            yield db
            db.conn.set_trace_callback(None)
            self.asked = tuple(asked)


@pytest.fixture
def catalog(place: Place) -> Traced:
    return Traced(place.wiring.catalog.path)


@pytest.fixture
def journal(place: Place, catalog: Traced) -> Journal:
    for number in range(_MANY):
        place.add(b"%d" % number, f"{number}.txt")
    migration = place.migrations.plan("local", "usb", Scope()).migration
    with catalog.write() as db:
        assert migrations.take_lease(db, migration.id, "me", instead_of=None)
    return Journal(catalog, migration.id, target_id=migration.target_id, writer="me")


def test_a_group_is_begun_and_settled_by_as_many_statements_as_one_item(journal: Journal, catalog: Traced) -> None:
    statements = []
    position = 0
    for size in (1, _MANY - 1):
        begun, _ = journal.advance([], begin=size, after=position)
        assert len(begun) == size
        beginning = len(catalog.asked)
        journal.advance([Outcome(item, "switched") for item in begun], begin=0, after=0)
        statements.append((beginning, len(catalog.asked)))
        position = begun[-1].position
    assert statements[0] == statements[1]


def test_each_item_of_a_group_is_looked_up_by_its_key(journal: Journal, catalog: Traced) -> None:
    begun, _ = journal.advance([], begin=_MANY, after=0)
    asked = list(catalog.asked)
    journal.advance([Outcome(item, "switched") for item in begun], begin=0, after=0)
    asked += catalog.asked
    with catalog.read() as db:
        steps = [row[3] for text in asked for row in db.execute(f"EXPLAIN QUERY PLAN {text}").fetchall()]
    assert [step for step in steps if step.startswith("SCAN") and step.split()[1] in {"item", "files", "copies"}] == []
    assert all("position" in step for step in steps if step.startswith("SEARCH item"))


def test_the_items_of_a_group_are_counted_where_they_are(place: Place, journal: Journal) -> None:
    (first, *others), _ = journal.advance([], begin=_MANY, after=0)
    journal.advance(
        [
            Outcome(first, "failed", 'It\'s "broken": 重点'),
            *(Outcome(item, "switched") for item in others[1:]),
            Outcome(others[0], "todo"),
        ],
        begin=0,
        after=0,
    )
    counts = place.migrations.get(1).counts
    size = sum(item.size for item in others[1:])
    assert counts == {"failed": Count(1, 1), "todo": Count(1, 1), "switched": Count(_MANY - 2, size)}
    (failed,) = place.migrations.items(1, states=["failed"])
    assert (failed.error, failed.target_copy_id) == ('It\'s "broken": 重点', None)


def test_of_a_group_only_the_files_that_are_still_at_the_source_are_switched(place: Place, journal: Journal) -> None:
    begun, _ = journal.advance([], begin=3, after=0)
    place.wiring.library.trash_file(begun[0].file_id)
    place.wiring.library.purge_file(begun[0].file_id)
    journal.advance([Outcome(item, "switched") for item in begun], begin=0, after=0)
    assert [item.state for item in place.migrations.items(1, limit=3)] == ["skipped", "switched", "switched"]
    assert [place.where(item.file_id) for item in begun[1:]] == ["usb", "usb"]
