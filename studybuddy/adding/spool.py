"""Bytes that are not files yet: unfinished resumable uploads and this process's temporary files, on disk."""

import secrets
import shutil
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from studybuddy.adding.upload_records import KEPT, Record, Records, Upload
from studybuddy.errors import ConflictError, NoSpaceError, NotFoundError
from studybuddy.slices import Checksum, Live, Slice, no_space
from studybuddy.streams import sha256_of
from studybuddy.temporary import Group, TemporaryFiles
from studybuddy.units import MIB, size_text, utc_now

_HEADROOM_BYTES = 32 * MIB  # what the catalog may need while the bytes come


class Spool:
    """The folder of unfinished things. `writer` marks the temporary files that belong to this process."""

    def __init__(self, folder: Path, *, writer: str) -> None:
        self._uploads = folder / "uploads"
        self._temporary = TemporaryFiles(folder / "tmp", writer=writer)
        self._records = Records(self._uploads, self._temporary)
        self._lock = threading.Lock()
        self._live: dict[str, Live] = {}
        self._uploads.mkdir(parents=True, exist_ok=True)

    def temporary(self) -> AbstractContextManager[tuple[Path, BinaryIO]]:
        """Open a new file of this process; whatever is still there at the end is removed."""
        return self._temporary.one()

    def group(self) -> AbstractContextManager[Group]:
        """Give paths for files of this process; those that are still there at the end are removed."""
        return self._temporary.group()

    def stale_temporary(self, alive: Callable[[str], bool]) -> list[Path]:
        """Return the temporary files of processes that are gone."""
        return self._temporary.stale(alive)

    def check_room(self, size: int) -> None:
        """Raise NoSpaceError when the disk has no room for `size` more bytes."""
        free = shutil.disk_usage(self._uploads).free
        if size + _HEADROOM_BYTES > free:
            raise NoSpaceError(
                f"This computer's disk has {size_text(free)} left, too little for {size_text(size)}",
                fix="Free some space, then add the file again.",
            )

    def create(self, length: int, metadata: Mapping[str, str]) -> Upload:
        """Begin a resumable upload of `length` bytes."""
        self.check_room(length)
        record = Record(secrets.token_hex(16), length, dict(metadata), utc_now())
        part = self._records.part(record.id)
        try:
            with no_space():
                part.touch(exist_ok=False)
                self._records.save(record)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        return self.get(record.id)

    def get(self, upload_id: str) -> Upload:
        """Return one upload; raise NotFoundError when there is none, or none any more."""
        return self._records.shown(self._records.load(upload_id))

    def unfinished(self) -> list[Upload]:
        """Return the uploads that are not saved yet, oldest first."""
        found = self._known(path.stem for path in self._uploads.glob("*.json"))
        return sorted((upload for upload in found if upload.state != "saved"), key=lambda upload: upload.created_at)

    def requested(self, token: str) -> list[Upload]:
        """Return the uploads that a client began under `token`, its own name for one request; saved ones too."""
        return [upload for upload in self._known(self._records.ids()) if upload.metadata.get("request") == token]

    def open_slice(
        self,
        upload_id: str,
        offset: int,
        *,
        checksum: Checksum | None = None,
        on_stop: Callable[[], object] | None = None,
    ) -> Slice:
        """Open the upload for bytes from `offset` on. An older slice that is still open takes no byte any more.

        `on_stop` is called, in another thread, when a newer request takes over. Raises ConflictError when
        `offset` is not where the upload stands or when all of it is here already.
        """
        live = self._live_of(upload_id)
        with live.lock:
            upload = self._settle(upload_id, live)
            _expect_at(upload, offset)
            self.check_room(upload.length - offset)
            if checksum is not None:
                self._records.change(upload_id, unverified_from=offset)
            part = self._records.part(upload_id)
            live.slice = Slice(live, part, start=offset, length=upload.length, checksum=checksum, on_stop=on_stop)
            if checksum is not None:
                live.slice.on_verified = lambda: self._records.change(upload_id, unverified_from=None)
            return live.slice

    def settle(self, upload_id: str) -> Upload:
        """End a slice that is still open and return where the upload stands now, durably."""
        live = self._live_of(upload_id)
        with live.lock:
            return self._settle(upload_id, live)

    def whole(self, upload_id: str) -> tuple[Path, str]:
        """Return the file that holds all bytes of an upload, and their SHA-256."""
        upload = self.get(upload_id)
        path = self._records.part(upload_id)
        live = self._live_of(upload_id)
        with live.lock:
            if live.hashed == upload.length:
                return path, live.digest.hexdigest()
        try:
            with path.open("rb") as stream:
                return path, sha256_of(stream)[1]
        except FileNotFoundError as error:
            raise NotFoundError("The bytes of this upload are gone", fix="Add the file again.") from error

    def set_saved(self, upload_id: str, result: Mapping[str, Any]) -> None:
        """Note what an upload became; its bytes are the library's now."""
        self._records.change(upload_id, result=result, error=None)
        self._drop_bytes(upload_id)
        with self._lock:
            self._live.pop(upload_id, None)

    def remove_leftovers(self) -> None:
        """Remove what a kill in the middle of `set_saved` left of uploads that are saved."""
        for path in self._uploads.glob("*.json"):
            if self._records.saved(path.stem).exists():
                self._drop_bytes(path.stem)

    def set_failed(self, upload_id: str, error: Mapping[str, Any] | None) -> None:
        """Note why an upload could not be saved; None: it is tried again."""
        self._records.change(upload_id, error=error)

    def remove(self, upload_id: str) -> None:
        """Drop an upload and what came of it."""
        self._records.load(upload_id)
        self._drop(upload_id)

    def sweep(self, older_than: timedelta = KEPT) -> list[str]:
        """Remove uploads in which nothing has happened for so long; return their ids."""
        stale = self._stale(older_than)
        for upload_id in stale:
            self._drop(upload_id)
        return stale

    def stale_uploads(self, older_than: timedelta = KEPT) -> list[Path]:
        """Return the bytes and records of the unfinished uploads that `sweep` would remove."""
        kept = (self._records.part, self._records.record)
        paths = [path_of(upload_id) for upload_id in self._stale(older_than) for path_of in kept]
        return [path for path in paths if path.exists()]

    def _stale(self, older_than: timedelta) -> list[str]:
        before = datetime.now(UTC) - older_than
        return [
            upload_id
            for upload_id in self._records.ids()
            if self._records.last_activity(upload_id) <= before and not self._is_being_saved(upload_id)
        ]

    def _drop(self, upload_id: str) -> None:
        with self._lock:
            live = self._live.pop(upload_id, None) or Live()
        with live.lock:
            live.take_over()
            # The part goes last: one without a record is nobody's and is swept.
            for path in (
                self._records.record(upload_id),
                self._records.saved(upload_id),
                self._records.part(upload_id),
            ):
                path.unlink(missing_ok=True)

    def _drop_bytes(self, upload_id: str) -> None:
        # The record goes last: it is by it that leftovers are found.
        self._records.part(upload_id).unlink(missing_ok=True)
        self._records.record(upload_id).unlink(missing_ok=True)

    def _known(self, upload_ids: Iterable[str]) -> list[Upload]:
        found = []
        for upload_id in upload_ids:
            with suppress(NotFoundError):  # it may end while we look
                found.append(self.get(upload_id))
        return found

    def _settle(self, upload_id: str, live: Live) -> Upload:
        record = self._records.load(upload_id)
        live.take_over()
        if record.result is None:
            live.trim(self._records.part(upload_id), record.unverified_from)
        if record.unverified_from is not None:
            record = self._records.change(upload_id, unverified_from=None)
        return self._records.shown(record)

    def _is_being_saved(self, upload_id: str) -> bool:
        try:
            return self.get(upload_id).state == "saving"
        except NotFoundError:
            return False

    def _live_of(self, upload_id: str) -> Live:
        self._records.load(upload_id)  # whoever asks for ids at random must not fill the memory
        with self._lock:
            return self._live.setdefault(upload_id, Live())


def _expect_at(upload: Upload, offset: int) -> None:
    if offset != upload.offset or upload.state != "receiving":
        raise ConflictError(
            f"The upload stands at byte {upload.offset}, not at {offset}", fix="Ask for its offset, go on there."
        )
