"""What a look ahead tells of a plan: how long it takes, what stands in its way; and that it leaves nothing behind."""

import shutil
from pathlib import Path

import pytest

from studybuddy import status
from studybuddy.catalog.migrations import Scope
from studybuddy.migration.plan import Plan
from studybuddy.migration.sample import Round, Speed, speed_of
from studybuddy.status import Answer
from tests.migration.conftest import Place, with_driver
from tests.migration.test_goes_on import Line
from tests.outbox.rig import SILENT


def planned(place: Place) -> Plan:
    return place.migrations.plan("local", "usb", Scope())


def test_a_look_ahead_measures_and_leaves_nothing_behind(place: Place) -> None:
    for number in range(5):
        place.add(f"small {number}".encode(), f"{number}.txt")
    place.add(bytes(2_000_000), "large.bin")
    migration = planned(place).migration
    found = place.migrations.look_ahead(migration.id)
    assert found.seconds is not None
    assert 0 < found.seconds < 5
    assert found.problems == ()
    assert place.migrations.outlook(migration.id) == found
    assert place.objects("usb") == []
    assert place.migrations.get(migration.id) == migration


def test_a_plan_that_has_changed_has_no_outlook(place: Place) -> None:
    place.add(b"first")
    migration = planned(place).migration
    place.migrations.look_ahead(migration.id)
    place.migrations.join(migration.id)
    assert place.migrations.outlook(migration.id) is None


def test_nothing_to_move_takes_no_time(place: Place) -> None:
    assert place.migrations.look_ahead(planned(place).migration.id).seconds is None


def test_damaged_files_are_left_out_of_the_sample(place: Place, tmp_path: Path) -> None:
    place.add(b"will be gone")
    shutil.rmtree(tmp_path / "uploads" / "study-sessions")
    found = place.migrations.look_ahead(planned(place).migration.id)
    assert (found.seconds, found.problems) == (None, ())
    assert place.objects("usb") == []


def test_a_storage_that_is_away_is_told_at_once(place: Place, tmp_path: Path) -> None:
    place.add(b"content")
    migration = planned(place).migration
    (tmp_path / "usb").rename(tmp_path / "away")
    (tmp_path / "usb").write_text("no folder")
    found = place.migrations.look_ahead(migration.id)
    assert found.seconds is None
    assert any("this computer · usb cannot be used now" in problem for problem in found.problems)


def test_a_storage_that_does_not_answer_is_asked_once(place: Place, tmp_path: Path) -> None:
    place.add(b"x")
    line = Line(tmp_path / "usb")
    moving = with_driver(place, "usb", line)
    migration_id = moving.migrations.plan("local", "usb", Scope()).migration.id
    line.failure, line.asked = SILENT, 0
    assert "does not answer" in moving.migrations.look_ahead(migration_id).problems[0]
    assert line.asked == 1


def test_too_little_room_is_told(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.add(b"ten bytes.")
    migration = planned(place).migration
    assert place.migrations.look_ahead(migration.id).problems == ()
    monkeypatch.setattr(status, "ask", lambda _: Answer(0.001, free_bytes=9))  # a disk cannot be filled here
    (problem,) = place.migrations.look_ahead(migration.id).problems
    assert problem.startswith("10 bytes do not fit this computer · usb, where 9 bytes are free.")


def test_what_others_are_to_move_as_well_is_told(place: Place) -> None:
    place.add(b"in the outbox")
    place.add(b"in another migration", "b.txt")
    other = place.migrations.plan("local", "usb", Scope(min_bytes=14)).migration
    with place.wiring.catalog.write() as db:
        db.execute("UPDATE migrations SET state = 'paused' WHERE id = ?", [other.id])
        db.execute("INSERT INTO storages (url, label, base_url, region) VALUES ('s3://x', 'S3 · x', '', '')")
        db.execute("UPDATE files SET wanted_storage_id = (SELECT max(id) FROM storages) WHERE id = 1")
    waiting, contested = place.migrations.look_ahead(planned(place).migration.id).problems
    assert waiting.startswith("In the outbox for another storage: 1 file (13 bytes).")
    assert contested.startswith("In another migration as well: 1 file (20 bytes).")


def test_files_larger_than_any_sample_are_measured_by_pieces(place: Place) -> None:
    place.add(bytes(40_000_000), "a.bin")
    migration = planned(place).migration
    found = place.migrations.look_ahead(migration.id)
    assert found.seconds is not None
    assert place.objects("usb") == []


@pytest.mark.parametrize(
    ("rounds", "files", "size", "seconds"),
    [
        pytest.param([Round([1000] * 10, 0.1)], 500, 500_000, 5.0, id="small ones wait for their number"),
        pytest.param([Round(), Round([10**6] * 10, 0.1)], 50, 10**9, 10.0, id="large ones for their bytes"),
        pytest.param([Round([0] * 10, 0.1), Round([10**6] * 10, 0.3)], 100, 10**9, 21.0, id="both kinds"),
        pytest.param([Round(), Round([10**6] * 4, 1.0), Round([10**7] * 4, 1.9)], 1, 10**8, 2.725, id="pieces"),
        pytest.param([Round([0] * 10, 0.1), Round([10**6] * 10, 0.05)], 100, 10**8, 1.0, id="a line has no time back"),
    ],
)
def test_the_time_follows_from_what_small_and_large_objects_took(
    rounds: list[Round], files: int, size: int, seconds: float
) -> None:
    speed = speed_of(*rounds)
    assert speed is not None
    assert speed.seconds(files, size, bytes_per_second=None) == pytest.approx(seconds)


def test_nothing_that_was_copied_tells_no_time() -> None:
    assert speed_of(Round(), Round()) is None


def test_a_limit_makes_it_longer() -> None:
    speed = Speed(seconds_per_file=0.01, seconds_per_byte=1e-6)
    assert speed.seconds(100, 1_000_000, bytes_per_second=None) == pytest.approx(2)
    assert speed.seconds(100, 1_000_000, bytes_per_second=100_000) == pytest.approx(10)
