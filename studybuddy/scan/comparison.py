"""The comparison itself: objects and copies side by side; whatever differs is looked at again before it is told."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from studybuddy.catalog import copies, findings, scans
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.findings import Finding, KnownCopy
from studybuddy.catalog.scans import Scan
from studybuddy.drivers.driver import ObjectInfo
from studybuddy.errors import ObjectNotFoundError, StorageError, UnavailableError
from studybuddy.scan.looking import StoppedError, look
from studybuddy.scan.pairing import Pair, pairs
from studybuddy.scan.window import Window
from studybuddy.status import expect_there
from studybuddy.storage import Storage
from studybuddy.units import TIME_FORMAT

GRACE = timedelta(hours=24)
_TELL_EVERY_S = 0.2
_KEEP_EVERY_S = 2.0
_KEEP_AT_ONCE = 500
_UNKNOWN_AT_ONCE = 100
_UNREADABLE_IN_A_ROW = 20


@dataclass(slots=True)
class Progress:
    """How far a scan is."""

    of_copies: int
    copies: int = 0
    objects: int = 0
    bytes: int = 0
    found: int = 0
    healed: int = 0


@dataclass(frozen=True, slots=True)
class _Look:
    """What a second look has shown."""

    copy: KnownCopy | None = None
    wrong: Finding | None = None


Labels = Callable[[int], str]


class Comparison:
    """Compares one storage with the catalog. Only what it finds is kept; nothing else is changed."""

    def __init__(  # noqa: PLR0913
        self,
        catalog: Catalog,
        storage: Storage,
        scan: Scan,
        *,
        labels: Labels,
        grace: timedelta,
        stop: threading.Event,
        on_progress: Callable[[Progress], None],
    ) -> None:
        self._catalog = catalog
        self._storage = storage
        self._scan = scan
        self._labels = labels
        self._stop = stop
        self._on_progress = on_progress
        self._reads = scan.depth != "sizes"
        self._progress = Progress(scan.of_copies)
        self._unknown: list[ObjectInfo] = []
        self._waiting: list[_Look] = []
        self._unreadable = 0
        self._told_at = self._kept_at = time.monotonic()
        self._young = datetime.now(UTC) - grace

    def run(self) -> None:
        """Compare all of it. Raises StoppedError, or what kept the storage from answering."""
        expect_there(self._storage)
        try:
            with Window(self._take, self._stop) as window:
                for pair in pairs(self._catalog, self._storage):
                    self._count(pair)
                    if (work := self._work(pair)) is not None:
                        window.add(work)
                window.add(self._look_at_unknown())
                window.drain()
            expect_there(self._storage)
        finally:
            self._keep()
        self._tell_files_without_copy()
        self._ask_again_for_unknown()
        self._on_progress(self._progress)

    def _count(self, pair: Pair) -> None:
        self._progress.copies += pair.copy is not None
        if pair.object is not None:
            self._progress.objects += 1
            self._progress.bytes += pair.object.size or 0
        now = time.monotonic()
        if now - self._told_at > _TELL_EVERY_S:
            self._told_at = now
            self._on_progress(self._progress)
            if self._stop.is_set():
                raise StoppedError
        if now - self._kept_at > _KEEP_EVERY_S:
            self._keep()

    def _work(self, pair: Pair) -> Callable[[], list[_Look]] | None:
        """Return the second look that a pair needs, or None."""
        found, copy = pair.object, pair.copy
        if copy is None or copy.file_id is None:
            if found is None or found.modified_at > self._young or not self._storage.takes_files:
                return None
            self._unknown.append(found)
            return self._look_at_unknown() if len(self._unknown) >= _UNKNOWN_AT_ONCE else None
        if copy.state not in {"verified", "bad"}:
            return None  # being written, or being deleted: recovery sees to it
        if found is None or found.size != copy.size or copy.state == "bad" or self._reads:
            return partial(self._look_at_copy, copy, None if found is None else found.size)
        return None

    def _look_at_copy(self, copy: KnownCopy, listed: int | None) -> list[_Look]:
        return [_Look(copy, look(self._storage, copy, self._scan.depth, self._stop, listed=listed))]

    def _look_at_unknown(self) -> Callable[[], list[_Look]]:
        some, self._unknown = self._unknown, []
        return partial(self._unknown_of, some)

    def _unknown_of(self, some: list[ObjectInfo]) -> list[_Look]:
        with self._catalog.read() as db:
            named = [findings.copies_at(db, info.key) for info in some]
        # Behind the catalog: what was deleted just now had its rows until it was gone.
        told = [self._unknown_finding(info, at) for info, at in zip(some, named, strict=True)]
        return [_Look(wrong=found) for found in told if found is not None and self._is_there(found.key)]

    def _unknown_finding(self, info: ObjectInfo, named: list[tuple[int, KnownCopy]]) -> Finding | None:
        here = next((copy for storage_id, copy in named if storage_id == self._storage.id), None)
        if here is not None and (here.file_id is not None or here.state == "doomed"):
            return None
        found = partial(Finding, key=info.key, size=info.size or 0, modified_at=info.modified_at.strftime(TIME_FORMAT))
        if here is not None:
            return found("unknown", copy_id=here.id, detail="its file was deleted")
        for storage_id, copy in named:
            detail = f"belongs in {self._labels(storage_id)}"
            return found("misplaced", copy_id=copy.id, file_id=copy.file_id, detail=detail)
        return found("unknown")

    def _is_there(self, key: str) -> bool:
        try:
            self._storage.driver.stat(key)
        except ObjectNotFoundError:
            return False
        except UnavailableError:
            raise
        except StorageError:
            return True  # it was listed, whatever keeps us from looking at it
        return True

    def _take(self, looks: list[_Look]) -> None:
        for one in looks:
            self._count_unreadable(one.wrong)
            if one.wrong is not None:
                self._waiting.append(one)
            elif one.copy is not None and one.copy.state == "bad":
                self._heal(one.copy)
        if len(self._waiting) >= _KEEP_AT_ONCE:
            self._keep()

    def _count_unreadable(self, wrong: Finding | None) -> None:
        self._unreadable = self._unreadable + 1 if wrong is not None and wrong.kind == "unreadable" else 0
        if wrong is not None and self._unreadable == _UNREADABLE_IN_A_ROW:
            raise StorageError(
                f"{self._storage.label} lets none of its objects be read: {wrong.detail}", fix="Run `doctor`."
            )

    def _heal(self, copy: KnownCopy) -> None:
        with self._catalog.write() as db:
            self._progress.healed += copies.heal(db, copy.id)

    def _keep(self) -> None:
        some, self._waiting = self._waiting, []
        now = self._progress
        with self._catalog.write() as db:
            # Deleted or restored since it was looked at: then it was not this copy that was found.
            found = [
                one.wrong
                for one in some
                if one.wrong and (one.copy is None or findings.known_copy(db, one.copy.id) == one.copy)
            ]
            findings.insert(db, self._scan.id, found)
            now.found += len(found)
            scans.progress(db, self._scan.id, copies=now.copies, objects=now.objects, size=now.bytes, healed=now.healed)
        self._kept_at = time.monotonic()

    def _tell_files_without_copy(self) -> None:
        after = 0
        while True:
            with self._catalog.read() as db:
                some = findings.without_copy(db, self._storage.id, after=after, limit=_KEEP_AT_ONCE)
            for file_id, _ in some:
                detail = "the catalog no longer says where its bytes are"
                self._waiting.append(_Look(wrong=Finding("no_copy", "", file_id=file_id, detail=detail)))
            self._keep()
            if len(some) < _KEEP_AT_ONCE:
                return
            after = some[-1][0]

    def _ask_again_for_unknown(self) -> None:
        """Take back what has become known since, and recognise objects at wrong keys."""
        after = 0
        while some := self._unknown_kept(after):
            after = some[-1].id
            with self._catalog.read() as db:
                known = [one.id for one in some if any(copy.file_id for _, copy in findings.copies_at(db, one.key))]
            with self._catalog.write() as db:
                for finding_id in known:
                    findings.settle(db, finding_id, "gone")
        with self._catalog.write() as db:
            findings.tell_misplaced(db, self._scan.id)

    def _unknown_kept(self, after: int) -> list[findings.Kept]:
        with self._catalog.read() as db:
            return findings.some(db, self._scan.id, ("unknown",), ("open",), after=after, limit=_KEEP_AT_ONCE)
