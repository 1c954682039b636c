"""Work that goes on while a storage is looked at or repaired makes no finding."""

import threading
import time
from collections.abc import Callable, Iterator
from io import BytesIO

import pytest

from studybuddy.adding.new_files import NewFile
from studybuddy.drivers.driver import ObjectInfo
from studybuddy.drivers.local.driver import LocalDriver
from studybuddy.scan.scans import Scans
from studybuddy.wiring import Wiring
from tests.scan.damage import Damaged, with_driver
from tests.scan.outcome import findings_of


@pytest.mark.parametrize("target", ["local", "s3"])
@pytest.mark.parametrize("seconds", [pytest.param(2, id="short"), pytest.param(60, id="long", marks=pytest.mark.slow)])
def test_work_that_goes_on_makes_no_finding(
    scans: Scans, damaged: Damaged, wiring: Wiring, target: str, seconds: int
) -> None:
    wiring.storages.choose(target)
    end = time.monotonic() + seconds
    with at_work(*[busy(wiring, end)] * 3):
        count = 0
        while count < 4 or time.monotonic() < end:
            for depth in ("sizes", "deep"):
                result = scans.run(wiring.storages().target, depth=depth)
                told = findings_of(scans, result)
                assert [one for one in told if one.state != "gone"] == []
                assert result.scan.state == "done", result.scan.error
                count += 1
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
            if number % 4 != 1:
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
