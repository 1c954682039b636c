"""Scans beside each other: one at a time, their ends, and how many are kept."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from studybuddy.claims import Claim
from studybuddy.drivers.driver import ObjectInfo
from studybuddy.drivers.local.driver import LocalDriver
from studybuddy.errors import ConflictError
from studybuddy.scan.scans import Scans
from studybuddy.settings import load_settings
from studybuddy.wiring import Wiring, open_all
from tests.scan.damage import Damaged, with_driver
from tests.scan.outcome import ended


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
