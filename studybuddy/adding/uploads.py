"""Resumable uploads from their first byte to the file that they become: the spool receives, the library saves."""

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Any, cast

from studybuddy import fields
from studybuddy.adding import folders
from studybuddy.adding.folders import Mode
from studybuddy.adding.new_files import Added, NewFile
from studybuddy.adding.spool import Spool
from studybuddy.adding.upload_records import Upload
from studybuddy.catalog import files
from studybuddy.catalog import tags as session_tags
from studybuddy.catalog.records import Duplicate, File
from studybuddy.errors import ConflictError, InvalidInputError, StudyBuddyError, TooLargeError
from studybuddy.library import Library
from studybuddy.names import clean_name
from studybuddy.units import size_text

log = logging.getLogger(__name__)

_SAVING_AT_ONCE = 4
_MAX_METADATA = 20
_MAX_METADATA_LENGTH = 4096


@dataclass(frozen=True, slots=True)
class Wish:
    """Where a person wants an upload to go, read from its metadata."""

    name: str
    session_id: int | None
    lecture_id: int | None
    recorded_on: str | None
    relative_path: PurePosixPath
    folders: Mode | None  # what the folders of a dropped tree become

    @classmethod
    def read(cls, metadata: Mapping[str, str]) -> "Wish":
        """Check metadata; raise InvalidInputError for what cannot be meant."""
        mode = metadata.get("folders", "")
        if mode not in {"", "session", "tag"}:
            raise InvalidInputError("folders takes session or tag")
        day = metadata.get("recorded_on")
        return cls(
            name=clean_name(metadata.get("filename", "")),
            session_id=_id(metadata, "session"),
            lecture_id=_id(metadata, "lecture"),
            recorded_on=fields.day(day) if day else None,
            relative_path=PurePosixPath(metadata.get("relative_path", "")),
            folders=cast(Mode, mode) if mode else None,
        )

    def place(self) -> tuple[str | None, tuple[str, ...]]:
        """Return the title of the session that the folders ask for (None: the one that is named), and its tags."""
        if self.folders is None:
            return None, ()
        return folders.place(self.relative_path, mode=self.folders)


