"""How bytes are added: row, object, check, and only then "saved". Many files share their transactions."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

from studybuddy import keys, kinds
from studybuddy.catalog import Database, copies, files, lectures, sessions
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.records import Duplicate, File
from studybuddy.drivers.driver import Held
from studybuddy.errors import ConflictError, StorageError, StudyBuddyError
from studybuddy.kinds import FileType
from studybuddy.names import clean_name
from studybuddy.pauses import Pauses
from studybuddy.storage import Storage
from studybuddy.storages import Storages

log = logging.getLogger(__name__)

_REMOTE_WRITES = 8


@dataclass(frozen=True, slots=True)
class NewFile:
    """What a person says of a file that they add."""

    name: str
    session_id: int
    lecture_id: int | None = None  # None: a recording gets a lecture of its own
    recorded_on: str | None = None  # the date of a recording, YYYY-MM-DD
    origin_url: str | None = None
    upload_id: str | None = None  # adding the same one again gives the file that it made


@dataclass(frozen=True, slots=True)
class Spooled:
    """A file's bytes, all there, with what was learnt from them."""

    source: Path | bytes  # a temporary file, or a small file's bytes
    size: int
    sha256: str
    type: FileType
    duration_ms: int | None
    new: NewFile


@dataclass(frozen=True, slots=True)
class Added:
    """A saved file, where it is, and what its person should know."""

    file: File
    stored_in: str  # the storage's label
    wanted: str | None  # the label of the storage that it should be in, when that one failed
    reason: str  # why it failed, in plain words
    contradiction: str  # how the name contradicts the bytes
    duplicates: tuple[Duplicate, ...]


@dataclass(frozen=True, slots=True)
class _Pending:
    """A file whose rows are written and whose object is not yet acknowledged."""

    spooled: Spooled
    file_id: int
    copy_id: int
    key: str
    storage: Storage
    failure: StorageError | None = None  # why it is not in the storage that it was meant for


def spooled(source: Path | bytes, new: NewFile, *, size: int, sha256: str) -> Spooled:
    """Look at a file's bytes: its type, and a recording's length."""
    name = clean_name(new.name)
    if name != new.name:
        new = replace(new, name=name)
    with BytesIO(source) if isinstance(source, bytes) else source.open("rb") as stream:
        file_type = kinds.detect_in(stream, new.name)
        stream.seek(0)
        duration_ms = kinds.duration_in(stream, new.name) if file_type.kind == "audio" else None
    return Spooled(source, size, sha256, file_type, duration_ms, new)


