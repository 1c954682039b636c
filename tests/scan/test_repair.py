"""What a repair uses, what it leaves alone, and storages that stop answering in its middle."""

from dataclasses import replace
from typing import Any

import pytest

from studybuddy import keys
from studybuddy.catalog import copies, files
from studybuddy.drivers.s3.clients import Deadlines
from studybuddy.drivers.s3.driver import S3Driver
from studybuddy.errors import ConflictError, UnavailableError
from studybuddy.scan.scans import Scans
from studybuddy.settings.places import S3Settings
from studybuddy.wiring import Wiring
from tests.scan.damage import Damaged, with_driver
from tests.scan.outcome import findings_of, states


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
