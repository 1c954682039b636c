"""Objects that nobody knows: looked at again before they go, and left alone while they are young."""

from datetime import timedelta

from studybuddy.scan.scans import Scans
from studybuddy.wiring import Wiring
from tests.scan.damage import Damaged
from tests.scan.outcome import findings_of


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
