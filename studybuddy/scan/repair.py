"""What a scan found, put right; what cannot be is marked bad, and its file named. Nothing is thrown away for it."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

from studybuddy import keys, removal
from studybuddy.catalog import Database, copies, files, findings
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.findings import DAMAGE, Finding, FindingKind, FindingState, Kept, KnownCopy
from studybuddy.catalog.records import Copy
from studybuddy.catalog.scans import Scan
from studybuddy.errors import NotFoundError, StorageError
from studybuddy.scan.looking import StoppedError, look
from studybuddy.scan.restoring import Restoring
from studybuddy.status import expect_there
from studybuddy.storages import Storages

_SOME = 500


class Repair:
    """Repairs what one scan found, each finding looked at again first.

    Damaged objects go at the very end, and only those whose files are whole again and that nothing could be restored
    from: they may hold the bytes of another file.
    """

    def __init__(
        self, catalog: Catalog, storages: Callable[[], Storages], scan: Scan, *, writer: str, stop: threading.Event
    ) -> None:
        self._catalog = catalog
        self._storages = storages
        self._scan = scan
        self._storage = storages().get(scan.storage_id)
        self._stop = stop
        self._restoring = Restoring(catalog, storages, self._storage, scan_id=scan.id, writer=writer, stop=stop)
        self._replaced: list[Finding] = []

    def run(self) -> None:
        """Repair all of it. Raises UnavailableError or StoppedError; what is done by then stays done."""
        expect_there(self._storage)
        try:
            for finding in self._unsettled(DAMAGE):
                try:
                    self._mend(finding)
                except NotFoundError:
                    self._settle(finding, "gone", "the file was deleted meanwhile")
            for finding in self._unsettled(("misplaced",)):
                self._take_in(finding)
        finally:
            self._remove_replaced()

    def _unsettled(self, kinds: tuple[FindingKind, ...]) -> Iterator[Kept]:
        after = 0
        while True:
            with self._catalog.read() as db:
                some = findings.some(db, self._scan.id, kinds, findings.UNSETTLED, after=after, limit=_SOME)
            for finding in some:
                if self._stop.is_set():
                    raise StoppedError
                yield finding
            if len(some) < _SOME:
                return
            after = some[-1].id

    def _mend(self, finding: Kept) -> None:
        with self._catalog.write() as db:
            copy = self._copy_of(db, finding)
        if copy is None:
            self._settle(finding, "gone", "the file was deleted, or is in another place now")
            return
        wrong = look(self._storage, copy, "deep", self._stop)
        if wrong is None:
            with self._catalog.write() as db:
                copies.heal(db, copy.id)
            self._settle(finding, "gone", "was whole when it was looked at again")
            return
        restored = self._restoring.restore(copy)
        if restored.source is None:
            self._give_up(finding, wrong, restored.problem)
            return
        self._replaced.append(wrong)
        self._settle(finding, "repaired", f"{wrong.detail}; restored from {restored.source}")
        if (source := restored.source.finding) is not None and source.kind != "damaged":
            self._settle(source, "repaired", f"holds the bytes of file {copy.file_id}, which uses it now")

    def _copy_of(self, db: Database, finding: Kept) -> KnownCopy | None:
        copy_id = finding.copy_id
        if finding.kind == "no_copy":
            copy_id = self._stand_in(db, finding.file_id or 0)
        copy = findings.known_copy(db, copy_id or 0)
        return copy if copy and copy.file_id is not None and copy.state in {"verified", "bad"} else None

    def _stand_in(self, db: Database, file_id: int) -> int | None:
        """Give a file whose copy's row is lost a bad copy, which can then be replaced as any other."""
        try:
            file = files.get(db, file_id)
        except NotFoundError:
            return None
        if file.current_copy_id is None or findings.known_copy(db, file.current_copy_id):
            return file.current_copy_id
        return copies.stand_in(db, file_id, storage_id=self._storage.id, key=keys.file_key(file.session_id, "bin"))

    def _give_up(self, finding: Kept, wrong: Finding, problem: str) -> None:
        detail = f"{wrong.detail}; not restored: {problem}"
        if wrong.kind == "unreadable":
            self._settle(finding, "open", detail)
            return
        with self._catalog.write() as db:
            copies.spoil(db, wrong.copy_id or 0)
        self._settle(finding, "marked", detail)

    def _take_in(self, finding: Kept) -> None:
        """Use an object whose file is known in another storage, when that one has lost it."""
        with self._catalog.read() as db:
            known, row = findings.known_copy(db, finding.copy_id or 0), copies.get(db, finding.copy_id or 0)
        other = self._storages().opened.get(row.storage_id) if row else None
        if known is None or known.file_id is None or other is None or other is self._storage:
            return
        try:
            expect_there(other)
            wrong = look(other, known, "deep", self._stop)
        except StorageError:
            return  # it may be whole there; this one stays as it is
        if wrong is not None and wrong.kind != "unreadable" and self._restoring.adopt(known, finding):
            self._settle(finding, "repaired", f"holds the bytes of file {known.file_id}, which uses it now")

    def _remove_replaced(self) -> None:
        for start in range(0, len(self._replaced), _SOME):
            with self._catalog.write() as db:
                doomed = [copy for wrong in self._replaced[start : start + _SOME] for copy in self._doom(db, wrong)]
            removal.remove_objects(self._catalog, self._storages(), doomed)

    def _doom(self, db: Database, wrong: Finding) -> list[Copy]:
        copy = copies.get(db, wrong.copy_id or 0)
        if copy is None or copy.state != "bad" or findings.is_wanted(db, self._scan.id, wrong.size):
            return []
        copies.doom(db, copy.id)
        return [replace(copy, state="doomed", writer=None)]

    def _settle(self, finding: Kept, state: FindingState, detail: str) -> None:
        with self._catalog.write() as db:
            findings.settle(db, finding.id, state, detail=detail)
