"""Kill the process at any line of a run, an undo, a clean-up or a recovery: the next one ends as if nothing was."""

import os
import random
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from studybuddy.catalog.migrations import Scope
from studybuddy.errors import ConflictError
from tests.invariants import check_at_rest
from tests.killing import Line, count_lines, die_at_line, die_when, in_child, lines_of
from tests.migration.conftest import Place, opened

CONTENTS = {number: os.urandom(size) for number, size in enumerate((0, 1, 5_000, 5_000, 70_000, 300_000), start=1)}
Act = Callable[[Place], object]
FEW = pytest.mark.parametrize("most", [pytest.param(6, id="few"), pytest.param(None, id="all", marks=pytest.mark.slow)])


def run(place: Place) -> None:
    place.migrations.run(1)


def undo(place: Place) -> None:
    if place.migrations.get(1).state != "undone":  # a killed one may have been at its end
        place.migrations.undo(1)


def clean_up(place: Place) -> None:
    if place.migrations.get(1).state != "cleaned":
        place.migrations.clean_up(1, now=True)


def recover(place: Place) -> None:
    place.wiring.recovery.run()
    place.migrations.recover()


@contextmanager
def opening(folder: Path) -> Iterator[Place]:
    place = opened(folder)
    try:
        yield place
    finally:
        place.wiring.close()


def copied(template: Path, folder: Path) -> Path:
    """Copy a library."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(template, folder)
    return folder


def act_in(folder: Path, act: Act, line: Line | None, time: int) -> None:
    """Act while every file is read again and again; die at a line."""
    with opening(folder) as place, reading(place):
        if line is None:
            act(place)
        else:
            die_at_line(lambda: act(place), line, time=time)


@contextmanager
def reading(place: Place) -> Iterator[None]:
    """Read every file all the time; a wrong byte or an error ends this process with a status of its own."""
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                check_all(place)
            except BaseException as error:  # noqa: BLE001
                os.write(2, f"a reader failed: {error!r}\n".encode())
                os._exit(3)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield
    finally:
        done.set()
        reader.join()


def check_all(place: Place) -> None:
    for file_id, content in CONTENTS.items():
        assert place.content(file_id) == content


@pytest.fixture
def planned(tmp_path: Path) -> Path:
    """A library with a migration of six files that has not begun."""
    folder = tmp_path / "planned"
    folder.mkdir()
    with opening(folder) as place:
        for content in CONTENTS.values():
            place.add(content)
        place.migrations.plan("local", "usb", Scope())
    return folder


def after(template: Path, *acts: Act) -> Path:
    """Return a library in which this was done."""
    folder = copied(template, template.parent / "after")
    with opening(folder) as place:
        for act in acts:
            act(place)
    return folder


def half_done(template: Path) -> Path:
    """Return a library whose process died in the middle of the run."""
    folder, whole = template.parent / "half", template.parent / "whole"
    with opening(copied(template, whole)) as place:
        lines = count_lines(lambda: run(place), die_at=None)

    def die() -> None:
        with opening(copied(template, folder)) as place:
            count_lines(lambda: run(place), die_at=lines * 2 // 3)

    assert not in_child(die)
    with opening(folder) as place:
        assert place.migrations.get(1).count("copying").files
    return folder


def kill_everywhere(template: Path, act: Act, *, most: int | None, then: Act = lambda _: None) -> None:
    """Kill `act` at each of its lines, or at `most` of them; what comes after must not depend on where."""
    folder = template.parent / "killed"
    with opening(copied(template, folder)) as place:
        lines = lines_of(lambda: act(place))
        then(place)
        expected = outcome(place)
    chance = random.Random(5)
    chosen = sorted(lines) if most is None else chance.sample(sorted(lines), most)
    for line in chosen:
        copied(template, folder)
        in_child(lambda: act_in(folder, act, line, chance.randint(1, lines[line])))  # noqa: B023
        with opening(folder) as place:
            check_all(place)
            recover(place)
            check_all(place)
            act(place)
            then(place)
            assert outcome(place) == expected, line
            check_all(place)
            with suppress(ConflictError):  # done already
                place.migrations.clean_up(1, now=True)
            check_all(place)
            check_at_rest(place.wiring)


def outcome(place: Place) -> object:
    migration = place.migrations.get(1)
    items = [(item.file_id, item.state, item.error) for item in place.migrations.items(1)]
    where = [place.where(file_id) for file_id in CONTENTS]
    objects = {name: len(place.objects(name)) for name in ("local", "usb")}
    return migration.state, migration.reason, migration.lease_owner, migration.counts, items, where, objects


@FEW
def test_a_kill_in_a_run_loses_nothing_and_the_next_run_ends_it(most: int | None, planned: Path) -> None:
    kill_everywhere(planned, run, most=most)


@FEW
def test_a_kill_in_a_run_that_writes_small_files_together(
    most: int | None, planned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if they came from a bucket.
    monkeypatch.setattr("studybuddy.migration.threads._copies_itself", lambda *_: False)
    kill_everywhere(planned, run, most=most)


@pytest.fixture
def large_from_100_kb(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is larger than 100 KB be gone on with where a dead process was."""
    monkeypatch.setattr("studybuddy.moving._LARGE_BYTES", 100_000)
    monkeypatch.setattr("studybuddy.drivers.local.driver.LARGE_BYTES", 100_000)
    monkeypatch.setattr("studybuddy.drivers.local.files._BUFFER_BYTES", 40_000)


@FEW
@pytest.mark.usefixtures("large_from_100_kb")
@pytest.mark.parametrize("act", [run, recover, undo])
def test_a_kill_while_a_large_file_is_gone_on_with(
    act: Act, most: int | None, planned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So that the others are switched.
    monkeypatch.setattr("studybuddy.migration.run._GROUP", 1)
    monkeypatch.setattr("studybuddy.migration.run._AHEAD", 0)
    folder = planned.parent / "large"
    unfinished = copied(planned, folder) / "usb" / ".study-buddy" / "unfinished"

    def die() -> None:
        with opening(folder) as place:
            die_when(lambda: run(place), lambda: any(path.stat().st_size for path in unfinished.glob("*")))

    assert not in_child(die)
    kill_everywhere(folder, act, most=most, then=run if act is recover else lambda _: None)


@FEW
def test_a_kill_in_a_run_that_takes_back_what_a_dead_one_began(most: int | None, planned: Path) -> None:
    kill_everywhere(half_done(planned), run, most=most)


@FEW
def test_a_kill_in_the_recovery_of_a_dead_run(most: int | None, planned: Path) -> None:
    kill_everywhere(half_done(planned), recover, most=most, then=run)


@FEW
def test_a_kill_in_an_undo_and_the_next_undo_ends_it(most: int | None, planned: Path) -> None:
    kill_everywhere(after(planned, run), undo, most=most)


@FEW
def test_a_kill_in_an_undo_of_a_run_that_died(most: int | None, planned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # So that some are switched while others are copied.
    monkeypatch.setattr("studybuddy.migration.run._GROUP", 1)
    monkeypatch.setattr("studybuddy.migration.run._AHEAD", 0)
    folder = half_done(planned)
    with opening(folder) as place:
        assert place.migrations.get(1).count("switched").files
    kill_everywhere(folder, undo, most=most)


@FEW
@pytest.mark.parametrize("before", [[run], [run, undo]], ids=["moved", "undone"])
def test_a_kill_in_a_clean_up_deletes_nothing_needed(most: int | None, before: list[Act], planned: Path) -> None:
    kill_everywhere(after(planned, *before), clean_up, most=most)
