"""A migration from its plan to its clean-up, between two folders."""

import json
import time
from pathlib import Path

import pytest

from studybuddy.catalog.migrations import Count, Scope
from studybuddy.errors import ConflictError, NotFoundError
from tests.migration.conftest import Place, opened

TEXTS = [f"file {number}".encode() for number in range(5)]


def test_everything_moves_and_the_source_stays_until_the_clean_up(place: Place) -> None:
    added = {place.add(text, f"{index}.txt"): text for index, text in enumerate(TEXTS)}
    plan = place.migrations.plan("local", "usb", Scope())
    assert (plan.migration.state, plan.migration.planned_files) == ("planned", 5)
    assert plan.migration.planned_bytes == sum(map(len, TEXTS))
    assert plan.by_kind == {"document": Count(5, 30)}
    done = place.migrations.run(plan.migration.id)
    assert (done.state, done.count("switched")) == ("done", Count(5, 30))
    assert {file_id: place.content(file_id) for file_id in added} == added
    assert {place.where(file_id) for file_id in added} == {"usb"}
    assert len(place.objects("local")) == len(place.objects("usb")) == 5


def test_undo_moves_no_bytes_and_the_targets_copies_can_be_cleaned_up(place: Place) -> None:
    file_id = place.add(b"there and back")
    migration = place.migrations.plan("local", "usb", Scope()).migration
    place.migrations.run(migration.id)
    undone = place.migrations.undo(migration.id)
    assert (undone.state, place.where(file_id)) == ("undone", "local")
    assert place.content(file_id) == b"there and back"
    cleaned = place.migrations.clean_up(migration.id, now=True)
    assert cleaned.state == "cleaned"
    assert place.objects("usb") == []
    assert place.content(file_id) == b"there and back"


def test_clean_up_is_refused_before_its_hold_is_over_and_deletes_only_the_source(place: Place) -> None:
    file_id = place.add(b"kept")
    migration = place.migrations.plan("local", "usb", Scope()).migration
    place.migrations.run(migration.id)
    with pytest.raises(ConflictError, match="kept until"):
        place.migrations.clean_up(migration.id)
    assert place.migrations.clean_up(migration.id, now=True).state == "cleaned"
    assert place.objects("local") == []
    assert (place.where(file_id), place.content(file_id)) == ("usb", b"kept")
    with pytest.raises(ConflictError):
        place.migrations.undo(migration.id)


def test_clean_up_keeps_a_source_copy_whose_target_is_gone(place: Place) -> None:
    file_id = place.add(b"the only one")
    migration = place.migrations.plan("local", "usb", Scope()).migration
    place.migrations.run(migration.id)
    usb = place.wiring.storages().named("usb")
    (key,) = place.objects("usb")
    usb.delete(key)
    after = place.migrations.clean_up(migration.id, now=True)
    assert (after.state, after.count("switched").files) == ("done", 1)
    assert len(place.objects("local")) == 1
    place.migrations.undo(migration.id)
    assert place.content(file_id) == b"the only one"


def test_a_damaged_source_is_told_and_not_moved_and_the_rest_is(place: Place, tmp_path: Path) -> None:
    bad, missing, good = (
        place.add(b"damaged", "bad.txt"),
        place.add(b"missing", "m.txt"),
        place.add(b"good", "good.txt"),
    )
    with place.wiring.catalog.read() as db:
        rows = db.execute("SELECT file_id, key FROM copies").fetchall()
    paths = {file_id: tmp_path / "uploads" / key for file_id, key in rows}
    paths[bad].write_bytes(b"DAMAGED")
    paths[missing].unlink()
    migration = place.migrations.plan("local", "usb", Scope()).migration
    done = place.migrations.run(migration.id)
    assert (done.state, done.count("switched").files, done.count("failed").files) == ("failed", 1, 2)
    assert place.where(good) == "usb"
    assert len(place.objects("usb")) == 1
    errors = {item.file_id: item.error for item in place.migrations.items(migration.id, states=["failed"])}
    assert "damaged" in errors[bad]
    assert errors[missing]
    with place.wiring.catalog.read() as db:
        states = dict(db.execute("SELECT file_id, state FROM copies WHERE storage_id = 1").fetchall())
    assert states == {bad: "bad", missing: "bad", good: "verified"}
    again = place.migrations.plan("local", "usb", Scope())
    assert (again.migration.planned_files, again.cannot.files) == (0, 2)


