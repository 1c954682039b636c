"""The rows of files that are added: one transaction before their bytes are written, one when the bytes are there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from studybuddy import keys
from studybuddy.adding.new_files import Added, NewFile, Pending, Spooled
from studybuddy.catalog import Database, copies, files, lectures, sessions
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.records import Duplicate, File
from studybuddy.errors import ConflictError, StorageError, StudyBuddyError
from studybuddy.storage import Storage
from studybuddy.storages import Storages


class Rows:
    """Writes them for whole batches, in the name of the process whose claim is `writer`."""

    def __init__(self, catalog: Catalog, storages: Callable[[], Storages], writer: str) -> None:
        self._catalog = catalog
        self._storages = storages
        self._writer = writer

    def begin(self, batch: Sequence[Spooled]) -> list[Pending | Added | StudyBuddyError]:
        """Note each file that is to be written to the storage for new files; or say why not."""
        live: set[int] = set()  # the sessions that were looked at
        with self._catalog.write() as db:
            known = [self._known(db, item, live) for item in batch]
            new = [item for item, outcome in zip(batch, known, strict=True) if outcome is None]
            begun = iter(self._insert(db, new, self._storages().target))
            return [next(begun) if outcome is None else outcome for outcome in known]

    def turn(self, item: Pending, storage: Storage, failure: StorageError) -> Pending:
        """Note that a file goes to another storage because its own failed, and is wanted there."""
        key = keys.another(item.key)
        with self._catalog.write() as db:
            copies.doom(db, item.copy_id)
            files.update(db, item.file_id, wanted_storage_id=item.storage.id, wanted_reason=str(failure))
            copy_id = copies.insert(db, file_id=item.file_id, storage_id=storage.id, key=key, writer=self._writer)
        return replace(item, copy_id=copy_id, key=key, storage=storage, failure=failure)

    def settle(self, written: Sequence[Pending | StudyBuddyError]) -> list[Added | StudyBuddyError]:
        """Acknowledge the files whose bytes are whole."""
        pending = [item for item in written if isinstance(item, Pending)]
        with self._catalog.write() as db:
            saved = acknowledge(db, {item.copy_id: item.key for item in pending})
            for session_id in {file.session_id for file in saved.values()}:
                sessions.touch(db, session_id)
            duplicates = _duplicates(db, pending)
            return [
                self._settled(db, item, saved.get(item.copy_id), duplicates) if isinstance(item, Pending) else item
                for item in written
            ]

    def abandon(self, pending: Sequence[Pending]) -> None:
        """Take back the rows of files that cannot be written."""
        with self._catalog.write() as db:
            for item in pending:
                copies.doom(db, item.copy_id)
                abandon(db, item.file_id)

    def _known(self, db: Database, item: Spooled, live: set[int]) -> Added | StudyBuddyError | None:
        """Return what a file has become already, or why it cannot be added; None: it is to be added."""
        try:
            if item.new.upload_id and (file := files.by_upload(db, item.new.upload_id)):
                return self._already(db, item, file)
            _check_place(db, item.new, live)
        except StudyBuddyError as error:
            return error
        return None

    def _already(self, db: Database, item: Spooled, file: File) -> Added:
        if file.current_copy_id is None:
            raise ConflictError("This file is being saved by another process", fix="Wait a moment and look again.")
        return self._added(item, file, files.duplicates(db, file.id))

    def _insert(self, db: Database, items: Sequence[Spooled], storage: Storage) -> Iterator[Pending]:
        file_ids = files.insert_all(db, [_row(item) for item in items])
        minted = [(file_id, _mint_key(db, item, file_id)) for item, file_id in zip(items, file_ids, strict=True)]
        copy_ids = copies.insert_all(db, minted, storage_id=storage.id, writer=self._writer)
        for item, (file_id, key), copy_id in zip(items, minted, copy_ids, strict=True):
            yield Pending(item, file_id, copy_id, key, storage)

    def _settled(
        self, db: Database, item: Pending, file: File | None, duplicates: Mapping[int, tuple[Duplicate, ...]]
    ) -> Added | StudyBuddyError:
        if file is None:
            copies.doom(db, item.copy_id)
            return ConflictError(f"File {item.file_id} was given up while it was being saved", fix="Add it again.")
        return self._added(item.spooled, file, duplicates.get(file.id, ()), item.failure)

    def _added(
        self, item: Spooled, file: File, duplicates: tuple[Duplicate, ...], failure: StorageError | None = None
    ) -> Added:
        label = self._storages().label
        return Added(
            file=file,
            stored_in=label(file.storage_id or 0),
            wanted=label(file.wanted_storage_id) if file.wanted_storage_id else None,
            reason=str(failure or file.wanted_reason),
            contradiction=item.type.contradicts,
            duplicates=duplicates,
        )


def acknowledge(db: Database, written: Mapping[int, str]) -> dict[int, File]:
    """Make copies that are whole, ids with their keys, their files' current ones, and recordings their lectures'.

    Return the files by those copies: one that was given up meanwhile is not among them. Touching sessions is left.
    """
    saved = files.of_copies(db, copies.settle_all(db, list(written)))
    for copy_id, file in saved.items():
        lecture_id = keys.lecture_of(written[copy_id])
        if lecture_id is not None:
            lectures.update(db, lecture_id, audio_file_id=file.id)
    return saved


def abandon(db: Database, file_id: int) -> None:
    """Take back the rows of a file that was never acknowledged; its copies are doomed."""
    copies.doom_all_of(db, file_id)
    lectures.delete_of_file(db, file_id)
    files.delete(db, file_id)


def _duplicates(db: Database, pending: Sequence[Pending]) -> dict[int, tuple[Duplicate, ...]]:
    # Of two files with the same bytes, the one that came first is not told to be a duplicate of the other.
    ids = [item.file_id for item in pending]
    stop = max(ids, default=0) + 1
    return {
        file_id: files.duplicates(db, file_id, but_for=range(file_id, stop))
        for file_id in files.with_duplicates(db, ids, stop=stop)
    }


def _check_place(db: Database, new: NewFile, live: set[int]) -> None:
    if new.session_id not in live:
        session = sessions.get(db, new.session_id)
        if session.trashed_at:
            raise ConflictError(f"The session “{session.title}” is in the trash", fix="Restore it first.")
        live.add(new.session_id)
    if new.lecture_id is not None and lectures.get(db, new.lecture_id).session_id != new.session_id:
        raise ConflictError("That lecture belongs to another session", fix="Choose a lecture of this session.")


def _row(item: Spooled) -> files.FileRow:
    new, file_type = item.new, item.type
    return files.FileRow(
        new.session_id, file_type.kind, new.name, file_type.content_type, item.size, item.sha256,
        item.duration_ms, new.origin_url, new.upload_id, new.created_at,
    )  # fmt: skip


def _mint_key(db: Database, item: Spooled, file_id: int) -> str:
    new = item.new
    if item.type.kind != "audio":
        return keys.file_key(new.session_id, item.type.extension)
    lecture_id = new.lecture_id
    if lecture_id is None:
        title = new.lecture_title or Path(new.name).stem or new.name
        # Points at its recording from the start, so that giving the file up takes the lecture along.
        lecture_id = lectures.insert(
            db, session_id=new.session_id, title=title, recorded_on=new.recorded_on, audio_file_id=file_id
        )
    return keys.recording_key(lecture_id, item.type.extension)
