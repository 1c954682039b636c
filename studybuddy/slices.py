"""One request's bytes on their way into an upload's part file: written, hashed, checked, taken back when wrong."""

import errno
import hashlib
import os
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studybuddy.errors import ConflictError, IntegrityError, InvalidInputError, NoSpaceError, TooLargeError

if TYPE_CHECKING:
    from hashlib import _Hash

ALGORITHMS = ("sha256", "sha1", "md5")
# A file system may be full, the person's share of it, or it may take no file of this size (FAT32: 4 GiB).
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_sync_data = getattr(os, "fdatasync", os.fsync)


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a client says that the bytes of one slice hash to."""

    algorithm: str
    digest: bytes

    @classmethod
    def parse(cls, header: str) -> "Checksum":
        """Read the value of `Upload-Checksum`: an algorithm's name and a digest in base64."""
        algorithm, _, encoded = header.strip().partition(" ")
        try:
            digest = b64decode(encoded, validate=True)
        except ValueError as error:
            raise InvalidInputError("Upload-Checksum holds no base64 digest") from error
        if algorithm not in ALGORITHMS or len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
            raise InvalidInputError(f"Upload-Checksum takes one of {', '.join(ALGORITHMS)} and its digest in base64")
        return cls(algorithm, digest)


class Live:
    """What this process knows of one upload: who writes it, and the hash of what came so far."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.slice: Slice | None = None
        self.digest: _Hash = hashlib.sha256()
        self.hashed = 0  # bytes from the start of the file that are in `digest`

    def take_over(self) -> None:
        """Stop the slice that is open, if any; when this returns it writes no byte any more."""
        if self.slice is not None:
            self.slice.stop()
            self.slice = None

    def trim(self, path: Path, size: int | None) -> None:
        """Make what the part file holds durable, cut to `size` unless that is None."""
        try:
            with path.open("r+b", buffering=0) as stream:
                if size is not None:
                    stream.truncate(size)
                _sync_data(stream.fileno())
        except FileNotFoundError:
            return


class Slice:
    """The bytes of one request. Every method may be called in any thread, one at a time."""

    def __init__(  # noqa: PLR0913
        self,
        live: Live,
        path: Path,
        *,
        start: int,
        length: int,
        checksum: Checksum | None,
        on_stop: Callable[[], object] | None,
    ) -> None:
        self._live = live
        self._stream = path.open("r+b", buffering=0)
        self._stream.seek(start)
        self._start = start
        self._length = length
        self._checksum = checksum
        self._check = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
        self._digest_before = live.digest.copy() if checksum else None
        self._on_stop = on_stop
        self.on_verified: Callable[[], object] | None = None
        self.offset = start

    @property
    def room(self) -> int:
        """How many bytes the upload still lacks."""
        return self._length - self.offset

    def write(self, piece: bytes | bytearray) -> None:
        """Append a piece; raise ConflictError when a newer request has taken the upload over."""
        with self._live.lock:
            self._check_turn()
            if self.offset + len(piece) > self._length:
                raise TooLargeError(f"More bytes came than the {self._length} that were announced")
            with no_space():
                self._write_whole(piece)
            if self._live.hashed == self.offset:
                self._live.digest.update(piece)
                self._live.hashed += len(piece)
            if self._check:
                self._check.update(piece)
            self.offset += len(piece)

    def finish(self) -> int:
        """Make the bytes durable and return the upload's offset; bytes that are not what they should be are dropped.

        Raises IntegrityError when the checksum is another.
        """
        with self._live.lock:
            self._check_turn()
            if self._check and self._checksum and self._check.digest() != self._checksum.digest:
                self.close()
                raise IntegrityError("The bytes of this slice have another checksum; nothing of it was kept")
            with no_space():
                _sync_data(self._stream.fileno())
            self._checksum = None
            if self.on_verified:
                self.on_verified()
            self.close()
            return self.offset

    def close(self) -> None:
        """End the slice where it is: what came is kept, unless it had a checksum that nobody could look at."""
        with self._live.lock:
            if self._stream.closed:
                return
            if self._checksum:
                self._take_back()
            with no_space():
                _sync_data(self._stream.fileno())
            self._stream.close()
            if self._live.slice is self:
                self._live.slice = None

    def stop(self) -> None:
        """End the slice because a newer request takes over."""
        with self._live.lock:
            if self._stream.closed:
                return
            self.close()
            if self._on_stop:
                self._on_stop()

    def _check_turn(self) -> None:
        if self._stream.closed:
            raise ConflictError("A newer request has taken this upload over")

    def _write_whole(self, piece: bytes | bytearray) -> None:
        rest = memoryview(piece)
        try:
            while rest:
                rest = rest[self._stream.write(rest) or 0 :]
        except OSError:
            # The part must hold nothing that is not in the hash.
            self._stream.truncate(self.offset)
            self._stream.seek(self.offset)
            raise

    def _take_back(self) -> None:
        self._stream.truncate(self._start)
        self.offset = self._start
        if self._digest_before and self._live.hashed > self._start:
            self._live.digest = self._digest_before
            self._live.hashed = self._start


@contextmanager
def no_space() -> Iterator[None]:
    """Turn what the system says of a full disk into our error."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise NoSpaceError("This computer's disk is full", fix="Free some space, then go on.") from error
        raise
