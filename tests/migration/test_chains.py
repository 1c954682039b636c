"""Migrations that follow each other: undo and clean-up of one never take what another or the file itself needs."""

from itertools import product
from pathlib import Path

import pytest

from studybuddy.catalog.migrations import Item, Scope
from studybuddy.errors import ConflictError, UnavailableError
from tests.invariants import check_at_rest
from tests.migration.conftest import Place

CONTENT = b"the only lecture of its kind"


def item(place: Place, migration_id: int) -> Item:
    return place.migrations.items(migration_id)[0]


def path_of(place: Place, tmp_path: Path, storage: str) -> Path:
    """Return the path of the only object of a storage."""
    (key,) = place.objects(storage)
    return tmp_path / ("uploads" if storage == "local" else storage) / key


def test_undo_of_the_first_of_two_waits_for_the_undo_of_the_second(place: Place) -> None:
    file_id = place.add(CONTENT)
    first, second = place.move("local", "usb"), place.move("usb", "stick")
    assert place.migrations.undo(first).state == "done"
    assert "undo that first" in item(place, first).error
    assert place.where(file_id) == "stick"
    place.migrations.undo(second)
    assert place.migrations.undo(first).state == "undone"
    assert (place.where(file_id), item(place, first).error) == ("local", "")
    for migration_id in (first, second):
        assert place.migrations.clean_up(migration_id, now=True).state == "cleaned"
    assert place.content(file_id) == CONTENT
    check_at_rest(place.wiring)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["first first", "second first"])
def test_clean_ups_of_two_in_any_order_leave_the_last_copy_alone(place: Place, order: tuple[int, int]) -> None:
    file_id = place.add(CONTENT)
    moved = place.move("local", "usb"), place.move("usb", "stick")
    for which in order:
        assert place.migrations.clean_up(moved[which], now=True).state == "cleaned"
    assert (place.where(file_id), place.content(file_id)) == ("stick", CONTENT)
    check_at_rest(place.wiring)


def test_the_first_clean_up_keeps_what_the_second_undo_needs(place: Place) -> None:
    file_id = place.add(CONTENT)
    first, second = place.move("local", "usb"), place.move("usb", "stick")
    place.migrations.clean_up(first, now=True)
    assert place.migrations.undo(second).state == "undone"
    assert (place.where(file_id), place.content(file_id)) == ("usb", CONTENT)


def test_what_a_clean_up_would_delete_is_told_without_what_later_moves_use_again(place: Place) -> None:
    file_id = place.add(CONTENT)
    names = {storage.id: name for name in ("local", "usb") for storage in [place.wiring.storages().named(name)]}

    def left(migration_id: int) -> list[tuple[str, int, int]]:
        found = place.migrations.leftovers(place.migrations.get(migration_id))
        return [(names[one.storage_id], one.count.files, one.count.bytes) for one in found]

    first = place.move("local", "usb")
    assert left(first) == [("local", 1, len(CONTENT))]
    place.migrations.undo(first)
    assert left(first) == [("usb", 1, len(CONTENT))]
    second = place.move("local", "usb")
    assert (left(first), left(second)) == ([], [("local", 1, len(CONTENT))])
    place.migrations.clean_up(first, now=True)
    assert (place.where(file_id), place.content(file_id)) == ("usb", CONTENT)
    place.wiring.library.trash_file(file_id)
    assert left(second) == [("local", 1, len(CONTENT))]
    place.wiring.library.purge_file(file_id)
    assert left(second) == []


def test_moving_back_makes_no_second_copy_and_both_clean_ups_keep_the_file(place: Place) -> None:
    file_id = place.add(CONTENT)
    there, back = place.move("local", "usb"), place.move("usb", "local")
    assert (len(place.objects("local")), len(place.objects("usb"))) == (1, 1)
    place.migrations.clean_up(there, now=True)
    assert place.content(file_id) == CONTENT
    place.migrations.clean_up(back, now=True)
    assert place.content(file_id) == CONTENT
    check_at_rest(place.wiring)


