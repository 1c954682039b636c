"""A zip from outside, looked at before anything of it is unpacked, and read without trusting it."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from studybuddy.errors import IntegrityError, InvalidInputError, TooLargeError
from studybuddy.session_zip import manifest
from studybuddy.session_zip.manifest import Manifest
from studybuddy.streams import HashingReader, Readable
from studybuddy.units import MIB, count_text, size_text

_MAX_ENTRIES = 200_000
_MAX_TEXT_BYTES = 256 * MIB  # of the manifest, or of one transcript
_MAX_GROWTH, _SMALL_BYTES = 200, 256 * MIB  # what is small may grow as it likes
_BROKEN = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)


class OpenedZip:
    """A session's zip whose entries have good names and sizes; their bytes are checked as they are read."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._entries = _entries(archive)
        self.manifest: Manifest = manifest.loaded(self._text(manifest.NAME))

    @contextmanager
    def open(self, entry: str, *, size: int, sha256: str) -> Iterator[Readable]:
        """Open an entry's bytes; reading them to the end raises IntegrityError when they are not as announced."""
        info = self._entries.get(entry)
        if info is None:
            raise InvalidInputError(f"{entry[:200]!r} is not in the zip", fix="Take the zip as it was exported.")
        try:
            stream = self._archive.open(info)
        except _BROKEN as error:
            raise _damaged(entry) from error
        with stream:
            yield _Checked(HashingReader(stream, size=size, sha256=sha256), entry)

    def text(self, entry: str, *, size: int, sha256: str) -> bytes:
        """Return a small entry's bytes."""
        if size > _MAX_TEXT_BYTES:
            raise TooLargeError(f"{entry[:200]!r} has {size_text(size)}, more than a text has")
        with self.open(entry, size=size, sha256=sha256) as stream:
            return stream.read(size)

    def _text(self, entry: str) -> bytes:
        info = self._entries.get(entry)
        if info is None:
            raise InvalidInputError(
                f"The zip holds no {entry}: it is not one of Study Buddy's, or it was cut off",
                fix="Copy or export it again.",
            )
        if info.file_size > _MAX_TEXT_BYTES:
            raise TooLargeError(f"The zip's {entry} has {size_text(info.file_size)}, more than one needs")
        try:
            return self._archive.read(info)
        except _BROKEN as error:
            raise _damaged(entry) from error


@contextmanager
def open_zip(path: Path) -> Iterator[OpenedZip]:
    """Open a session's zip; raise InvalidInputError for anything that is none, is cut off, or means harm."""
    try:
        archive = ZipFile(path)
    except FileNotFoundError as error:
        raise InvalidInputError(f"There is no {path}", fix="Look at the name.") from error
    except _BROKEN as error:
        raise InvalidInputError(
            f"That is no whole zip: {error}", fix="Copy or export it again; it may have been cut off."
        ) from error
    with archive:
        yield OpenedZip(archive)


class _Checked:
    """Passes reads through; what a damaged entry raises tells its name."""

    def __init__(self, stream: Readable, entry: str) -> None:
        self._stream = stream
        self._entry = entry

    def read(self, size: int = -1, /) -> bytes:
        try:
            return self._stream.read(size)
        except (*_BROKEN, IntegrityError) as error:
            raise _damaged(self._entry) from error


def _entries(archive: ZipFile) -> dict[str, ZipInfo]:
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if len(infos) > _MAX_ENTRIES:
        raise TooLargeError(f"The zip has {count_text(len(infos), 'entry', 'entries')}; {_MAX_ENTRIES:,} fit")
    for info in infos:
        _check(info)
    found = {info.filename: info for info in infos}
    if len({name.casefold() for name in found}) < len(infos):
        raise _refused("two of its entries have the same name")
    packed, unpacked = sum(info.compress_size for info in infos), sum(info.file_size for info in infos)
    if unpacked > _SMALL_BYTES + _MAX_GROWTH * packed:
        raise TooLargeError(f"The zip has {size_text(packed)} and would unpack to {size_text(unpacked)}")
    return found


def _check(info: ZipInfo) -> None:
    parts = info.filename.split("/")
    if ".." in parts or "" in parts or "\\" in info.orig_filename or ":" in parts[0] or "\x00" in info.orig_filename:
        raise _refused(f"an entry's name leads out of it: {info.orig_filename[:100]!r}")
    if info.flag_bits & 1:
        raise _refused("it is locked with a password")
    if info.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise _refused(f"an entry is packed in a way that is not known here: {info.orig_filename[:100]!r}")


def _refused(why: str) -> InvalidInputError:
    return InvalidInputError(f"The zip is not taken: {why}", fix="Take a zip that Study Buddy made from a session.")


def _damaged(entry: str) -> IntegrityError:
    return IntegrityError(f"{entry[:200]} is damaged in the zip", fix="Copy or export the zip again.")
