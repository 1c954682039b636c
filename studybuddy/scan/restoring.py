"""A file's bytes found again: in another copy, or in an object that a scan found, and only when they prove good."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from studybuddy import keys, moving, removal
from studybuddy.catalog import Database, copies, files, findings
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.findings import Kept, KnownCopy
from studybuddy.catalog.records import Copy
from studybuddy.errors import SourceDamagedError, SourceUnavailableError, StorageError, UnavailableError
from studybuddy.scan.looking import hash_of
from studybuddy.storage import Storage
from studybuddy.storages import Storages


@dataclass(frozen=True, slots=True)
class Source:
    """Where a file's bytes may be: another copy, or an object that a scan found."""

    storage: Storage
    key: str
    copy: Copy | None = None
    finding: Kept | None = None

    def __str__(self) -> str:
        if self.copy is not None:
            return f"the copy in {self.storage.label}"
        return f"the object {self.key} in {self.storage.label}"


@dataclass(frozen=True, slots=True)
class Restored:
    """Where a file's bytes came from, or why they came from nowhere."""

    source: Source | None
    problem: str = ""


class Restoring:
    """Gives damaged copies in one storage their bytes back, under new keys. The damaged ones stay, as bad."""

    def __init__(  # noqa: PLR0913
        self,
        catalog: Catalog,
        storages: Callable[[], Storages],
        storage: Storage,
        *,
        scan_id: int,
        writer: str,
        stop: threading.Event,
    ) -> None:
        self._catalog = catalog
        self._storages = storages
        self._storage = storage
        self._scan_id = scan_id
        self._writer = writer
        self._stop = stop
        self._silent: dict[int, str] = {}  # storages that did not answer: asked once, not once for each file

    def restore(self, copy: KnownCopy) -> Restored:
        """Try every source. Raises UnavailableError when the storage itself does not answer."""
        problems: list[str] = []
        for source in self._sources(copy):
            try:
                if source.storage.id not in self._silent and self._restore(copy, source):
                    return Restored(source)
            except SourceUnavailableError as error:
                self._silent[source.storage.id] = str(error)
            except UnavailableError:
                raise
            except StorageError as error:
                problems.append(str(error))
                if isinstance(error, SourceDamagedError) and source.copy is not None:
                    self._spoil(source.copy.id)
            problems += [self._silent[source.storage.id]] if source.storage.id in self._silent else []
        return Restored(None, "; ".join(problems) or "no other copy holds its bytes")

    def adopt(self, copy: KnownCopy, finding: Kept) -> bool:
        """Make an object that was found another copy of a file, where it lies, if it holds the file's bytes."""
        return self._holds(finding.key, copy) and self._adopt(copy, finding.key, instead=False)

    def _sources(self, copy: KnownCopy) -> list[Source]:
        opened = self._storages().opened
        with self._catalog.read() as db:
            found = [one for one in findings.of_size(db, self._scan_id, copy.size or 0) if one.copy_id != copy.id]
            own = findings.misplaced(db, self._scan_id, copy.id)
            twins = [one for one in copies.holding(db, copy.sha256 or "", copy.size or 0) if one.id != copy.id]
        # Its own before another file's, and those that are here first.
        twins.sort(key=lambda twin: (twin.file_id != copy.file_id, twin.storage_id != self._storage.id))
        return [
            *(Source(self._storage, one.key, finding=one) for one in own),
            *(Source(opened[one.storage_id], one.key, copy=one) for one in twins if one.storage_id in opened),
            *(Source(self._storage, one.key, finding=one) for one in found),
        ]

    def _restore(self, copy: KnownCopy, source: Source) -> bool:
        twin, finding = source.copy, source.finding
        if twin is not None and (twin.file_id, twin.storage_id) == (copy.file_id, self._storage.id):
            return self._holds(twin.key, copy) and self._use(copy, twin)
        if finding is not None:
            if not self._holds(finding.key, copy):
                return False
            if finding.kind != "damaged" and self._adopt(copy, finding.key, instead=True):
                return True
        return self._copy_from(copy, source)

    def _holds(self, key: str, copy: KnownCopy) -> bool:
        return keys.is_key(key) and hash_of(self._storage, key, self._stop) == copy.sha256

    def _use(self, copy: KnownCopy, twin: Copy) -> bool:
        with self._catalog.write() as db:
            return _put_in_place(db, copy, twin.id)

    def _adopt(self, copy: KnownCopy, key: str, *, instead: bool) -> bool:
        with self._catalog.write() as db:
            if any(storage_id == self._storage.id for storage_id, _ in findings.copies_at(db, key)):
                return False
            file_id = files.get(db, copy.file_id or 0).id
            found = copies.insert(db, file_id=file_id, storage_id=self._storage.id, key=key, writer=self._writer)
            return _put_in_place(db, copy, found, instead=instead)

    def _copy_from(self, copy: KnownCopy, source: Source) -> bool:
        with self._catalog.write() as db:
            file = files.get(db, copy.file_id or 0)
            key = _new_key(copy.key, file.session_id)
            copy_id = copies.insert(db, file_id=file.id, storage_id=self._storage.id, key=key, writer=self._writer)
        done = False
        try:
            moving.copy_object(
                source.storage, source.key, self._storage, key,
                size=file.size, sha256=file.sha256, content_type=file.content_type,
            )  # fmt: skip
            with self._catalog.write() as db:
                done = _put_in_place(db, copy, copy_id)
        finally:
            if not done:
                self._drop(copy_id)
        return done

    def _spoil(self, copy_id: int) -> None:
        with self._catalog.write() as db:
            copies.spoil(db, copy_id)

    def _drop(self, copy_id: int) -> None:
        with self._catalog.write() as db:
            copies.doom(db, copy_id)
            copy = copies.get(db, copy_id)
        removal.remove_objects(self._catalog, self._storages(), [copy] if copy else [])


def _put_in_place(db: Database, copy: KnownCopy, found_id: int, *, instead: bool = True) -> bool:
    """Let a whole copy take a damaged one's place; tell whether the file is still there to have it."""
    switched = copies.switch(db, file_id=copy.file_id or 0, source_copy_id=copy.id, target_copy_id=found_id)
    if not switched and not copies.confirm(db, found_id):
        return False
    if instead:
        copies.spoil(db, copy.id)
    return True


def _new_key(key: str, session_id: int) -> str:
    new = keys.another(key)
    return new if new != key else keys.file_key(session_id, "bin")  # it came from elsewhere
