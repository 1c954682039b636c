"""What nobody uses: temporary files of dead processes, and objects that nobody knows, each looked at before it goes."""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from studybuddy.adding.spool import Spool
from studybuddy.catalog import copies, findings
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.findings import Finding, FindingState, Kept
from studybuddy.catalog.scans import Scan
from studybuddy.drivers.driver import KeepsTemporaryFiles
from studybuddy.errors import ObjectNotFoundError
from studybuddy.keys import is_key
from studybuddy.scan.looking import StoppedError
from studybuddy.scan.pairing import PROBES
from studybuddy.storage import Storage
from studybuddy.units import parse_time

_SOME = 500
_GONE = "it was gone by then"
# A listing may round a time in another way than the object's own answer does.
_SAME_TIME = timedelta(seconds=2)


def stale_temporary(storage: Storage, spool: Spool, alive: Callable[[str], bool]) -> list[Path]:
    """Return the temporary files of dead processes, and the uploads that nobody went on with, on this computer."""
    driver = storage.driver
    left = driver.stale_temporary(alive) if isinstance(driver, KeepsTemporaryFiles) else []
    return [*left, *spool.stale_temporary(alive), *spool.stale_uploads()]


def remove_stale_temporary(storage: Storage, spool: Spool, alive: Callable[[str], bool]) -> None:
    """Remove them."""
    if isinstance(storage.driver, KeepsTemporaryFiles):
        storage.driver.remove_stale_temporary(alive)
    for path in spool.stale_temporary(alive):
        path.unlink(missing_ok=True)
    spool.sweep()


def temporary_finding(path: Path) -> Finding:
    """Return what is told of a stale temporary file."""
    size = 0
    with suppress(FileNotFoundError):
        size = path.stat().st_size
    return Finding("stale_temporary", str(path), size=size, detail="a process that is gone has left it")


class Strays:
    """Removes the objects that one scan found and that nobody knows. There is no way back."""

    def __init__(
        self, catalog: Catalog, storage: Storage, scan: Scan, *, grace: timedelta, stop: threading.Event
    ) -> None:
        self._catalog = catalog
        self._storage = storage
        self._scan = scan
        self._grace = grace
        self._stop = stop

    def remove(self) -> None:
        """Remove them. Raises a StorageError, or StoppedError; what is done by then stays done."""
        after = 0
        while some := self._some(after):
            after = some[-1].id
            for finding in some:
                if self._stop.is_set():
                    raise StoppedError
                self._remove(finding)

    def _some(self, after: int) -> list[Kept]:
        with self._catalog.read() as db:
            return findings.some(db, self._scan.id, ("unknown",), ("open",), after=after, limit=_SOME)

    def _remove(self, finding: Kept) -> None:
        reason = self._reason_to_keep(finding)
        if not reason:
            reason = self._doom(finding)
        if not reason:
            self._storage.driver.delete(finding.key)
        with self._catalog.write() as db:
            if not reason and finding.copy_id is not None:
                copies.forget(db, finding.copy_id)
            state: FindingState = "removed" if not reason else "gone" if reason == _GONE else "open"
            findings.settle(db, finding.id, state, detail=reason or None)

    def _reason_to_keep(self, finding: Kept) -> str:
        if not is_key(finding.key) and not finding.key.startswith(PROBES):
            return "its name is none of ours: if nobody needs it, remove it yourself"
        try:
            found = self._storage.driver.stat(finding.key)
        except ObjectNotFoundError:
            return _GONE
        changed_at = parse_time(finding.modified_at or "")
        if found.size != finding.size or abs(found.modified_at - changed_at) > _SAME_TIME:
            return "it was changed since the scan"
        if found.modified_at > datetime.now(UTC) - self._grace:
            return "it is younger than a day"
        return ""

    def _doom(self, finding: Kept) -> str:
        """Ask the catalog a last time; the row of a deleted file's copy goes with its object."""
        with self._catalog.write() as db:
            named = [copy for _, copy in findings.copies_at(db, finding.key)]
            if any(copy.file_id is not None or copy.id != finding.copy_id for copy in named):
                return "the catalog knows it by now"
            if findings.is_wanted(db, self._scan.id, finding.size):
                return "it may hold the bytes of a damaged file of the same size: repair that one first"
            for copy in named:
                copies.doom(db, copy.id)
        return ""
