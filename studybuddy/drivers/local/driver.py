"""Objects as files under one folder of this computer."""

import os
import shutil
import stat as modes
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from io import FileIO
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote
from uuid import uuid4

from studybuddy.drivers.driver import Driver, Held, ObjectInfo, Written
from studybuddy.drivers.local.files import (
    ByteRange,
    fill,
    has_identity,
    hold_same_bytes,
    identity_in,
    is_plain,
    make_folder,
    publish,
    translated,
    walk,
)
from studybuddy.drivers.local.many import read_many, write_many
from studybuddy.drivers.local.unfinished import LARGE_BYTES, UnfinishedFile
from studybuddy.drivers.ranges import range_of
from studybuddy.errors import (
    IntegrityError,
    InvalidKeyError,
    ObjectExistsError,
    ObjectNotFoundError,
    StudyBuddyError,
    UnsupportedError,
)
from studybuddy.streams import Readable, sync_folder

if TYPE_CHECKING:
    from studybuddy.drivers.checks import Check

OWN_FOLDER = ".study-buddy"
_ATTEMPTS = 5


class LocalDriver:
    """Objects at `root`/key. Ours alone, and never listed: `root`/.study-buddy, with the temporary files.

    Temporary files begin with `writer`, so that recovery can tell a dead process's from a live one's. Objects whose
    keys begin with `private` may be read by this user alone.
    """

    def __init__(self, root: Path, *, writer: str = "", private: str | None = None) -> None:
        self.root = root.expanduser().resolve()
        self._root = str(self.root)
        self._writer = writer
        self._private = private
        self._temporary = self.root / OWN_FOLDER / "tmp"
        self._unfinished = self.root / OWN_FOLDER / "unfinished"

    def check(self) -> None:
        """Write, read and delete a probe."""
        with translated("", f"use the folder {self.root}"):
            path = self._new_temporary()
            try:
                path.write_bytes(b"study buddy")
                path.read_bytes()
            finally:
                path.unlink(missing_ok=True)

    def diagnose(self) -> "Iterator[Check]":
        """Look at the folder, its disk, and what can be done with objects there."""
        from studybuddy.drivers.local import checks  # noqa: PLC0415  not every start needs it

        return checks.diagnose(self, self.root, self.root / OWN_FOLDER)

    def identity(self) -> str:
        """Return `local:` and the UUID that lies in the folder; made when it is missing."""
        with translated("", f"use the folder {self.root}"):
            make_folder(self.root / OWN_FOLDER)
            return "local:" + identity_in(self.root / OWN_FOLDER)

    def is_storage(self, identity: str) -> bool:
        """Tell whether the folder has this identity; nothing is made."""
        marker = self.root / OWN_FOLDER
        with translated("", f"use the folder {self.root}"):
            return has_identity(marker) and "local:" + identity_in(marker) == identity

    def write(self, key: str, source: Readable, *, size: int, content_type: str) -> Written:
        """Write to a temporary file, then give it its name."""
        self._path(key)
        with self._temporary_file(key) as (temporary, stream):
            fill(stream, source, key, size=size)
            self._finish(stream, temporary, key=key, size=size)
        # Read back now, the bytes would come from this computer's memory, from where they went to the disk.
        return Written(size, verified=True)

    def keeps_unfinished(self, size: int) -> bool:
        return size > LARGE_BYTES

    def unfinished(self, key: str, *, size: int, content_type: str, is_new: bool) -> UnfinishedFile:
        """Return an object that comes into a file of our own folder, which stays when its writer stops."""
        path, publish = self._path(key), partial(self._finish, key=key, size=size)
        with translated(key, "read"):
            is_published = not is_new and path.is_file() and path.stat().st_size == size
        return UnfinishedFile(key, self._unfinished_file(key), size=size, publish=publish, is_published=is_published)

    def drop_unfinished(self, key: str) -> None:
        with translated(key, "delete"):
            self._unfinished_file(key).unlink(missing_ok=True)

    def unfinished_keys(self) -> Sequence[str]:
        """Return the keys of all objects of which something has come."""
        with translated("", f"look into the folder {self._unfinished}"):
            return [unquote(path.name) for path in self._unfinished.iterdir()] if self._unfinished.is_dir() else []

    def take(self, key: str, path: Path, *, size: int) -> Written:
        """Move a finished file to `key`; UnsupportedError when it lies in another file system."""
        target = self._path(key)
        with translated(key, "write"):
            make_folder(target.parent)
            found = path.stat()
            if found.st_dev != target.parent.stat().st_dev:
                raise UnsupportedError(f"{path.name} lies in another file system than the storage", key=key)
            if found.st_size != size:
                raise IntegrityError(f"{found.st_size} bytes are there where {size} were announced", key=key)
            with path.open("rb") as stream:
                os.fsync(stream.fileno())
            self._publish(path, target, key)
            sync_folder(target.parent)
            path.unlink(missing_ok=True)
        return Written(size, verified=False)

    def write_many(self, objects: Sequence[Held]) -> list[Written | StudyBuddyError]:
        """Write each under its own name; a crash may leave a part of one."""
        return write_many(objects, self._path)

    def read_many(self, keys: Sequence[str]) -> Generator[bytes | None, None, None]:
        """Read each whole, without what a stream needs besides."""
        return read_many(keys, self._path)

    @contextmanager
    def read(self, key: str, *, start: int = 0, stop: int | None = None) -> Iterator[Readable]:
        path = self._path(key)
        with translated(key, "read"):
            stream = path.open("rb")
        with stream:
            with translated(key, "read"):
                found = os.fstat(stream.fileno())
                start, stop = range_of(found.st_size, start, stop, key=key)
                stream.seek(start)
            yield ByteRange(stream, stop - start, key=key)

    def file_at(self, key: str) -> Path:
        """Return the file that an object is; whoever reads it must not change it."""
        return self._path(key)

    def stat(self, key: str) -> ObjectInfo:
        path = self._path(key)
        with translated(key, "read"):
            found = path.stat()
        if not modes.S_ISREG(found.st_mode):
            raise ObjectNotFoundError(f"There is no object at {key}", key=key)
        return ObjectInfo(key, found.st_size, _time(found.st_mtime))

    def delete(self, key: str) -> None:
        """Remove an object, and the folders that it leaves empty."""
        path = self._path(key)
        with translated(key, "delete"):
            try:
                path.unlink()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return
            with suppress(FileNotFoundError):  # another delete has just removed the folder, which this left empty
                sync_folder(path.parent)
        for folder in takewhile(lambda parent: parent != self.root, path.parents):
            try:
                folder.rmdir()
            except OSError:  # not empty, or another has just removed it
                return

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        with translated("", f"list the folder {self.root}"):
            for key, found in walk(self.root, prefix=prefix, skip=OWN_FOLDER):
                yield ObjectInfo(key, found.st_size, _time(found.st_mtime))

    def url(self, key: str, *, expires: timedelta, disposition: str, content_type: str) -> None:
        """A disk has no links that a browser can follow."""
        return

    def copy_from(self, source: Driver, source_key: str, key: str, *, size: int) -> Written:
        """Let the kernel copy from another folder."""
        if not isinstance(source, LocalDriver):
            raise UnsupportedError("Only another folder of this computer can be copied without reading it", key=key)
        path, original = self._path(key), source._path(source_key)
        with self._temporary_file(key) as (temporary, stream), translated(key, "write"):
            try:
                shutil.copyfile(original, temporary)
            except FileNotFoundError as error:
                raise ObjectNotFoundError(f"There is no object at {source_key}", key=source_key) from error
            os.fsync(stream.fileno())
            self._publish(temporary, path, key)
            sync_folder(path.parent)
        return Written(size, verified=False)

    def stale_temporary(self, alive: Callable[[str], bool]) -> Sequence[Path]:
        """Return the temporary files of the writers that are not `alive`."""
        with translated("", f"look into the folder {self._temporary}"):
            if not self._temporary.is_dir():
                return []
            return [path for path in self._temporary.iterdir() if not alive(path.name.rpartition("-")[0])]

    def remove_stale_temporary(self, alive: Callable[[str], bool]) -> None:
        """Remove the temporary files of the writers that are not `alive`."""
        for path in self.stale_temporary(alive):
            with translated("", f"clean the folder {self._temporary}"):
                path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        """Turn a key into a path; nothing else may."""
        if "\x00" in key or key.split("/", maxsplit=1)[0] == OWN_FOLDER:
            raise InvalidKeyError(f"The key {key!r} is not free for objects", key=key)
        if is_plain(self._root, key):
            return Path(f"{self._root}/{key}")
        path = (self.root / key).resolve()
        if not path.is_relative_to(self.root) or path == self.root or path.is_relative_to(self.root / OWN_FOLDER):
            raise InvalidKeyError(f"The key {key!r} leaves the storage's folder", key=key)
        return path

    def _new_temporary(self) -> Path:
        make_folder(self._temporary)
        return self._temporary / f"{self._writer}-{uuid4().hex}"

    @contextmanager
    def _temporary_file(self, key: str) -> Iterator[tuple[Path, FileIO]]:
        with translated(key, "write"):
            path = self._new_temporary()
            # Unbuffered: a close must have nothing left to write, and so to fail at.
            stream = path.open("xb", buffering=0)
            if self._private is not None and key.startswith(self._private):
                path.chmod(0o600)
        try:
            with stream:
                yield path, stream
        finally:
            path.unlink(missing_ok=True)

    def _unfinished_file(self, key: str) -> Path:
        self._path(key)
        return self._unfinished / quote(key, safe="")

    def _finish(self, stream: FileIO, temporary: Path, *, key: str, size: int) -> None:
        """Make a file that has come durable, and give it its name."""
        path = self._path(key)
        with translated(key, "write"):
            os.fsync(stream.fileno())
            if os.fstat(stream.fileno()).st_size != size:
                raise IntegrityError(f"The disk took other than the {size} bytes that it was given", key=key)
            self._publish(temporary, path, key)
            sync_folder(path.parent)

    @staticmethod
    def _publish(temporary: Path, path: Path, key: str) -> None:
        for _ in range(_ATTEMPTS):
            make_folder(path.parent)
            try:
                publish(temporary, path)
            except FileExistsError as error:
                if hold_same_bytes(temporary, path):
                    return
                raise ObjectExistsError(f"The key {key} already holds other bytes", key=key) from error
            except FileNotFoundError:
                # A delete of the folder's last object has removed the folder in between.
                continue
            return
        raise FileNotFoundError(path)


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