@pytest.mark.parametrize("damage", ["gone", "short", "flipped"])
@pytest.mark.parametrize("state", ["switched", "undone"])
def test_a_clean_up_never_deletes_the_last_good_copy(place: Place, tmp_path: Path, damage: str, state: str) -> None:
    file_id = place.add(CONTENT)
    migration_id = place.move("local", "usb")
    if state == "undone":
        place.migrations.undo(migration_id)
    path = path_of(place, tmp_path, "usb" if state == "switched" else "local")
    path.unlink()
    if damage != "gone":
        path.write_bytes(CONTENT[:5] if damage == "short" else CONTENT.swapcase())
    kept = place.migrations.clean_up(migration_id, now=True)
    assert kept.state in {"done", "undone"}
    assert item(place, migration_id).error
    assert place.content(file_id) == CONTENT
    with place.wiring.catalog.read() as db:
        states = [row[0] for row in db.execute("SELECT state FROM copies ORDER BY state").fetchall()]
    assert states == ["bad", "verified"]


@pytest.mark.parametrize(("first", "second"), list(product(["undo", "clean up"], repeat=2)))
def test_a_second_migration_while_the_first_is_ended_keeps_every_file(place: Place, first: str, second: str) -> None:
    """Two plans for the same files, the later one behind an end of the earlier one."""
    file_id = place.add(CONTENT)
    one = place.move("local", "usb")
    place.migrations.undo(one)
    other = place.migrations.plan("local", "usb", Scope()).migration.id  # relies on the copy that is there
    if first == "clean up":
        place.migrations.clean_up(one, now=True)
    assert place.migrations.run(other).state == "done"
    assert (place.where(file_id), place.content(file_id)) == ("usb", CONTENT)
    if second == "undo":
        place.migrations.undo(other)
    for migration_id in (one, other):
        if place.migrations.get(migration_id).state != "cleaned":
            place.migrations.clean_up(migration_id, now=True)
    assert place.content(file_id) == CONTENT
    check_at_rest(place.wiring)


def test_a_copy_that_was_there_and_is_gone_or_wrong_is_made_anew(place: Place, tmp_path: Path) -> None:
    file_id = place.add(CONTENT)
    place.migrations.undo(place.move("local", "usb"))
    path_of(place, tmp_path, "usb").write_bytes(b"short")
    place.move("local", "usb")
    assert (place.where(file_id), place.content(file_id)) == ("usb", CONTENT)
    assert len(place.objects("usb")) == 1


def test_undo_goes_not_back_to_a_copy_that_is_known_to_be_bad(place: Place) -> None:
    file_id = place.add(CONTENT)
    migration_id = place.move("local", "usb")
    with place.wiring.catalog.write() as db:
        db.execute("UPDATE copies SET state = 'bad' WHERE storage_id = 1")
    assert place.migrations.undo(migration_id).state == "done"
    assert "damaged" in item(place, migration_id).error
    assert (place.where(file_id), place.content(file_id)) == ("usb", CONTENT)


def test_a_purged_file_hinders_neither_undo_nor_clean_up(place: Place) -> None:
    gone, kept, late = place.add(b"gone"), place.add(CONTENT), place.add(b"late")
    migration_id = place.move("local", "usb")
    purge(place, gone)
    assert place.migrations.undo(migration_id).state == "undone"
    purge(place, late)
    assert place.migrations.clean_up(migration_id, now=True).state == "cleaned"
    assert place.content(kept) == CONTENT
    check_at_rest(place.wiring)


def test_an_unplugged_disk_is_no_disk_without_files(place: Place, tmp_path: Path) -> None:
    file_id = place.add(CONTENT)
    planned = place.migrations.plan("local", "usb", Scope()).migration.id
    (tmp_path / "usb").rename(tmp_path / "away")
    (tmp_path / "usb").mkdir()
    with pytest.raises(UnavailableError, match="not the storage"):
        place.migrations.run(planned)
    assert place.migrations.get(planned).state == "planned"
    (tmp_path / "usb").rmdir()
    (tmp_path / "away").rename(tmp_path / "usb")
    place.migrations.run(planned)
    (tmp_path / "usb").rename(tmp_path / "away")
    (tmp_path / "usb").mkdir()
    with pytest.raises(UnavailableError):
        place.migrations.clean_up(planned, now=True)
    back = place.migrations.plan("usb", "local", Scope()).migration.id
    with pytest.raises(UnavailableError):
        place.migrations.run(back)
    place.migrations.undo(planned)
    with pytest.raises(ConflictError):
        place.migrations.undo(planned)
    assert (place.where(file_id), place.content(file_id)) == ("local", CONTENT)


def purge(place: Place, file_id: int) -> None:
    place.wiring.library.trash_file(file_id)
    place.wiring.library.purge_file(file_id)
