"""Small files that are written to a disk together: each still stands for itself."""

import os
from pathlib import Path

import pytest

from studybuddy.catalog.migrations import Scope
from studybuddy.units import MIB
from tests.invariants import check_at_rest
from tests.migration.conftest import Place
from tests.waiting import awaited


@pytest.fixture(autouse=True)
def together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have them copied from a disk as if they came from a bucket."""
    monkeypatch.setattr("studybuddy.migration.threads._copies_itself", lambda *_: False)


def stored(place: Place, tmp_path: Path, file_id: int) -> Path:
    """Return where a file's bytes are."""
    with place.wiring.catalog.read() as db:
        key = str(db.execute("SELECT key FROM copies WHERE file_id = ?", [file_id]).fetchone()[0])
    return tmp_path / "uploads" / key


def test_files_that_are_copied_together_arrive_whole(place: Place) -> None:
    sizes = [0, 1, 70_000, MIB - 1, MIB, MIB + 1, *[1000] * 60]
    files = {place.add(content): content for content in map(os.urandom, sizes)}
    migration_id = place.move("local", "usb")
    assert place.migrations.get(migration_id).state == "done"
    assert {file_id: place.content(file_id) for file_id in files} == files
    assert {place.where(file_id) for file_id in files} == {"usb"}
    place.migrations.clean_up(migration_id, now=True)
    check_at_rest(place.wiring)


def test_a_file_that_cannot_be_copied_keeps_none_of_the_others(place: Place, tmp_path: Path) -> None:
    files = {place.add(content): content for content in (os.urandom(1000) for _ in range(30))}
    damaged, missing, *whole = files
    stored(place, tmp_path, damaged).write_bytes(bytes(1000))
    migration_id = place.migrations.plan("local", "usb", Scope()).migration.id
    stored(place, tmp_path, missing).unlink()
    done = place.migrations.run(migration_id)
    errors = {item.file_id: item.error for item in place.migrations.items(migration_id, states=["failed"])}
    assert (done.state, set(errors)) == ("failed", {damaged, missing})
    assert "damaged" in errors[damaged]
    assert {place.where(file_id) for file_id in whole} == {"usb"}
    assert all(place.content(file_id) == files[file_id] for file_id in whole)
    assert len(place.objects("usb")) == len(whole)


def test_a_folder_that_takes_no_files_pauses_with_the_reason_and_leaves_nothing(place: Place, tmp_path: Path) -> None:
    files = {place.add(content): content for content in (os.urandom(1000) for _ in range(5))}
    migration_id = place.migrations.plan("local", "usb", Scope()).migration.id
    (tmp_path / "usb/study-sessions").write_text("in the way")
    stopped = place.migrations.run(migration_id)
    assert stopped.state in {"failed", "paused"}
    assert all(item.error for item in place.migrations.items(migration_id, states=["failed"]))
    (tmp_path / "usb/study-sessions").unlink()
    if stopped.state == "failed":
        place.migrations.retry_failed(migration_id)
    assert place.migrations.run(migration_id).state == "done"
    assert {file_id: place.content(file_id) for file_id in files} == files


def test_under_a_limit_small_files_move_one_after_another_and_none_of_what_came_is_forgotten(place: Place) -> None:
    for _ in range(12):
        place.add(os.urandom(700_000))
    migration_id = place.migrations.plan("local", "usb", Scope(), bytes_per_second=2_000_000).migration.id
    place.migrations.start(migration_id)

    def seen() -> tuple[float, int, str]:
        migration = place.migrations.get(migration_id)
        now = place.migrations.progress(migration)
        return now.share, now.done.files, migration.state

    share, files, state = awaited(seen, lambda now: now[1] > 0)
    assert (state, files < 12) == ("running", True)
    assert share >= files / 12
    awaited(seen, lambda now: now[2] == "done")
