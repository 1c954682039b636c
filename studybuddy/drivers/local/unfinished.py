"""A large object that comes over several writers' lives: a file of the storage's own folder keeps what has come."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import FileIO
from pathlib import Path

from studybuddy.drivers.driver import Written
from studybuddy.drivers.local.files import ByteRange, fill, make_folder, translated
from studybuddy.streams import Readable
from studybuddy.units import MIB

LARGE_BYTES = 64 * MIB  # what is smaller comes soon again


class UnfinishedFile:
    """An object of `size` bytes of which `path` holds the first ones; `publish` gives it its name when it is whole.

    `is_published`: one who died has done that.
    """

    def __init__(
        self, key: str, path: Path, *, size: int, publish: Callable[[FileIO, Path], None], is_published: bool
    ) -> None:
        self._key = key
        self._path = path
        self._size = size
        self._publish = publish
        self._is_published = is_published
        with translated(key, "read"):
            found = path.stat().st_size if path.exists() else 0
        self._held = min(found, size - 1)  # the last byte comes again: nothing can be read behind an object's end

    @property
    def held(self) -> int:
        return self._held

    def read(self) -> AbstractContextManager[Readable] | None:
        """Open what has come, if anything has."""
        return self._opened() if self._held else None

    def write(self, source: Readable) -> Written:
        """Write the rest behind what has come."""
        if self._is_published:
            self._path.unlink(missing_ok=True)
            return Written(self._size, verified=False)  # nobody was told; what it holds shows when it is read
        with translated(self._key, "write"):
            make_folder(self._path.parent)
            self._path.touch()
            # Unbuffered: a close must have nothing left to write, and so to fail at.
            stream = self._path.open("r+b", buffering=0)
        with stream:
            with translated(self._key, "write"):
                stream.truncate(self._held)
                stream.seek(self._held)
            fill(stream, source, self._key, size=self._size - self._held)
            self._publish(stream, self._path)
        self._path.unlink()
        return Written(self._size, verified=True)

    @contextmanager
    def _opened(self) -> Iterator[Readable]:
        with translated(self._key, "read"):
            stream = self._path.open("rb")
        with stream:
            yield ByteRange(stream, self._held, key=self._key)
