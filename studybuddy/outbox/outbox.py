"""The outbox: files that wanted a storage that failed move there when it answers, by themselves or on one click."""

import threading
from collections.abc import Callable, Sequence

from studybuddy.catalog import Database, files
from studybuddy.catalog import outbox as catalog_outbox
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.outbox import Waiting
from studybuddy.catalog.records import File, Page
from studybuddy.claims import Claim
from studybuddy.errors import ConflictError
from studybuddy.outbox.draining import Drained, Draining, Wish
from studybuddy.pauses import Pauses
from studybuddy.storages import Storages
from studybuddy.units import utc_now


class Outbox:
    """What waits for another storage. Files in the trash wait until they are restored."""

    def __init__(self, catalog: Catalog, storages: Callable[[], Storages], pauses: Pauses, claim: Claim) -> None:
        self._catalog = catalog
        self._draining = Draining(catalog, storages, pauses, claim)
        self._lock = threading.Lock()
        self._all_now = False
        self._now: set[int] = set()  # storages that have just answered
        self._wake: Callable[[], object] = lambda: None
        pauses.on_end(self._resume)

    def is_draining(self) -> bool:
        """Tell whether this process is writing copies right now."""
        return self._draining.active

    def waiting(self, *, limit: int = 50, after: str | None = None) -> Page[Waiting]:
        """List what waits, the last added first."""
        with self._catalog.read() as db:
            return catalog_outbox.page(db, limit=limit, after=after)

    def count(self) -> int:
        """Return how many files wait."""
        with self._catalog.read() as db:
            return catalog_outbox.count(db)

    def give_up(self, file_id: int) -> File:
        """Keep a file where it is; raise ConflictError when it waits for nothing."""
        with self._catalog.write() as db:
            _expect_waiting(db, file_id)
            catalog_outbox.leave(db, file_id)
            return files.get(db, file_id)

    def drain(
        self, file_ids: Sequence[int] | None = None, *, on_moved: Callable[[File], object] = lambda _: None
    ) -> Drained:
        """Move now what waits, or these files alone, however long they were to be left alone."""
        with self._catalog.read() as db:
            for file_id in file_ids or ():
                _expect_waiting(db, file_id)
        drained = Drained()
        for storage_id in self._targets():
            self._draining.to(storage_id, Wish(only=file_ids, on_moved=on_moved), drained)
        drained.waiting = self.count()
        return drained

    def run(self) -> None:
        """Move what is due; the duty of a background thread."""
        with self._lock:
            all_now, self._all_now = self._all_now, False
            answering, self._now = self._now, set()
        now = utc_now()
        with self._catalog.read() as db:
            paused = {pause.storage_id for pause in catalog_outbox.pauses(db) if pause.next_try_at > now}
        for storage_id in self._targets():
            if all_now or storage_id in answering or storage_id not in paused:
                self._draining.to(storage_id, Wish(now=None if all_now else now), Drained())

    def wake_by(self, wake: Callable[[], object]) -> None:
        """Have `wake` called when `run` should be called at once."""
        self._wake = wake

    def hurry(self) -> None:
        """Have the background try everything now, however long it was to be left alone."""
        with self._lock:
            self._all_now = True
        self._wake()

    def stop(self) -> None:
        """Let what is under way end, and begin nothing more."""
        self._draining.stopping = True

    def _resume(self, storage_id: int) -> None:
        with self._lock:
            self._now.add(storage_id)
        self._wake()

    def _targets(self) -> list[int]:
        with self._catalog.read() as db:
            targets, arrived = catalog_outbox.targets(db), catalog_outbox.arrived(db)
        if arrived:
            with self._catalog.write() as db:
                for file_id in catalog_outbox.arrived(db):
                    catalog_outbox.leave(db, file_id)
        return targets


def _expect_waiting(db: Database, file_id: int) -> None:
    file = files.get(db, file_id)
    if file.wanted_storage_id is None:
        raise ConflictError(f"File {file_id} waits for no storage", fix="The command outbox lists what waits.")
    if file.trashed_at is not None:
        raise ConflictError(f"File {file_id} is in the trash", fix="Restore it first.")
