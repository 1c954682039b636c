"""How bytes are added: row, object, check, and only then "saved". Many files share their transactions."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

from studybuddy.adding.new_files import Added, Pending, Spooled
from studybuddy.adding.rows import Rows
from studybuddy.catalog.connection import Catalog
from studybuddy.claims import Activity
from studybuddy.drivers.driver import Held
from studybuddy.errors import StorageError, StudyBuddyError
from studybuddy.pauses import Pauses
from studybuddy.storage import Storage
from studybuddy.storages import Storages

log = logging.getLogger(__name__)

_REMOTE_WRITES = 8


class Adding:
    """Takes spooled files into the storage for new files, or into the local one when that fails."""

    def __init__(self, catalog: Catalog, storages: Callable[[], Storages], pauses: Pauses, *, writer: str) -> None:
        self._storages = storages
        self._rows = Rows(catalog, storages, writer)
        self._pauses = pauses
        self._activity = Activity()

    @property
    def active(self) -> bool:
        """Whether this process is writing copies right now."""
        return self._activity.going_on

    def add(self, batch: Sequence[Spooled]) -> list[Added | StudyBuddyError]:
        """Save each file or say why not; one that fails leaves no trace and does not stop the others."""
        with self._activity:
            begun = self._rows.begin(batch)
            pending = [item for item in begun if isinstance(item, Pending)]
            try:
                written = self._write_all(pending)
            except BaseException:
                self._rows.abandon(pending)
                raise
            outcomes = iter(self._rows.settle(written))
            return [next(outcomes) if isinstance(item, Pending) else item for item in begun]

    def _write_all(self, pending: Sequence[Pending]) -> list[Pending | StudyBuddyError]:
        if len(pending) < 2:
            return [self._write(item) for item in pending]
        if pending[0].storage is self._storages().local:
            return self._write_here(pending)
        with ThreadPoolExecutor(_REMOTE_WRITES) as pool:
            return list(pool.map(self._write, pending))

    def _write_here(self, pending: Sequence[Pending]) -> list[Pending | StudyBuddyError]:
        """Write small files at once; each that cannot be, and each other file, by itself."""
        small = [
            Held(item.key, item.spooled.source, item.spooled.sha256, item.spooled.type.content_type)
            for item in pending
            if isinstance(item.spooled.source, bytes)
        ]
        failures = self._storages().local.put_many(small)
        done = {held.key for held, failure in zip(small, failures, strict=True) if failure is None}
        return [item if item.key in done else self._write(item) for item in pending]

    def _write(self, item: Pending) -> Pending | StudyBuddyError:
        try:
            return self._write_object(item)
        except StorageError as error:
            if item.storage is self._storages().local:
                self._rows.abandon([item])
                return error
            log.warning("file %d not saved in %s: %s", item.file_id, item.storage.label, error)
            return self._write(self._rows.turn(item, self._storages().local, error))
        except StudyBuddyError as error:
            self._rows.abandon([item])
            return error

    def _write_object(self, item: Pending) -> Pending:
        with self._pauses.watch(item.storage.id):
            _put(item.storage, item.key, item.spooled)
        return item


def _put(storage: Storage, key: str, spooled: Spooled) -> None:
    size, sha256, content_type = spooled.size, spooled.sha256, spooled.type.content_type
    if isinstance(spooled.source, bytes):
        storage.write(key, BytesIO(spooled.source), size=size, sha256=sha256, content_type=content_type)
    else:
        storage.put_file(key, spooled.source, size=size, sha256=sha256, content_type=content_type)
