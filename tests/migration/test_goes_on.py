"""A migration that a silent storage has paused goes on by itself, unless a person wants something else."""

import time
from datetime import timedelta
from pathlib import Path

import pytest

from studybuddy.catalog import migration_items
from studybuddy.catalog.migrations import ItemChange, Migration, Scope
from studybuddy.drivers.driver import ObjectInfo
from studybuddy.errors import PermissionDeniedError, StorageError
from tests.migration.conftest import Place, with_driver
from tests.outbox.rig import SILENT, Bucket

_PATIENCE = timedelta(seconds=60)
DENIED = PermissionDeniedError("access denied", fix="Give these keys the permission.")


class Line(Bucket):
    def check(self) -> None:
        self._ask()
        super().check()

    def stat(self, key: str) -> ObjectInfo:
        self._ask()
        return super().stat(key)


def paused_by(place: Place, folder: Path, failure: StorageError) -> tuple[Place, Line, Migration]:
    """Return a migration of ten files that a storage has paused, and the storage."""
    for number in range(10):
        place.add(b"file %d" % number, f"{number}.txt")
    line = Line(folder / "usb")
    moving = with_driver(place, "usb", line)
    migration = moving.migrations.plan("local", "usb", Scope()).migration
    line.failure = failure
    return moving, line, moving.migrations.run(migration.id)


def ended(place: Place, migration_id: int) -> Migration:
    """Wait until nobody works on a migration any more."""
    deadline = time.monotonic() + _PATIENCE.total_seconds()
    while place.migrations.worker(migration := place.migrations.get(migration_id)):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return migration


def test_it_goes_on_when_the_storage_answers_and_not_before(place: Place, tmp_path: Path) -> None:
    moving, line, paused = paused_by(place, tmp_path, SILENT)
    assert (paused.state, paused.goes_on, paused.count("todo").files) == ("paused", True, 10)
    assert "does not answer" in paused.reason
    moving.migrations.go_on()
    assert moving.migrations.get(paused.id) == paused
    line.failure = None
    moving.migrations.go_on()
    done = ended(moving, paused.id)
    assert (done.state, done.goes_on, done.count("switched").files) == ("done", False, 10)


@pytest.mark.parametrize("wanted", ["pause", "undo"])
def test_it_stays_where_a_person_stopped_it(place: Place, tmp_path: Path, wanted: str) -> None:
    moving, line, paused = paused_by(place, tmp_path, SILENT)
    with place.wiring.catalog.write() as db:  # one has moved before the line broke
        migration_items.change(db, paused.id, [ItemChange(1, "switched", None, 1)])
    line.failure = None
    getattr(moving.migrations, wanted)(paused.id)
    assert not moving.migrations.get(paused.id).goes_on
    moving.migrations.go_on()
    assert moving.migrations.worker(moving.migrations.get(paused.id)) is None
    assert moving.migrations.get(paused.id).count("todo").files == 9


def test_what_only_a_person_can_put_right_waits_for_them(place: Place, tmp_path: Path) -> None:
    moving, line, paused = paused_by(place, tmp_path, DENIED)
    assert (paused.state, paused.goes_on) == ("paused", False)
    line.failure = None
    moving.migrations.go_on()
    assert moving.migrations.get(paused.id) == paused
