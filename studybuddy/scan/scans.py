"""Scans as pages, API and command line run them: one at a time for each storage, in the background or not."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from studybuddy.adding.spool import Spool
from studybuddy.catalog import Database, findings, scans
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.findings import Count, FindingKind, Kept
from studybuddy.catalog.records import Page
from studybuddy.catalog.scans import Depth, Scan, ScanState
from studybuddy.claims import Claim
from studybuddy.errors import ConflictError, NotFoundError, StudyBuddyError
from studybuddy.scan import strays
from studybuddy.scan.comparison import GRACE, Comparison, Progress
from studybuddy.scan.looking import StoppedError, keeps_checksums
from studybuddy.scan.repair import Repair
from studybuddy.storage import Storage
from studybuddy.storages import Storages

log = logging.getLogger(__name__)

_FEW = 10  # missing objects that need no second thought
_WAIT_S = 10


@dataclass(frozen=True, slots=True)
class Result:
    """A scan with what it found so far."""

    scan: Scan
    counts: tuple[Count, ...]

    @property
    def damaged(self) -> int:
        """How many damaged or missing copies and files there are still."""
        return sum(
            count.findings
            for count in self.counts
            if count.kind in findings.DAMAGE and count.state in findings.UNSETTLED
        )

    @property
    def unrepaired(self) -> int:
        """How many of them no repair has looked at yet."""
        return sum(count.findings for count in self.counts if count.kind in findings.DAMAGE and count.state == "open")

    @property
    def mostly_missing(self) -> bool:
        """Whether so much is missing that it is rather the wrong place that was looked at."""
        missing = sum(one.findings for one in self.counts if one.kind == "missing" and one.state in findings.UNSETTLED)
        return missing >= _FEW and 2 * missing > self.scan.of_copies


class Scans:
    """Begins, stops and shows scans; repairs what they found, and removes what nobody knows."""

    def __init__(
        self,
        catalog: Catalog,
        storages: Callable[[], Storages],
        spool: Spool,
        claim: Claim,
        *,
        grace: timedelta = GRACE,
    ) -> None:
        self._catalog = catalog
        self._storages = storages
        self._spool = spool
        self._claim = claim
        self._grace = grace
        self._lock = threading.Lock()
        self._stops: dict[int, threading.Event] = {}
        self._threads: list[threading.Thread] = []
        self._repairing = 0

    def is_writing(self) -> bool:
        """Tell whether this process is writing copies right now."""
        return self._repairing > 0

    def run(
        self, storage: Storage, *, depth: Depth = "checksums", on_progress: Callable[[Progress], None] | None = None
    ) -> Result:
        """Scan a storage and wait for the end; how it ended stands in what is returned."""
        scan = self._begin(storage, depth)
        self._work(scan, lambda stop: self._compare(scan, storage, stop, on_progress or _tell_nobody))
        return self.get(scan.id)

    def start(self, storage: Storage, *, depth: Depth = "checksums") -> Result:
        """Scan a storage in the background."""
        scan = self._begin(storage, depth)
        return self._in_background(scan, lambda stop: self._compare(scan, storage, stop, _tell_nobody))

    def repair(self, scan_id: int, *, most_are_missing: bool = False) -> Result:
        """Repair what a scan found, and wait for the end.

        Raises ConflictError when the scan did not reach its end, or when most objects are missing and the caller does
        not say that this is so: a wrong bucket, prefix or folder looks the same.
        """
        scan = self._resume(scan_id, "repairing", most_are_missing=most_are_missing)
        self._work(scan, lambda stop: self._repair(scan, stop))
        return self.get(scan_id)

    def start_repair(self, scan_id: int, *, most_are_missing: bool = False) -> Result:
        """Repair what a scan found, in the background."""
        scan = self._resume(scan_id, "repairing", most_are_missing=most_are_missing)
        return self._in_background(scan, lambda stop: self._repair(scan, stop))

    def remove_unknown(self, scan_id: int) -> Result:
        """Remove the objects that a scan found and nobody knows, and wait for the end. There is no way back."""
        scan = self._resume(scan_id, "removing", most_are_missing=True)
        self._work(scan, lambda stop: self._remove_unknown(scan, stop))
        return self.get(scan_id)

    def start_remove_unknown(self, scan_id: int) -> Result:
        """Remove the objects that a scan found and nobody knows, in the background."""
        scan = self._resume(scan_id, "removing", most_are_missing=True)
        return self._in_background(scan, lambda stop: self._remove_unknown(scan, stop))

    def stop(self, scan_id: int) -> Result:
        """Stop the work on a scan; raise ConflictError when this process does not work on it."""
        with self._lock:
            event = self._stops.get(scan_id)
        if event is None:
            result = self.get(scan_id)
            if result.scan.busy:
                raise ConflictError(f"Another process works on scan {scan_id}", fix="Stop it there.")
            return result
        event.set()
        return self.get(scan_id)

    def get(self, scan_id: int) -> Result:
        """Return one scan with what it found; raise NotFoundError when there is none."""
        self._release_dead()
        with self._catalog.read() as db:
            return _result(db, scans.get(db, scan_id))

    def everything(self, *, storage_id: int | None = None) -> list[Result]:
        """Return the scans that are kept, the last first."""
        self._release_dead()
        with self._catalog.read() as db:
            return [_result(db, scan) for scan in scans.everything(db, storage_id=storage_id)]

    def last(self) -> dict[int, Result]:
        """Return the last scan of each storage, by the storage's id."""
        self._release_dead()
        with self._catalog.read() as db:
            return {scan.storage_id: _result(db, scan) for scan in scans.last(db)}

    def findings(
        self, scan_id: int, *, kind: FindingKind | None = None, limit: int = 50, after: str | None = None
    ) -> Page[Kept]:
        """List what a scan found."""
        with self._catalog.read() as db:
            scans.get(db, scan_id)
            return findings.page(db, scan_id, kind=kind, limit=limit, after=after)

    def close(self) -> None:
        """Stop everything that goes on in the background."""
        with self._lock:
            for event in self._stops.values():
                event.set()
        for thread in self._threads:
            thread.join(_WAIT_S)

    def _begin(self, storage: Storage, depth: Depth) -> Scan:
        self._release_dead()
        if depth == "checksums" and not keeps_checksums(storage):
            depth = "sizes"
        with self._catalog.write() as db:
            return scans.begin(db, storage_id=storage.id, depth=depth, writer=self._claim.id)

    def _resume(self, scan_id: int, state: ScanState, *, most_are_missing: bool) -> Scan:
        found = self.get(scan_id)
        self._storages().get(found.scan.storage_id)
        if found.mostly_missing and not most_are_missing:
            raise ConflictError(
                f"More than half of the {found.scan.of_copies:,} objects are missing: this is rather the wrong bucket, "
                "prefix or folder, so nothing is changed",
                fix="Look at the settings; if they are right and most is really lost, confirm it: most-are-missing.",
            )
        with self._catalog.write() as db:
            return scans.resume(db, scan_id, state, writer=self._claim.id)

    def _in_background(self, scan: Scan, work: Callable[[threading.Event], None]) -> Result:
        thread = threading.Thread(target=self._work, args=(scan, work), name=f"study-buddy-scan-{scan.id}", daemon=True)
        self._threads = [*(one for one in self._threads if one.is_alive()), thread]
        thread.start()
        return self.get(scan.id)

    def _work(self, scan: Scan, work: Callable[[threading.Event], None]) -> None:
        """Do the work on a scan and keep how it ended; a scan that is repaired stays done, whatever comes."""
        compares = scan.state == "running"
        state: ScanState = "failed" if compares else "done"
        problem: StudyBuddyError | None = StudyBuddyError(
            "Study Buddy made a mistake; its log tells more", fix="Scan again, and report it."
        )
        with self._stoppable(scan.id) as stop:
            try:
                work(stop)
                state, problem = "done", None
            except (StoppedError, KeyboardInterrupt) as reason:
                state = "stopped" if compares else "done"
                problem = StudyBuddyError("It was stopped before its end")
                if isinstance(reason, KeyboardInterrupt):
                    raise
            except StudyBuddyError as error:
                log.warning("scan %d ended early: %s", scan.id, error)
                problem = error
            finally:
                with self._catalog.write() as db:
                    scans.end(db, scan.id, state, problem)

    @contextmanager
    def _stoppable(self, scan_id: int) -> Iterator[threading.Event]:
        event = threading.Event()
        with self._lock:
            self._stops[scan_id] = event
        try:
            yield event
        finally:
            with self._lock:
                del self._stops[scan_id]

    def _compare(
        self, scan: Scan, storage: Storage, stop: threading.Event, on_progress: Callable[[Progress], None]
    ) -> None:
        storages = self._storages()
        Comparison(
            self._catalog, storage, scan, labels=storages.label, grace=self._grace, stop=stop, on_progress=on_progress
        ).run()
        if storage.id == storages.local.id:
            left = strays.stale_temporary(storage, self._spool, self._claim.alive)
            with self._catalog.write() as db:
                findings.insert(db, scan.id, map(strays.temporary_finding, left))

    def _repair(self, scan: Scan, stop: threading.Event) -> None:
        with self._lock:
            self._repairing += 1
        try:
            Repair(self._catalog, self._storages, scan, writer=self._claim.id, stop=stop).run()
        finally:
            with self._lock:
                self._repairing -= 1
        storages = self._storages()
        if scan.storage_id == storages.local.id:
            strays.remove_stale_temporary(storages.local, self._spool, self._claim.alive)
            self._settle_temporary(scan)

    def _settle_temporary(self, scan: Scan) -> None:
        with self._catalog.write() as db:
            for one in findings.some(db, scan.id, ("stale_temporary",), ("open",), limit=100_000):
                if not Path(one.key).exists():
                    findings.settle(db, one.id, "removed")

    def _remove_unknown(self, scan: Scan, stop: threading.Event) -> None:
        storage = self._storages().get(scan.storage_id)
        strays.Strays(self._catalog, storage, scan, grace=self._grace, stop=stop).remove()

    def _release_dead(self) -> None:
        """End the scans whose processes are gone."""
        with self._catalog.read() as db:
            busy = scans.in_hand(db)
        dead = [scan for scan in busy if not self._is_worked_on(scan)]
        if not dead:
            return
        problem = StudyBuddyError("The program ended before the scan did", fix="Scan again.")
        with self._catalog.write() as db:
            for scan in dead:
                with suppress(NotFoundError):
                    now = scans.get(db, scan.id)
                    if now.busy and now.writer == scan.writer:
                        scans.end(db, scan.id, "failed" if scan.state == "running" else "done", problem)

    def _is_worked_on(self, scan: Scan) -> bool:
        if scan.writer == self._claim.id:
            return True
        return scan.writer is not None and self._claim.alive(scan.writer)


def _result(db: Database, scan: Scan) -> Result:
    return Result(scan, tuple(findings.counts(db, scan.id)))


def _tell_nobody(_: Progress) -> None:
    return