class Adding:
    """Takes spooled files into the storage for new files, or into the local one when that fails."""

    def __init__(self, catalog: Catalog, storages: Callable[[], Storages], pauses: Pauses, *, writer: str) -> None:
        self._catalog = catalog
        self._storages = storages
        self._writer = writer
        self._pauses = pauses
        self._lock = threading.Lock()
        self._active = 0

    @property
    def active(self) -> bool:
        """Whether this process is writing copies right now."""
        return self._active > 0

    def add(self, batch: Sequence[Spooled]) -> list[Added | StudyBuddyError]:
        """Save each file or say why not; one that fails leaves no trace and does not stop the others."""
        with self._counted():
            begun = self._begin(batch)
            pending = [item for item in begun if isinstance(item, _Pending)]
            try:
                written = self._write_all(pending)
            except BaseException:
                self._abandon(pending)
                raise
            outcomes = iter(self._settle(written))
            return [next(outcomes) if isinstance(item, _Pending) else item for item in begun]

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._lock:
            self._active += 1
        try:
            yield
        finally:
            with self._lock:
                self._active -= 1

    def _begin(self, batch: Sequence[Spooled]) -> list[_Pending | Added | StudyBuddyError]:
        storages = self._storages()
        begun: list[_Pending | Added | StudyBuddyError] = []
        live: set[int] = set()  # the sessions that were looked at
        with self._catalog.write() as db:
            for item in batch:
                try:
                    begun.append(self._already(db, item) or self._insert(db, item, storages.target, live))
                except StudyBuddyError as error:
                    begun.append(error)
        return begun

    def _already(self, db: Database, item: Spooled) -> Added | None:
        if item.new.upload_id is None:
            return None
        file = files.by_upload(db, item.new.upload_id)
        if file is None:
            return None
        if file.current_copy_id is None:
            raise ConflictError("This file is being saved by another process", fix="Wait a moment and look again.")
        return self._added(db, item, file, None)

    def _insert(self, db: Database, item: Spooled, storage: Storage, live: set[int]) -> _Pending:
        new, file_type = item.new, item.type
        if new.session_id not in live:
            _check_live(db, new.session_id)
            live.add(new.session_id)
        if new.lecture_id is not None and lectures.get(db, new.lecture_id).session_id != new.session_id:
            raise ConflictError("That lecture belongs to another session", fix="Choose a lecture of this session.")
        row = files.FileRow(
            new.session_id, file_type.kind, new.name, file_type.content_type, item.size, item.sha256,
            item.duration_ms, new.origin_url, new.upload_id,
        )  # fmt: skip
        file_id = files.insert(db, row)
        key = _mint_key(db, item, file_id)
        copy_id = copies.insert(db, file_id=file_id, storage_id=storage.id, key=key, writer=self._writer)
        return _Pending(item, file_id, copy_id, key, storage)

    def _write_all(self, pending: Sequence[_Pending]) -> list[_Pending | StudyBuddyError]:
        if len(pending) < 2:
            return [self._write(item) for item in pending]
        if pending[0].storage is self._storages().local:
            return self._write_here(pending)
        with ThreadPoolExecutor(_REMOTE_WRITES) as pool:
            return list(pool.map(self._write, pending))

    def _write_here(self, pending: Sequence[_Pending]) -> list[_Pending | StudyBuddyError]:
        """Write small files at once; each that cannot be, and each other file, by itself."""
        small = [Held(item.key, item.spooled.source) for item in pending if isinstance(item.spooled.source, bytes)]
        failures = self._storages().local.put_many(small)
        done = {held.key for held, failure in zip(small, failures, strict=True) if failure is None}
        return [item if item.key in done else self._write(item) for item in pending]

    def _write(self, item: _Pending) -> _Pending | StudyBuddyError:
        try:
            return self._write_object(item)
        except StorageError as error:
            if item.storage is self._storages().local:
                self._abandon([item])
                return error
            log.warning("file %d not saved in %s: %s", item.file_id, item.storage.label, error)
            return self._write(self._turn_to_local(item, error))
        except StudyBuddyError as error:
            self._abandon([item])
            return error

    def _write_object(self, item: _Pending) -> _Pending:
        with self._pauses.watch(item.storage.id):
            _put(item.storage, item.key, item.spooled)
        return item

    def _turn_to_local(self, item: _Pending, failure: StorageError) -> _Pending:
        local = self._storages().local
        with self._catalog.write() as db:
            copies.doom(db, item.copy_id)
            files.update(db, item.file_id, wanted_storage_id=item.storage.id, wanted_reason=str(failure))
            key = keys.another(item.key)
            copy_id = copies.insert(db, file_id=item.file_id, storage_id=local.id, key=key, writer=self._writer)
        return replace(item, copy_id=copy_id, key=key, storage=local, failure=failure)

    def _settle(self, written: Sequence[_Pending | StudyBuddyError]) -> list[Added | StudyBuddyError]:
        with self._catalog.write() as db:
            settled = [self._settle_one(db, item) if isinstance(item, _Pending) else item for item in written]
            for session_id in {one.file.session_id for one in settled if isinstance(one, Added)}:
                sessions.touch(db, session_id)
            return settled

    def _settle_one(self, db: Database, item: _Pending) -> Added | StudyBuddyError:
        try:
            file = acknowledge(db, file_id=item.file_id, copy_id=item.copy_id, key=item.key)
        except ConflictError as error:
            copies.doom(db, item.copy_id)
            return error
        return self._added(db, item.spooled, file, item.failure)

    def _added(self, db: Database, item: Spooled, file: File, failure: StorageError | None) -> Added:
        storages = self._storages()
        return Added(
            file=file,
            stored_in=storages.label(file.storage_id or 0),
            wanted=storages.label(file.wanted_storage_id) if file.wanted_storage_id else None,
            reason=str(failure or file.wanted_reason),
            contradiction=item.type.contradicts,
            duplicates=files.duplicates(db, file.id),
        )

    def _abandon(self, pending: Sequence[_Pending]) -> None:
        with self._catalog.write() as db:
            for item in pending:
                copies.doom(db, item.copy_id)
                abandon(db, item.file_id)


def _put(storage: Storage, key: str, spooled: Spooled) -> None:
    size, sha256, content_type = spooled.size, spooled.sha256, spooled.type.content_type
    if isinstance(spooled.source, bytes):
        storage.write(key, BytesIO(spooled.source), size=size, sha256=sha256, content_type=content_type)
    else:
        storage.put_file(key, spooled.source, size=size, sha256=sha256, content_type=content_type)


def acknowledge(db: Database, *, file_id: int, copy_id: int, key: str) -> File:
    """Make a copy that is whole its file's current one, and a recording its lecture's; touching its session is left."""
    if not copies.settle(db, copy_id):
        raise ConflictError(f"File {file_id} was given up while it was being saved", fix="Add it again.")
    file = files.get(db, file_id)
    lecture_id = keys.lecture_of(key)
    if lecture_id is not None:
        lectures.update(db, lecture_id, audio_file_id=file_id)
    return file


def _check_live(db: Database, session_id: int) -> None:
    session = sessions.get(db, session_id)
    if session.trashed_at:
        raise ConflictError(f"The session “{session.title}” is in the trash", fix="Restore it first.")


def abandon(db: Database, file_id: int) -> None:
    """Take back the rows of a file that was never acknowledged; its copies are doomed."""
    copies.doom_all_of(db, file_id)
    lectures.delete_of_file(db, file_id)
    files.delete(db, file_id)


def _mint_key(db: Database, item: Spooled, file_id: int) -> str:
    new = item.new
    if item.type.kind != "audio":
        return keys.file_key(new.session_id, item.type.extension)
    lecture_id = new.lecture_id
    if lecture_id is None:
        title = Path(new.name).stem or new.name
        lecture_id = lectures.insert(db, session_id=new.session_id, title=title, recorded_on=new.recorded_on)
        # Points at its recording from the start, so that giving the file up takes the lecture along.
        lectures.update(db, lecture_id, audio_file_id=file_id)
    return keys.recording_key(lecture_id, item.type.extension)
