"""Files that wanted a storage that failed: they move when it answers, once, whatever happens meanwhile."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from studybuddy.errors import ConflictError, NotFoundError, PermissionDeniedError, SourceDamagedError, UnavailableError
from studybuddy.outbox.outbox import Outbox
from studybuddy.settings import load_settings
from studybuddy.units import parse_time
from studybuddy.wiring import Wiring, open_all
from tests.invariants import check_at_rest, digest
from tests.outbox.rig import SILENT, Rig, let_time_pass, rig


@pytest.fixture
def wiring(tmp_path: Path) -> Iterator[Wiring]:
    opened = open_here(tmp_path)
    yield opened
    opened.close()


def open_here(folder: Path) -> Wiring:
    environ = {"UPLOADS_DIR": f"{folder}/uploads", "STUDY_BUDDY_DATA": f"{folder}/data"}
    return open_all(load_settings(environ, env_file=folder / "no.env"))


@pytest.fixture
def waiting(wiring: Wiring, tmp_path: Path) -> Rig:
    """Three files wait for a bucket that did not answer and would answer now."""
    found = rig(wiring, tmp_path / "s3")
    found.bucket.failure = SILENT
    for number in range(3):
        found.add(b"bytes of %d" % number)
    found.bucket.failure = None
    assert found.places() == ["local waits"] * 3
    return found


def at_rest(waiting: Rig) -> None:
    """Hold everything against the disk, the bucket included."""
    waiting.recovery.run()
    for driver in (waiting.bucket, waiting.storages.local.driver):
        keys = {info.key for info in driver.list()}
        with waiting.wiring.catalog.read() as db:
            known = {
                row[0]
                for row in db.execute(
                    """SELECT copies.key FROM copies JOIN files ON files.current_copy_id = copies.id
                    JOIN storages ON storages.id = copies.storage_id WHERE storages.url = ?""",
                    ["s3://my-bucket" if driver is waiting.bucket else waiting.storages.local.identity],
                ).fetchall()
            }
            assert db.execute("SELECT count(*) FROM copies WHERE state NOT IN ('verified', 'bad')").fetchone()[0] == 0
        assert keys == known


def test_a_drain_moves_everything_and_leaves_nothing_behind(waiting: Rig) -> None:
    moved: list[int] = []
    drained = waiting.outbox.drain(on_moved=lambda file: moved.append(file.id))
    assert (drained.moved, drained.failed, drained.waiting) == (3, [], 0)
    assert drained.bytes == 3 * len(b"bytes of 0")
    assert sorted(moved) == [1, 2, 3]
    assert waiting.places() == ["s3"] * 3
    assert list(waiting.storages.local.driver.list()) == []
    for file_id in (1, 2, 3):
        with waiting.library.open(file_id) as stream:
            assert stream.read() == b"bytes of %d" % (file_id - 1)
    at_rest(waiting)


def test_a_drain_of_named_files_moves_these_alone(waiting: Rig) -> None:
    drained = waiting.outbox.drain([2])
    assert (drained.moved, drained.waiting) == (1, 2)
    assert waiting.places() == ["local waits", "s3", "local waits"]


def test_the_outbox_lists_what_waits_and_why(waiting: Rig) -> None:
    page = waiting.outbox.waiting(limit=2)
    assert [one.file.id for one in page.rows] == [3, 2]
    assert [one.file.id for one in waiting.outbox.waiting(limit=2, after=page.next).rows] == [1]
    assert {one.reason for one in page.rows} == {"my-bucket does not answer"}
    assert waiting.outbox.count() == 3


def test_a_file_that_is_given_up_stays_and_is_not_moved_later(waiting: Rig) -> None:
    assert waiting.outbox.give_up(2).wanted_storage_id is None
    assert waiting.outbox.drain().moved == 2
    assert waiting.places() == ["s3", "local", "s3"]
    at_rest(waiting)


@pytest.mark.parametrize("act", ["drain", "give_up"])
def test_what_waits_for_nothing_is_refused(waiting: Rig, act: str) -> None:
    do: Callable[[int], object] = (
        waiting.outbox.give_up if act == "give_up" else lambda file_id: waiting.outbox.drain([file_id])
    )
    with pytest.raises(NotFoundError):
        do(99)
    waiting.library.trash_file(1)
    with pytest.raises(ConflictError, match="in the trash"):
        do(1)
    waiting.outbox.drain([2])
    with pytest.raises(ConflictError, match="waits for no storage"):
        do(2)


def test_what_is_in_the_trash_waits_until_it_is_restored(waiting: Rig) -> None:
    waiting.library.trash_file(1)
    assert waiting.outbox.drain().moved == 2
    assert waiting.places() == ["local waits", "s3", "s3"]
    waiting.library.restore_file(1)
    waiting.outbox.run()
    assert waiting.places() == ["s3"] * 3


def test_the_background_asks_a_silent_storage_once_and_then_leaves_it_alone_for_longer_each_time(waiting: Rig) -> None:
    waiting.bucket.failure = SILENT
    pauses = []
    for tries in range(1, 4):
        asked = waiting.bucket.asked
        waiting.outbox.run()
        assert waiting.bucket.asked == asked + 1
        waiting.outbox.run()
        assert waiting.bucket.asked == asked + 1
        one = waiting.outbox.waiting().rows[0]
        assert one.tries == tries
        pauses.append((parse_time(one.next_try_at or "") - datetime.now(UTC)).total_seconds())
        let_time_pass(waiting.wiring, timedelta(seconds=pauses[-1] + 1))
    assert [round(pause) for pause in pauses] == [5, 10, 20]
    waiting.bucket.failure = None
    waiting.outbox.run()
    assert waiting.places() == ["s3"] * 3


def test_pauses_survive_a_restart(waiting: Rig, tmp_path: Path) -> None:
    waiting.bucket.failure = SILENT
    waiting.outbox.run()
    again = rig(open_here(tmp_path), tmp_path / "s3")
    again.outbox.run()
    assert again.places() == ["local waits"] * 3
    assert again.outbox.waiting().rows[0].tries == 1
    again.outbox.hurry()
    again.outbox.run()
    assert again.places() == ["s3"] * 3
    again.wiring.close()


def test_the_background_starts_again_as_soon_as_the_storage_answers_somebody_else(waiting: Rig) -> None:
    woken: list[bool] = []
    waiting.outbox.wake_by(lambda: woken.append(True))
    waiting.bucket.failure = SILENT
    waiting.outbox.run()
    waiting.bucket.failure = None
    storage_id = waiting.storages.target.id
    with waiting.wiring.pauses.watch(storage_id, trial=True):
        pass
    assert woken
    waiting.outbox.run()
    assert waiting.places() == ["s3"] * 3


def test_a_person_need_not_wait_for_a_pause(waiting: Rig) -> None:
    waiting.bucket.failure = SILENT
    drained = waiting.outbox.drain()
    assert (drained.moved, drained.waiting) == (0, 3)
    assert [str(one.error) for one in drained.failed] == ["my-bucket does not answer"]
    waiting.bucket.failure = None
    assert waiting.outbox.drain().moved == 3


def test_a_storage_that_falls_silent_in_the_middle_keeps_what_it_has(waiting: Rig) -> None:
    def fail(_: object) -> None:
        waiting.bucket.failure = SILENT

    waiting.wiring.pauses.begin(waiting.storages.target.id, SILENT)  # so that the first goes alone
    drained = waiting.outbox.drain(on_moved=fail)
    assert (drained.moved, drained.waiting) == (1, 2)
    assert waiting.places() == ["s3", "local waits", "local waits"]
    waiting.bucket.failure = None
    assert waiting.outbox.drain().moved == 2
    at_rest(waiting)


def test_a_storage_that_refuses_is_told_and_tried_later(waiting: Rig) -> None:
    waiting.bucket.failure = PermissionDeniedError("The keys may not write to my-bucket (s3:PutObject)")
    waiting.outbox.run()
    one = waiting.outbox.waiting().rows[0]
    assert "s3:PutObject" in one.reason
    assert one.next_try_at is not None
    waiting.bucket.failure = None
    assert waiting.outbox.drain().moved == 3
    at_rest(waiting)


def test_a_damaged_file_is_told_and_the_others_move(waiting: Rig) -> None:
    with waiting.wiring.catalog.read() as db:
        key = db.execute("SELECT key FROM copies WHERE file_id = 2 AND state = 'verified'").fetchone()[0]
    (waiting.wiring.settings.uploads_dir / key).write_bytes(b"bytes of X")
    drained = waiting.outbox.drain()
    assert drained.moved == 2
    assert [(one.file.id, type(one.error)) for one in drained.failed] == [(2, SourceDamagedError)]
    assert waiting.places() == ["s3", "local waits", "s3"]
    with waiting.wiring.catalog.read() as db:
        assert db.execute("SELECT state FROM copies WHERE key = ?", [key]).fetchone() == ("bad",)
    assert "damaged" in waiting.outbox.waiting().rows[0].reason
    assert waiting.outbox.drain().moved == 0
    at_rest(waiting)


def test_a_storage_that_the_settings_no_longer_name_is_told_and_can_be_given_up(waiting: Rig) -> None:
    here = waiting.wiring  # its own storages know nothing of the bucket
    drained = here.outbox.drain()
    assert (drained.moved, drained.waiting) == (0, 3)
    assert "no longer name" in str(drained.failed[0].error)
    assert "no longer name" in here.outbox.waiting().rows[0].reason
    for file_id in (1, 2, 3):
        here.outbox.give_up(file_id)
    assert waiting.places() == ["local"] * 3
    assert digest(here, 1)[0] == len(b"bytes of 0")


def draining_while(waiting: Rig, act: Callable[[], object]) -> None:
    """Drain file 1 while `act` happens behind its copying."""
    waiting.bucket.meanwhile = act
    waiting.outbox.drain([1])
    waiting.bucket.meanwhile = lambda: None


def test_a_file_that_is_deleted_while_it_moves_leaves_nothing(waiting: Rig) -> None:
    def purge() -> None:
        waiting.library.trash_file(1)
        waiting.library.purge_file(1)

    draining_while(waiting, purge)
    assert waiting.places() == ["local waits"] * 2
    at_rest(waiting)


def test_a_file_that_is_thrown_away_and_restored_while_it_moves_is_whole(waiting: Rig) -> None:
    def throw_away() -> None:
        waiting.library.trash_file(1)
        waiting.library.rename_file(1, "b.txt")
        waiting.library.restore_file(1)

    draining_while(waiting, throw_away)
    assert waiting.places()[0] == "s3"
    assert waiting.library.file(1).name == "b.txt"
    at_rest(waiting)


def test_a_file_that_is_given_up_while_it_moves_stays(waiting: Rig) -> None:
    draining_while(waiting, lambda: waiting.outbox.give_up(1))
    assert waiting.places()[0] == "local"
    at_rest(waiting)


def test_two_drains_at_once_move_each_file_once(waiting: Rig) -> None:
    for number in range(40):
        waiting.bucket.failure = SILENT
        waiting.add(b"more %d" % number)
    waiting.bucket.failure = None
    other = Outbox(waiting.wiring.catalog, lambda: waiting.storages, waiting.wiring.pauses, waiting.wiring.claim)
    moved: list[int] = []
    drains = [
        threading.Thread(target=outbox.drain, kwargs={"on_moved": lambda file: moved.append(file.id)})
        for outbox in (waiting.outbox, other)
    ]
    for drain in drains:
        drain.start()
    for drain in drains:
        drain.join()
    assert sorted(moved) == list(range(1, 44))
    assert waiting.bucket.asked < 100
    at_rest(waiting)


def test_a_dead_storage_holds_up_no_clean_up(waiting: Rig) -> None:
    waiting.bucket.failure = SILENT
    for number in range(5):
        waiting.add(b"%d" % number)
    asked = waiting.bucket.asked
    waiting.recovery.run()
    assert waiting.bucket.asked <= asked + 1
    with pytest.raises(UnavailableError):
        waiting.wiring.pauses.check(waiting.storages.target.id)


def test_an_emptied_outbox_is_at_rest(waiting: Rig) -> None:
    waiting.outbox.drain()
    for file_id in (1, 2, 3):
        waiting.library.trash_file(file_id)
        waiting.library.purge_file(file_id)
    check_at_rest(waiting.wiring)
