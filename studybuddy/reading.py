"""Opening a file's bytes: from its current copy, or from another good one when that one's storage fails."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from studybuddy.catalog import copies, places
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.records import Copy, File
from studybuddy.drivers.driver import HoldsFiles
from studybuddy.errors import IntegrityError, InvalidRangeError, ObjectNotFoundError, StorageError, UnavailableError
from studybuddy.pauses import Pauses
from studybuddy.storage import Storage
from studybuddy.storages import Storages
from studybuddy.streams import Readable


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A file whose own storage cannot give it now."""

    label: str | None  # of the storage that it opens from instead; None: it cannot be opened
    reason: str


class Reading:
    """Opens files wherever they are. A storage that is paused is not asked."""

    def __init__(self, catalog: Catalog, storages: Callable[[], Storages], pauses: Pauses) -> None:
        self._catalog = catalog
        self._storages = storages
        self._pauses = pauses

    @contextmanager
    def open(self, file_id: int, *, start: int, stop: int | None) -> Iterator["Opened"]:
        """Open the bytes [start, stop) of a file; raise what its own storage failed with when no other has it."""
        opened = Opened(self, file_id, start=start, stop=stop)
        try:
            opened.open_next()
            yield opened
        finally:
            opened.close()

    def good_copies(self, file_id: int) -> list[Copy]:
        """Return a file's copies, the one to read first; a bad one is the last resort."""
        with self._catalog.read() as db:
            current = copies.current(db, file_id)
            others = [
                copy for copy in copies.of_file(db, file_id) if copy.state == "verified" and copy.id != current.id
            ]
        return [*others, current] if current.state == "bad" else [current, *others]

    def here(self, file_id: int) -> Path | None:
        """Return the file on this computer that a file's bytes are; None when they are elsewhere."""
        opened = self._storages().opened
        for copy in self.good_copies(file_id):
            storage = opened.get(copy.storage_id)
            if storage is not None and copy.state == "verified" and isinstance(storage.driver, HoldsFiles):
                path = storage.driver.file_at(copy.key)
                if path.is_file():
                    return path
        return None

    @contextmanager
    def open_copy(self, copy: Copy, *, start: int, stop: int | None) -> Iterator[tuple[Storage, Readable]]:
        """Open one copy; what a storage does when it is asked decides about its pause."""
        storage = self._storages().get(copy.storage_id)
        with ExitStack() as stack:
            with self._pauses.watch(storage.id):
                stream = stack.enter_context(storage.read(copy.key, start=start, stop=stop))
            yield storage, stream

    def fell_silent(self, storage: Storage, error: StorageError) -> None:
        """Note that a storage stopped answering in the middle of a file."""
        if isinstance(error, UnavailableError):
            self._pauses.begin(storage.id, error)

    def expected_place(self, file_id: int) -> tuple[Storage, Copy]:
        """Return the copy that would be opened, and its storage, without asking it."""
        found, storages = self.good_copies(file_id), self._storages()
        copy = next((copy for copy in found if self._why_not(storages, copy.storage_id) is None), found[0])
        return storages.get(copy.storage_id), copy

    def elsewhere(self, shown: Sequence[File]) -> dict[int, Elsewhere]:
        """Say which of these files their own storages cannot give now, as far as is known without asking."""
        storages = self._storages()
        reasons = {place: self._why_not(storages, place) for place in {file.storage_id or 0 for file in shown}}
        away = {file.id: reason for file in shown if (reason := reasons[file.storage_id or 0]) is not None}
        if not away:
            return {}
        with self._catalog.read() as db:
            good = places.storages_of(db, list(away))
        answering = {place: self._why_not(storages, place) is None for found in good.values() for place in found}
        labels = {
            file_id: next((storages.label(place) for place in found if answering[place]), None)
            for file_id, found in good.items()
        }
        return {file_id: Elsewhere(labels[file_id], reason) for file_id, reason in away.items()}

    def _why_not(self, storages: Storages, storage_id: int) -> str | None:
        if storage_id not in storages.opened:
            return f"The settings no longer name the storage {storages.label(storage_id)}"
        return self._pauses.reason(storage_id)


class Opened:
    """A file's bytes. When a storage fails in the middle, they go on from another copy."""

    def __init__(self, reading: Reading, file_id: int, *, start: int, stop: int | None) -> None:
        self._reading = reading
        self._file_id = file_id
        self._position = self._start = start
        self._stop = stop
        self._tried: set[int] = set()
        self._own: int | None = None  # the storage that should have opened
        self._failure: StorageError | None = None  # of the first copy that was tried
        self._open = ExitStack()
        self._storage: Storage
        self._stream: Readable

    @property
    def elsewhere(self) -> Elsewhere | None:
        """Where the bytes come from when it is not the file's own storage, and why."""
        if self._failure is None or self._storage.id == self._own:
            return None
        return Elsewhere(self._storage.label, str(self._failure))

    def read(self, size: int = -1, /) -> bytes:
        while True:
            try:
                piece = self._stream.read(size)
            except InvalidRangeError:
                raise  # who asked is to blame, not the storage
            except StorageError as error:
                self._reading.fell_silent(self._storage, error)
                if isinstance(error, IntegrityError) and self._position > self._start:
                    raise  # what has been given already may be wrong
                self._failure = self._failure or error
                self.open_next()
            else:
                self._position += len(piece)
                return piece

    def open_next(self) -> None:
        """Open the next copy at the place that was reached; raise the first failure when there is none."""
        self.close()
        while True:
            copy = self._next()
            try:
                opened = self._reading.open_copy(copy, start=self._position, stop=self._stop)
                self._storage, self._stream = self._open.enter_context(opened)
            except InvalidRangeError:
                raise
            except StorageError as error:
                self._failure = self._failure or error
            else:
                return

    def close(self) -> None:
        self._open.close()

    def _next(self) -> Copy:
        # Asked anew each time: the file may have moved since.
        left = [copy for copy in self._reading.good_copies(self._file_id) if copy.id not in self._tried]
        if not left:
            raise self._failure or ObjectNotFoundError(f"File {self._file_id} has no copy")
        self._tried.add(left[0].id)
        if self._own is None:
            self._own = left[0].storage_id
        return left[0]
