"""What a scan must not be misled by: work that goes on, storages that fail, the wrong place, other scans."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import pytest

from studybuddy import keys
from studybuddy.catalog import copies, files
from studybuddy.claims import Claim
from studybuddy.drivers.driver import Driver, ObjectInfo
from studybuddy.drivers.local import LocalDriver
from studybuddy.drivers.s3 import S3Driver
from studybuddy.drivers.s3_clients import Deadlines
from studybuddy.errors import ConflictError, PermissionDeniedError, UnavailableError
from studybuddy.newfiles import NewFile
from studybuddy.places import S3Settings
from studybuddy.scan.scans import Result, Scans
from studybuddy.settings import load_settings
from studybuddy.storage import Storage
from studybuddy.wiring import Wiring, open_all
from tests.scan.damage import Damaged
from tests.scan.test_planted import findings_of


def states(wiring: Wiring) -> set[str]:
    with wiring.catalog.read() as db:
        return {row[0] for row in db.execute("SELECT DISTINCT state FROM copies").fetchall()}


def with_driver(storage: Storage, driver: object) -> Storage:
    return replace(storage, driver=cast(Driver, driver))


class Ending:
    """A storage whose listing ends behind some objects: told, or untold."""

    def __init__(self, driver: Driver, after: int, error: Exception | None) -> None:
        self._driver = driver
        self._after = after
        self._error = error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._driver, name)

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        for number, found in enumerate(self._driver.list(prefix)):
            if number == self._after:
                if self._error is not None:
                    raise self._error
                return
            yield found


def test_a_listing_that_breaks_ends_the_scan_with_the_reason_and_nothing_is_taken_for_missing(
    scans: Scans, damaged: Damaged, wiring: Wiring
) -> None:
    for _ in range(6):
        damaged.add()
    failing = with_driver(damaged.here, Ending(damaged.here.driver, 3, UnavailableError("it fell asleep")))
    result = scans.run(failing, depth="sizes")
    assert (result.scan.state, result.scan.error, result.counts) == ("failed", "it fell asleep", ())
    assert states(wiring) == {"verified"}
    with pytest.raises(ConflictError, match="did not reach its end"):
        scans.repair(result.scan.id)


def test_a_listing_that_ends_too_early_without_a_word_misleads_nobody(scans: Scans, damaged: Damaged) -> None:
    for _ in range(6):
        damaged.add()
    result = scans.run(with_driver(damaged.here, Ending(damaged.here.driver, 3, None)), depth="sizes")
    assert (result.scan.state, result.scan.objects, result.scan.copies) == ("done", 3, 6)
    assert result.counts == ()


def test_a_storage_that_does_not_answer_is_told_and_nothing_is_marked(
    scans: Scans, damaged: Damaged, wiring: Wiring
) -> None:
    damaged.add(places=("s3",))
    place = damaged.there.place
    assert isinstance(place, S3Settings)
    dead = with_driver(
        damaged.there, S3Driver(replace(place, endpoint_url="http://127.0.0.1:9"), deadlines=Deadlines(retry=0.2))
    )
    result = scans.run(dead, depth="deep")
    assert (result.scan.state, result.counts) == ("failed", ())
    assert result.scan.error
    assert states(wiring) == {"verified"}


def test_a_bucket_without_most_objects_is_not_repaired_until_it_is_confirmed(
    scans: Scans, damaged: Damaged, wiring: Wiring, bucket: str
) -> None:
    files_there = [damaged.add(places=("s3",)) for _ in range(12)]
    for file in files_there[1:]:
        damaged.there.driver.delete(damaged.key(file, damaged.there))
    result = scans.run(damaged.there)
    assert (result.damaged, result.mostly_missing) == (11, True)
    with pytest.raises(ConflictError, match="rather the wrong bucket") as refused:
        scans.repair(result.scan.id)
    assert "confirm" in refused.value.fix
    assert states(wiring) == {"verified"}
    assert scans.repair(result.scan.id, most_are_missing=True).damaged == 11
    assert states(wiring) == {"verified", "bad"}


def test_a_folder_whose_disk_is_away_has_lost_nothing(
    scans: Scans, damaged: Damaged, wiring: Wiring, tmp_path: Path
) -> None:
    damaged.add()
    uploads = wiring.settings.uploads_dir
    uploads.rename(tmp_path / "away")
    uploads.mkdir()
    result = scans.run(damaged.here)
    assert (result.scan.state, result.counts) == ("failed", ())
    assert "is not the storage that the catalog knows" in result.scan.error


def test_a_folder_that_may_not_be_read_is_told_as_that_and_nothing_is_missing(scans: Scans, damaged: Damaged) -> None:
    class Refusing(LocalDriver):
        def read(self, key: str, *, start: int = 0, stop: int | None = None) -> Any:
            raise PermissionDeniedError(f"this user may not read {key}")

    for _ in range(25):
        damaged.add(size=10)
    assert isinstance(damaged.here.driver, LocalDriver)
    result = scans.run(with_driver(damaged.here, Refusing(damaged.here.driver.root)), depth="deep")
    assert result.scan.state == "failed"
    assert "lets none of its objects be read" in result.scan.error


def test_one_scan_of_a_storage_at_a_time_also_by_other_processes(
    scans: Scans, damaged: Damaged, wiring: Wiring
) -> None:
    damaged.add()
    begun, go_on = threading.Event(), threading.Event()

    class Slow(LocalDriver):
        def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
            begun.set()
            assert go_on.wait(10)
            return super().list(prefix)

    slow = with_driver(damaged.here, Slow(wiring.settings.uploads_dir))
    first = scans.start(slow)
    assert begun.wait(10)
    claim = Claim(wiring.settings.data_dir / "claims")
    other = Scans(wiring.catalog, wiring.storages, wiring.spool, claim)
    for one in (scans, other):
        with pytest.raises(ConflictError, match=f"Scan {first.scan.id} of this storage is under way"):
            one.run(damaged.here)
    with pytest.raises(ConflictError, match="Another process works on scan"):
        other.stop(first.scan.id)
    assert other.run(damaged.there).scan.state == "done"
    go_on.set()
    assert ended(scans, first).scan.state == "done"
    assert other.run(damaged.here).scan.state == "done"
    claim.release()


def test_a_scan_whose_process_died_is_in_nobodys_way(scans: Scans, damaged: Damaged, wiring: Wiring) -> None:
    result = scans.run(damaged.here)
    damaged.sql("UPDATE scans SET state = 'running', writer = 'dead', ended_at = NULL")
    assert scans.get(result.scan.id).scan.state == "failed"
    damaged.sql("UPDATE scans SET state = 'repairing', writer = 'dead'")
    assert scans.run(damaged.here).scan.state == "done"
    assert scans.get(result.scan.id).scan.state == "done"


def test_a_scan_that_is_stopped_says_so(scans: Scans, damaged: Damaged, wiring: Wiring) -> None:
    class Endless(LocalDriver):
        def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
            number = 0
            while prefix == "audio/":
                number += 1
                yield ObjectInfo(f"audio/{number:020}", 1, next(super().list()).modified_at)

    damaged.add()
    begun = scans.start(with_driver(damaged.here, Endless(wiring.settings.uploads_dir)))
    time.sleep(0.1)
    scans.stop(begun.scan.id)
    result = ended(scans, begun)
    assert (result.scan.state, result.scan.error) == ("stopped", "It was stopped before its end")


def ended(scans: Scans, begun: Result) -> Result:
    for _ in range(400):
        result = scans.get(begun.scan.id)
        if not result.scan.busy:
            return result
        time.sleep(0.02)
    raise AssertionError("it does not end")


@pytest.mark.parametrize("target", ["local", "s3"])
@pytest.mark.parametrize("seconds", [pytest.param(2, id="short"), pytest.param(60, id="long", marks=pytest.mark.slow)])
def test_work_that_goes_on_makes_no_finding(
    scans: Scans, damaged: Damaged, wiring: Wiring, target: str, seconds: int
) -> None:
    wiring.storages.choose(target)
    end = time.monotonic() + seconds
    with at_work(*[busy(wiring, end)] * 3):
        count = 0
        while time.monotonic() < end:
            for depth in ("sizes", "deep"):
                result = scans.run(wiring.storages().target, depth=depth)
                told = findings_of(scans, result)
                assert [one for one in told if one.state != "gone"] == []
                assert result.scan.state == "done", result.scan.error
                count += 1
    assert count > 2
    last = scans.run(wiring.storages().target, depth="deep")
    assert (last.counts, last.scan.copies > 0) == ((), True)


def busy(wiring: Wiring, end: float) -> Callable[[], None]:
    """Add, trash and purge until the end."""

    def work() -> None:
        session = wiring.library.session_titled("Busy")
        number = 0
        while time.monotonic() < end:
            number += 1
            file = wiring.library.add(BytesIO(b"%d" % time.monotonic_ns()), NewFile("a.txt", session.id)).file
            if number % 4:
                wiring.library.trash_file(file.id)
                wiring.library.purge_file(file.id)

    return work


class at_work:
    """Runs functions in threads while the block runs; what they raise comes out at its end."""

    def __init__(self, *work: Callable[[], None]) -> None:
        self._failures: list[BaseException] = []
        self._threads = [threading.Thread(target=self._run, args=(one,)) for one in work]

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001
            self._failures.append(error)

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_: object) -> None:
        for thread in self._threads:
            thread.join()
        assert self._failures == []


def test_what_is_added_and_purged_while_it_is_listed_is_no_finding(
    scans: Scans, damaged: Damaged, wiring: Wiring
) -> None:
    purged = damaged.add()

    class Late(LocalDriver):
        """Hands over what it has seen, when one of it is gone and something new is there."""

        def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
            seen = list(super().list(prefix))
            if seen:
                wiring.library.trash_file(purged.id)
                wiring.library.purge_file(purged.id)
                damaged.add()
            return iter(seen)

    result = scans.run(with_driver(damaged.here, Late(wiring.settings.uploads_dir)), depth="sizes")
    assert (result.scan.state, result.scan.objects, result.scan.copies) == ("done", 1, 1)
    assert result.counts == ()


def test_another_copy_in_the_same_storage_is_used_only_when_it_is_whole(
    scans: Scans, damaged: Damaged, wiring: Wiring
) -> None:
    for whole in (True, False):
        file = damaged.add()
        key = damaged.key(file, damaged.here)
        other = keys.another(key)
        damaged.put(damaged.here, other, damaged.read(damaged.here, key))
        with wiring.catalog.write() as db:
            copy_id = copies.insert(db, file_id=file.id, storage_id=damaged.here.id, key=other, writer="w")
            copies.confirm(db, copy_id)
        damaged.flip(damaged.here, key, 0)
        result = scans.run(damaged.here, depth="deep")
        if not whole:
            damaged.flip(damaged.here, other, 0)
        repaired = scans.repair(result.scan.id)
        assert repaired.damaged == (0 if whole else 1)
        assert (wiring.library.file(file.id).current_copy_id == copy_id) == whole


def test_files_that_are_purged_while_they_are_repaired_stay_purged(
    scans: Scans, damaged: Damaged, wiring: Wiring
) -> None:
    file = damaged.add(places=("local", "s3"))
    damaged.flip(damaged.here, damaged.key(file, damaged.here), 0)
    result = scans.run(damaged.here, depth="deep")
    wiring.library.trash_file(file.id)
    wiring.library.purge_file(file.id)
    assert scans.repair(result.scan.id).damaged == 0
    assert damaged.everything() == {}


def test_kept_checksums_tell_of_objects_that_were_swapped(scans: Scans, damaged: Damaged) -> None:
    place = damaged.there.place
    assert isinstance(place, S3Settings)
    there = with_driver(damaged.there, S3Driver(place, checksums=True))
    one, other = (damaged.key(damaged.add(places=("s3",)), damaged.there) for _ in range(2))
    swap_with_checksums(damaged, one, other)
    assert scans.run(there, depth="sizes").counts == ()
    result = scans.run(there, depth="checksums")
    assert {(row.kind, row.key) for row in findings_of(scans, result)} == {("damaged", one), ("damaged", other)}
    assert scans.repair(result.scan.id).damaged == 0


def swap_with_checksums(damaged: Damaged, one: str, other: str) -> None:
    contents = [damaged.read(damaged.there, key) for key in (one, other)]
    for key, content in zip((other, one), contents, strict=True):
        damaged.client.put_object(Bucket=damaged.bucket, Key=f"school/{key}", Body=content, ChecksumAlgorithm="SHA256")


def test_an_object_of_another_storage_is_used_when_that_one_has_lost_it_and_left_alone_else(
    scans: Scans, damaged: Damaged, wiring: Wiring
) -> None:
    lost, whole = damaged.add(places=("s3",)), damaged.add(places=("s3",))
    for file in (lost, whole):
        key = damaged.key(file, damaged.there)
        damaged.put(damaged.here, key, damaged.read(damaged.there, key))
    damaged.there.driver.delete(damaged.key(lost, damaged.there))
    result = scans.run(damaged.here, depth="sizes")
    assert {(row.kind, row.file_id) for row in findings_of(scans, result)} == {
        ("misplaced", lost.id), ("misplaced", whole.id),
    }  # fmt: skip
    scans.remove_unknown(result.scan.id)
    scans.repair(result.scan.id)
    assert wiring.library.file(lost.id).storage_id == damaged.here.id
    assert wiring.library.file(whole.id).storage_id == damaged.there.id
    with wiring.library.open(lost.id) as stream:
        assert len(stream.read()) == lost.size
    with wiring.catalog.read() as db:
        assert len(copies.of_file(db, whole.id)) == 1
        assert files.get(db, lost.id).current_copy_id is not None


def test_unknown_objects_are_looked_at_again_before_they_go(scans: Scans, damaged: Damaged, wiring: Wiring) -> None:
    changed, gone, may_hold, goes = (damaged.stray(damaged.here) for _ in range(4))
    damaged.put(damaged.here, may_hold, b"x" * 777)
    lost = damaged.add(size=777)
    damaged.here.driver.delete(damaged.key(lost, damaged.here))
    result = scans.run(damaged.here)
    damaged.put(damaged.here, changed, b"something new")
    damaged.here.driver.delete(gone)
    scans.remove_unknown(result.scan.id)
    told = {row.key: (row.state, row.detail) for row in findings_of(scans, result) if row.kind == "unknown"}
    assert told == {
        changed: ("open", "it was changed since the scan"),
        gone: ("gone", "it was gone by then"),
        may_hold: ("open", "it may hold the bytes of a damaged file of the same size: repair that one first"),
        goes: ("removed", ""),
    }
    assert {key for _, key in damaged.everything()} == {changed, may_hold}


def test_young_objects_are_given_a_day(wiring: Wiring, damaged: Damaged) -> None:
    damaged.stray(damaged.here)
    damaged.stray(damaged.there)
    usual = Scans(wiring.catalog, wiring.storages, wiring.spool, wiring.claim)
    patient = Scans(wiring.catalog, wiring.storages, wiring.spool, wiring.claim, grace=timedelta(seconds=-5))
    for storage in (damaged.here, damaged.there):
        assert usual.run(storage).counts == ()
        found = patient.run(storage)
        assert len(found.counts) == 1
        usual.remove_unknown(found.scan.id)
    assert len(damaged.everything()) == 2


def test_a_source_that_is_damaged_too_is_not_used(scans: Scans, damaged: Damaged, wiring: Wiring) -> None:
    file = damaged.add(places=("local", "s3"))
    for storage in (damaged.here, damaged.there):
        damaged.flip(storage, damaged.key(file, storage), 0)
    result = scans.run(damaged.here, depth="deep")
    assert scans.repair(result.scan.id).damaged == 1
    detail = findings_of(scans, result)[0].detail
    assert f"not restored: {damaged.there.label} holds a damaged copy" in detail
    assert {damaged.copy_of(file, storage).state for storage in (damaged.here, damaged.there)} == {"bad"}
    assert len(damaged.everything()) == 2


def test_a_repair_whose_storage_stops_answering_is_told_and_goes_on_later(
    scans: Scans, damaged: Damaged, wiring: Wiring
) -> None:
    file = damaged.add(places=("s3", "local"))
    damaged.flip(damaged.there, damaged.key(file, damaged.there), 0)
    result = scans.run(damaged.there, depth="deep")
    place = damaged.there.place
    assert isinstance(place, S3Settings)
    dead = with_driver(
        damaged.there, S3Driver(replace(place, endpoint_url="http://127.0.0.1:9"), deadlines=Deadlines(retry=0.2))
    )
    now = wiring.storages()
    storages = replace(now, opened={**now.opened, dead.id: dead})
    lame = Scans(wiring.catalog, lambda: storages, wiring.spool, wiring.claim)
    stopped = lame.repair(result.scan.id)
    assert (stopped.scan.state, stopped.damaged) == ("done", 1)
    assert stopped.scan.error
    assert states(wiring) == {"verified"}
    repaired = scans.repair(result.scan.id)
    assert (repaired.scan.error, repaired.damaged) == ("", 0)


def test_a_source_that_does_not_answer_is_asked_once_and_the_copy_restored_when_it_does(
    scans: Scans, damaged: Damaged, wiring: Wiring
) -> None:
    class Silent:
        asked = 0

        def read(self, key: str, *, start: int = 0, stop: int | None = None) -> Any:
            Silent.asked += 1
            raise UnavailableError("S3 says nothing")

    for _ in range(3):
        file = damaged.add(places=("local", "s3"))
        damaged.flip(damaged.here, damaged.key(file, damaged.here), 0)
    result = scans.run(damaged.here, depth="deep")
    now = wiring.storages()
    silent = with_driver(damaged.there, Silent())
    storages = replace(now, opened={**now.opened, silent.id: silent})
    lame = Scans(wiring.catalog, lambda: storages, wiring.spool, wiring.claim)
    assert lame.repair(result.scan.id).damaged == 3
    assert all(row.detail.endswith("not restored: S3 says nothing") for row in findings_of(scans, result))
    assert Silent.asked == 1
    assert scans.repair(result.scan.id).damaged == 0
    assert states(wiring) == {"verified"}


def test_the_last_scans_are_kept(scans: Scans, damaged: Damaged) -> None:
    for _ in range(12):
        scans.run(damaged.here)
    kept = scans.everything(storage_id=damaged.here.id)
    assert [result.scan.id for result in kept] == list(range(12, 2, -1))


def test_a_process_that_ends_stops_its_scans(tmp_path: Path) -> None:
    environ = {"UPLOADS_DIR": f"{tmp_path}/uploads", "STUDY_BUDDY_DATA": f"{tmp_path}/data"}
    wiring = open_all(load_settings(environ, env_file=tmp_path / "no.env"))
    storage = wiring.storages().local

    wiring.scans.start(storage)
    wiring.close()
    again = open_all(load_settings(environ, env_file=tmp_path / "no.env"))
    assert not again.scans.everything()[0].scan.busy
    again.close()
