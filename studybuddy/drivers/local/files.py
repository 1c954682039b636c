"""What the local driver asks of a file system: atomic names, durable folders, ranges, and plain errors."""

import errno
import filecmp
import json
import os
import stat as modes
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO, RawIOBase
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from studybuddy.errors import (
    IntegrityError,
    InvalidKeyError,
    NoSpaceError,
    ObjectNotFoundError,
    PermissionDeniedError,
    ReadOnlyError,
    StorageError,
    StudyBuddyError,
)
from studybuddy.streams import Readable, read_into, sync_file, sync_folder
from studybuddy.units import KIB

_MARKER = "storage.json"
_BUFFER_BYTES = 512 * KIB
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK}


@contextmanager
def translated(key: str, doing: str) -> Iterator[None]:
    """Turn what the system says into our errors."""
    try:
        yield
    except StudyBuddyError:
        raise
    except OSError as error:
        raise ours(error, key, f"{doing} {key}".strip()) from error


def ours(error: OSError, key: str, doing: str) -> StudyBuddyError:
    """Return our error for what the system says of `doing` something."""
    if isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError):
        return ObjectNotFoundError(f"There is no object at {key}" if key else f"Cannot {doing}: not there", key=key)
    if error.errno == errno.EROFS:
        return ReadOnlyError(f"Cannot {doing}: the disk is read-only", key=key, fix="Choose another UPLOADS_DIR.")
    if isinstance(error, PermissionError):
        return PermissionDeniedError(
            f"Cannot {doing}: this user may not",
            key=key,
            fix="Give the user who runs Study Buddy rights to the folder.",
        )
    if error.errno in _NO_SPACE:
        return NoSpaceError("This computer's disk is full", fix="Free some space, then try again.")
    if error.errno == errno.ENAMETOOLONG:
        return InvalidKeyError(f"The key {key[:80]} is too long for this disk", key=key)
    return StorageError(f"Cannot {doing}: {error.strerror}", key=key, fix="Look after the disk.")


def is_plain(root: str, key: str) -> bool:
    """Tell whether a key leads to what lies under a resolved root, by no link and no detour; False when in doubt.

    It takes a fifth of the time of `Path.resolve`, which looks at the folders above the root as well.
    """
    if os.sep != "/":
        return False
    path = root
    for name in key.split("/"):
        if name in ("", ".", ".."):
            return False
        path = f"{path}/{name}"
        try:
            if modes.S_ISLNK(os.lstat(path).st_mode):
                return False
        except FileNotFoundError:
            continue  # nothing is below it, either; the other names must still be looked at
        except OSError:
            return False
    return True


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, each name durable."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def write_whole(stream: RawIOBase, piece: bytes | memoryview) -> None:
    """Write all of a piece to an unbuffered file."""
    rest = memoryview(piece)
    while rest:
        rest = rest[stream.write(rest) or 0 :]


def fill(stream: FileIO, source: Readable, key: str, *, size: int) -> None:
    """Write all of a source of `size` bytes to a file; raise IntegrityError when it has more or fewer."""
    buffer = memoryview(bytearray(min(size + 1, _BUFFER_BYTES)))  # a byte more, to see what should not come
    written = 0
    # Reading stays outside of `translated`: an error of the source is the source's.
    while came := read_into(source, buffer):
        written += came
        if written > size:
            raise IntegrityError(f"More than the {size} bytes came that were announced", key=key)
        with translated(key, "write"):
            write_whole(stream, buffer[:came])
    if written != size:
        raise IntegrityError(f"{written} bytes came where {size} were announced", key=key)


def publish(temporary: Path, path: Path) -> None:
    """Give a finished file its name, durable once its folder is synced; FileExistsError when the name is taken."""
    try:
        path.hardlink_to(temporary)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _rename_to_new(temporary, path)


def _rename_to_new(temporary: Path, path: Path) -> None:
    # The name is taken first, so that two writers cannot both rename; a crash here leaves an empty object,
    # which no one has been told of.
    path.touch(exist_ok=False)
    try:
        temporary.replace(path)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def hold_same_bytes(one: Path, other: Path) -> bool:
    """Tell whether two files hold the same bytes; False when one of them is none."""
    try:
        return filecmp.cmp(one, other, shallow=False)
    except OSError:
        return False


def has_identity(folder: Path) -> bool:
    """Tell whether a folder has its marker file."""
    return (folder / _MARKER).is_file()


def identity_in(folder: Path) -> str:
    """Return the UUID in a folder's marker file, made when it is missing."""
    marker = folder / _MARKER
    with suppress(FileNotFoundError):
        return _identity(marker)
    temporary = folder / f"{_MARKER}-{uuid4().hex}"
    try:
        with temporary.open("xb") as stream:
            stream.write(json.dumps({"id": str(uuid4())}).encode())
            sync_file(stream)
        with suppress(FileExistsError):  # another process was quicker
            publish(temporary, marker)
        sync_folder(folder)
    finally:
        temporary.unlink(missing_ok=True)
    return _identity(marker)


def _identity(marker: Path) -> str:
    try:
        return str(json.loads(marker.read_text("utf-8"))["id"])
    except (ValueError, KeyError, TypeError) as error:
        raise StorageError(
            f"{marker} does not hold the storage's identity", fix="Put the file back from a backup."
        ) from error


class ByteRange:
    """The next `size` bytes of an open file; a file that ends before is told."""

    def __init__(self, stream: BinaryIO, size: int, *, key: str) -> None:
        self._stream = stream
        self._left = size
        self._key = key

    def read(self, size: int = -1, /) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        if not wanted:
            return b""
        with translated(self._key, "read"):
            piece = self._stream.read(wanted)
        if not piece:
            raise StorageError(f"{self._key} became shorter while it was read", key=self._key)
        self._left -= len(piece)
        return piece

    def readinto(self, buffer: memoryview, /) -> int:
        wanted = buffer[: self._left]
        if not wanted:
            return 0
        with translated(self._key, "read"):
            came = read_into(self._stream, wanted)
        if not came:
            raise StorageError(f"{self._key} became shorter while it was read", key=self._key)
        self._left -= came
        return came


def walk(root: Path, *, prefix: str, skip: str) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the key and the state of each plain file under `root`, keys in byte order; links are not followed.

    Memory is bound by the names of the largest folder: they are held as bytes, a million of them in 100 MB.
    """
    yield from _walk(os.fsencode(root), b"", os.fsencode(prefix), os.fsencode(skip))


def _walk(folder: bytes, base: bytes, prefix: bytes, skip: bytes) -> Iterator[tuple[str, os.stat_result]]:
    for name in _names(folder):
        key = base + name
        if key == skip + b"/" or not (key.startswith(prefix) or prefix.startswith(key)):
            continue
        if name.endswith(b"/"):
            yield from _walk(folder + b"/" + name[:-1], key, prefix, skip)
        elif key.startswith(prefix):
            with suppress(FileNotFoundError):  # deleted meanwhile
                yield os.fsdecode(key), os.stat(folder + b"/" + name, follow_symlinks=False)  # noqa: PTH116


def _names(folder: bytes) -> list[bytes]:
    """Return the names of a folder's files and folders in the byte order of their keys: a folder's ends in a slash."""
    names = []
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                names.append(entry.name + b"/")
            elif entry.is_file(follow_symlinks=False):
                names.append(entry.name)
    names.sort()
    return names