def test_failed_items_are_tried_again_when_asked(place: Place, tmp_path: Path) -> None:
    file_id = place.add(b"hidden")
    (key,) = place.objects("local")
    path = tmp_path / "uploads" / key
    path.rename(tmp_path / "hidden")
    migration = place.migrations.plan("local", "usb", Scope()).migration
    assert place.migrations.run(migration.id).state == "failed"
    (tmp_path / "hidden").rename(path)
    waiting = place.migrations.retry_failed(migration.id)
    assert (waiting.state, waiting.counts) == ("paused", {"todo": Count(1, 6)})
    assert place.migrations.run(migration.id).state == "done"
    assert (place.where(file_id), place.content(file_id)) == ("usb", b"hidden")


def test_what_is_at_the_target_already_is_switched_without_a_copy(place: Place) -> None:
    file_id = place.add(b"there already")
    first = place.migrations.plan("local", "usb", Scope()).migration
    place.migrations.run(first.id)
    place.migrations.undo(first.id)
    before = place.objects("usb")
    plan = place.migrations.plan("local", "usb", Scope())
    assert plan.already_there == Count(1, 13)
    assert place.migrations.run(plan.migration.id).state == "done"
    assert (place.where(file_id), place.objects("usb")) == ("usb", before)


def test_files_added_after_the_plan_stay_until_they_join(place: Place) -> None:
    place.add(b"planned")
    migration = place.migrations.plan("local", "usb", Scope()).migration
    late = place.add(b"late", "late.txt")
    assert place.migrations.read_plan(migration.id).later == Count(1, 4)
    place.migrations.run(migration.id)
    assert place.where(late) == "local"
    other = place.migrations.plan("local", "usb", Scope()).migration
    later = place.add(b"later", "later.txt")
    assert place.migrations.join(other.id).migration.planned_files == 2
    place.migrations.run(other.id)
    assert (place.where(late), place.where(later)) == ("usb", "usb")


def test_of_the_first_files_no_more_can_join_than_there_is_room_for(place: Place) -> None:
    for content in (b"1", b"22", b"333"):
        place.add(content)
    two = place.migrations.plan("local", "usb", Scope(first=2)).migration
    five = place.migrations.plan("local", "usb", Scope(first=5, order="newest")).migration
    place.add(b"4444")
    assert place.migrations.read_plan(two.id).later == Count(0, 0)
    assert place.migrations.join(two.id).migration.planned_files == 2
    assert place.migrations.read_plan(five.id).later == Count(1, 4)
    assert place.migrations.join(five.id).migration.planned_files == 4


@pytest.mark.parametrize(
    ("scope", "moved"),
    [
        (Scope(kinds=("image",)), {"c.png"}),
        (Scope(min_bytes=5), {"b.txt", "c.png"}),
        (Scope(max_bytes=4), {"a.txt"}),
        (Scope(first=1, order="smallest"), {"a.txt"}),
        (Scope(first=1, order="newest"), {"c.png"}),
        (Scope(since="2999-01-01"), set()),
        (Scope(until="2999-01-01"), {"a.txt", "b.txt", "c.png"}),
        (Scope(session_ids=(2,)), {"b.txt"}),
    ],
)
def test_only_what_is_in_scope_moves(place: Place, scope: Scope, moved: set[str]) -> None:
    place.add(b"four", "a.txt")
    place.add(b"fiver", "b.txt", session="Other")
    place.add(b"\x89PNG\r\n\x1a\n", "c.png")
    place.migrations.run(place.migrations.plan("local", "usb", scope).migration.id)
    names = {place.wiring.library.file(file_id).name for file_id in (1, 2, 3) if place.where(file_id) == "usb"}
    assert names == moved


def test_a_session_that_is_not_there_is_told_and_plans_nothing(place: Place) -> None:
    place.add(b"a")
    with pytest.raises(NotFoundError, match="99"):
        place.migrations.plan("local", "usb", Scope(session_ids=(1, 99)))
    assert place.migrations.page() == []