class Uploads:
    """Begins uploads, and saves those whose bytes are all here, in the background."""

    def __init__(self, library: Library, spool: Spool, *, max_file_bytes: int) -> None:
        self._library = library
        self._spool = spool
        self._max_file_bytes = max_file_bytes
        self._lock = threading.Lock()
        self._in_hand: set[str] = set()
        self._pool = ThreadPoolExecutor(_SAVING_AT_ONCE, thread_name_prefix="study-buddy-saving")

    def create(self, length: int, metadata: Mapping[str, str]) -> Upload:
        """Begin an upload; refuse what could not be saved in the end before a byte is taken."""
        if length > self._max_file_bytes:
            raise TooLargeError(
                f"A file of {size_text(length)} is larger than the limit of {size_text(self._max_file_bytes)}",
                fix="Raise MAX_UPLOAD_MB in the settings, or split the file.",
            )
        _check_lengths(metadata)
        self._check_target(Wish.read(metadata))
        upload = self._spool.create(length, metadata)
        self.received(upload)
        return upload

    def received(self, upload: Upload) -> None:
        """Save an upload when all of its bytes are here; do nothing when they are not or when it is in hand.

        It may be saved or fail between two looks: saving it again finds the file that it has become.
        """
        if upload.state != "saving":
            return
        with self._lock:
            if upload.id in self._in_hand:
                return
            self._in_hand.add(upload.id)
        self._pool.submit(self._save, upload.id)

    def retry(self, upload_id: str) -> Upload:
        """Try again to save an upload that failed."""
        if self._spool.get(upload_id).state != "failed":
            raise ConflictError("Only an upload that failed can be tried again")
        self._spool.set_failed(upload_id, None)
        upload = self._spool.get(upload_id)
        self.received(upload)
        return upload

    def remove(self, upload_id: str) -> None:
        """Drop an upload and its bytes; one that is being saved cannot be dropped any more."""
        with self._lock:
            if upload_id in self._in_hand:
                raise ConflictError("The file is being saved", fix="Wait for it, then put it in the trash.")
        self._spool.remove(upload_id)

    def resume(self) -> None:
        """Go on with the saving that an end of the process interrupted; safe at any time."""
        self._spool.remove_leftovers()
        for upload in self._spool.unfinished():
            self.received(upload)

    def sweep(self) -> None:
        """Remove the uploads in which nothing has happened for a day."""
        for upload_id in self._spool.sweep():
            log.info("upload %s expired", upload_id)

    def close(self) -> None:
        """Wait for the saving under way; the rest goes on at the next start."""
        self._pool.shutdown(cancel_futures=True)

    def _save(self, upload_id: str) -> None:
        note = self._outcome(upload_id)
        # Under the lock, so that whoever sees what became of it finds it in nobody's hand.
        with self._lock:
            try:
                note()
            except (OSError, StudyBuddyError):
                # The disk may be so full that not even this can be kept; `resume` tries the saving again.
                log.exception("could not note what became of upload %s", upload_id)
            finally:
                self._in_hand.discard(upload_id)

    def _outcome(self, upload_id: str) -> Callable[[], object]:
        """Save an upload's bytes; return what notes in the spool how that went."""
        try:
            added = self._known(upload_id) or self._adopt(self._spool.get(upload_id))
        except StudyBuddyError as error:
            log.warning("upload %s not saved: %s", upload_id, error)
            problem = {"code": error.code, "message": str(error), "fix": error.fix}
        except Exception:
            log.exception("upload %s not saved", upload_id)
            message = "Study Buddy made a mistake; its log tells more"
            problem = {"code": "bug", "message": message, "fix": "Try again, and report it."}
        else:
            return (lambda: None) if added is None else partial(self._spool.set_saved, upload_id, added)
        return partial(self._spool.set_failed, upload_id, problem)

    def _adopt(self, upload: Upload) -> dict[str, Any] | None:
        if self._is_half_saved(upload.id):
            return None  # recovery settles what the process before this one began; `resume` comes round again
        path, sha256 = self._spool.whole(upload.id)
        new = self._new_file(upload)
        return _result(self._library.adopt(path, new, size=upload.length, sha256=sha256))

    def _new_file(self, upload: Upload) -> NewFile:
        wish = Wish.read(upload.metadata)
        title, tags = wish.place()
        session_id = wish.session_id
        if title is not None:
            session_id = self._library.session_titled(title, tags=tags).id
        elif tags and session_id is not None:
            with self._library.catalog.write() as db:
                session_tags.add(db, session_id, fields.tags(tags))
        if session_id is None:
            raise InvalidInputError("The upload names no session", fix="Add the file again, to a session.")
        return NewFile(
            wish.name,
            session_id,
            lecture_id=wish.lecture_id,
            recorded_on=wish.recorded_on,
            upload_id=upload.id,
        )

    def _check_target(self, wish: Wish) -> None:
        if wish.place()[0] is None:
            if wish.session_id is None:
                raise InvalidInputError("The upload names no session", fix="Give session=ID in Upload-Metadata.")
            if self._library.session(wish.session_id).trashed_at is not None:
                raise ConflictError("That session is in the trash", fix="Restore it first.")
        if wish.lecture_id is not None and self._library.lecture(wish.lecture_id).session_id != wish.session_id:
            raise ConflictError("That lecture belongs to another session", fix="Choose a lecture of this session.")

    def _known(self, upload_id: str) -> dict[str, Any] | None:
        with self._library.catalog.read() as db:
            file = files.by_upload(db, upload_id)
            if file is None or file.current_copy_id is None:
                return None
            return _result(self._added(file, files.duplicates(db, file.id)))

    def _is_half_saved(self, upload_id: str) -> bool:
        with self._library.catalog.read() as db:
            file = files.by_upload(db, upload_id)
        return file is not None and file.current_copy_id is None

    def _added(self, file: File, duplicates: tuple[Duplicate, ...]) -> Added:
        label = self._library.storages().label
        wanted = None if file.wanted_storage_id is None else label(file.wanted_storage_id)
        return Added(file, label(file.storage_id or 0), wanted, file.wanted_reason, "", duplicates)


def _result(added: Added) -> dict[str, Any]:
    return {
        "file_id": added.file.id,
        "stored_in": added.stored_in,
        "wanted": added.wanted,
        "reason": added.reason,
        "contradiction": added.contradiction,
        "duplicates": [asdict(duplicate) for duplicate in added.duplicates],
    }


def _id(metadata: Mapping[str, str], name: str) -> int | None:
    text = metadata.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise InvalidInputError(f"{name} takes an id, a whole number")
    return int(text)


def _check_lengths(metadata: Mapping[str, str]) -> None:
    if len(metadata) > _MAX_METADATA or any(len(value) > _MAX_METADATA_LENGTH for value in metadata.values()):
        raise InvalidInputError("Upload-Metadata is too long")