def test_files_in_the_trash_stay(place: Place) -> None:
    file_id = place.add(b"trashed")
    place.wiring.library.trash_file(file_id)
    assert place.migrations.plan("local", "usb", Scope()).migration.planned_files == 0


def test_a_file_that_is_purged_meanwhile_is_skipped(place: Place) -> None:
    gone, kept = place.add(b"gone", "gone.txt"), place.add(b"kept", "kept.txt")
    migration = place.migrations.plan("local", "usb", Scope()).migration
    place.wiring.library.trash_file(gone)
    place.wiring.library.purge_file(gone)
    done = place.migrations.run(migration.id)
    assert (done.state, done.count("skipped").files, done.count("switched").files) == ("done", 1, 1)
    assert place.content(kept) == b"kept"
    assert len(place.objects("usb")) == 1


def test_a_file_that_another_migration_has_moved_is_skipped(place: Place) -> None:
    file_id = place.add(b"once")
    first = place.migrations.plan("local", "usb", Scope()).migration
    second = place.migrations.plan("local", "usb", Scope()).migration
    place.migrations.run(first.id)
    done = place.migrations.run(second.id)
    assert (done.count("skipped").files, place.where(file_id), len(place.objects("usb"))) == (1, "usb", 1)


def test_the_same_or_a_nested_place_is_refused(place: Place, tmp_path: Path) -> None:
    with pytest.raises(ConflictError, match="already"):
        place.migrations.plan("usb", "usb", Scope())
    with pytest.raises(NotFoundError):
        place.migrations.plan("usb", "nowhere", Scope())
    (tmp_path / "usb" / "inner").mkdir()
    (tmp_path / "storages.toml").write_text(
        f'[usb]\nkind = "local"\nfolder = "{tmp_path}/usb"\n[inner]\nkind = "local"\nfolder = "{tmp_path}/usb/inner"'
    )


def test_a_migration_whose_process_works_on_it_is_left_to_it(place: Place, tmp_path: Path) -> None:
    place.add(b"mine")
    migration = place.migrations.plan("local", "usb", Scope()).migration
    other = opened(tmp_path)
    try:
        with place.wiring.catalog.write() as db:
            db.execute("UPDATE migrations SET lease_owner = ?, state = 'running'", [other.wiring.claim.id])
        with pytest.raises(ConflictError, match="worked on"):
            place.migrations.run(migration.id)
        place.migrations.recover()
        assert place.migrations.get(migration.id).state == "running"
    finally:
        other.wiring.close()
    place.migrations.recover()
    waiting = place.migrations.get(migration.id)
    assert (waiting.state, waiting.reason) == ("paused", "The app was closed while it ran.")
    assert place.migrations.run(migration.id).state == "done"


def test_a_pause_leaves_the_rest_for_later(place: Place) -> None:
    added = [place.add(text, f"{index}.txt") for index, text in enumerate(TEXTS)]
    migration = place.migrations.plan("local", "usb", Scope(), bytes_per_second=1).migration
    place.migrations.start(migration.id)
    while place.migrations.get(migration.id).state != "running":
        pass
    place.migrations.pause(migration.id)
    place.migrations.stop(timeout_s=30)
    paused = place.migrations.get(migration.id)
    assert (paused.state, paused.reason, paused.lease_owner) == ("paused", "", None)
    assert paused.count("todo", "switched").files == 5
    assert [place.content(file_id) for file_id in added] == TEXTS
    assert len(place.objects("usb")) == paused.count("switched").files
    with place.wiring.catalog.write() as db:
        db.execute("UPDATE migrations SET bytes_per_second = NULL")
    assert place.migrations.run(migration.id).state == "done"
    assert json.dumps([place.where(file_id) for file_id in added]) == json.dumps(["usb"] * 5)


def test_no_more_bytes_a_second_pass_than_are_allowed_also_when_the_disk_copies_by_itself(place: Place) -> None:
    for number in range(4):
        place.add(bytes([number]) * 100_000, f"{number}.bin")
    migration = place.migrations.plan("local", "usb", Scope(), bytes_per_second=200_000).migration
    began = time.monotonic()
    assert place.migrations.run(migration.id).state == "done"
    assert 1.5 < time.monotonic() - began < 60
