"""Bytes on their way: read in chunks, hashed and counted as they pass, made durable on disk."""

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from studybuddy.errors import IntegrityError, TooLargeError
from studybuddy.units import MIB, size_text

CHUNK_BYTES = MIB
Passing = Callable[[int], object]  # told how many bytes have just come by


class Readable(Protocol):
    """Anything that gives its bytes in pieces; an empty piece is the end."""

    def read(self, size: int = -1, /) -> bytes: ...


def read_into(source: Readable, buffer: memoryview) -> int:
    """Read what comes next into `buffer`, without a copy where the source can; return how many bytes came."""
    readinto: Callable[[memoryview], int] | None = getattr(source, "readinto", None)
    if readinto is not None:
        return readinto(buffer)
    piece = source.read(len(buffer))
    buffer[: len(piece)] = piece
    return len(piece)


def chunks(source: Readable, size: int = CHUNK_BYTES) -> Iterator[bytes]:
    """Yield what `source` holds in pieces of at most `size` bytes."""
    while piece := source.read(size):
        yield piece


class HashingReader:
    """Pass reads through to `source`, hashing and counting; check the whole at its end.

    Raises IntegrityError at the end when the bytes are not `size` long or have not this `sha256`,
    so that a driver that is still writing them drops what it wrote.
    """

    def __init__(self, source: Readable, *, size: int | None = None, sha256: str | None = None) -> None:
        self._source = source
        self._hash = hashlib.sha256()
        self._expected_size = size
        self._expected_sha256 = sha256
        self.size = 0

    def read(self, size: int = -1, /) -> bytes:
        piece = self._source.read(size)
        if piece:
            self._hash.update(piece)
            self.size += len(piece)
        self._come_by(at_end=size < 0 or (not piece and size > 0))
        return piece

    def readinto(self, buffer: memoryview, /) -> int:
        came = read_into(self._source, buffer)
        self._hash.update(buffer[:came])
        self.size += came
        self._come_by(at_end=not came)
        return came

    def pass_over(self, held: Readable, *, passing: Passing) -> None:
        """Take what `held` gives for the bytes that come first, telling `passing` of each piece; `source` goes on."""
        for piece in chunks(held):
            self._hash.update(piece)
            self.size += len(piece)
            passing(len(piece))

    def readable(self) -> bool:
        return True

    @property
    def sha256(self) -> str:
        """The hex SHA-256 of what has passed so far."""
        return self._hash.hexdigest()

    @property
    def digest(self) -> bytes:
        """The raw SHA-256 of what has passed so far."""
        return self._hash.digest()

    def _come_by(self, *, at_end: bool) -> None:
        # Whoever reads just the announced length never asks for the empty piece behind it.
        if at_end or (self._expected_size is not None and self.size >= self._expected_size):
            self._check()

    def _check(self) -> None:
        if self._expected_size is not None and self.size != self._expected_size:
            raise IntegrityError(f"{self.size} bytes came where {self._expected_size} were announced")
        if self._expected_sha256 is not None and self.sha256 != self._expected_sha256:
            raise IntegrityError(f"the bytes have the SHA-256 {self.sha256}, not {self._expected_sha256}")


class LimitedReader:
    """Pass reads through to `source`; raise TooLargeError as soon as more than `limit` bytes have come."""

    def __init__(self, source: Readable, limit: int) -> None:
        self._source = source
        self._limit = limit
        self._left = limit

    def read(self, size: int = -1, /) -> bytes:
        piece = self._source.read(size)
        self._left -= len(piece)
        if self._left < 0:
            raise TooLargeError(
                f"The file is larger than the limit of {size_text(self._limit)}",
                fix="Raise MAX_UPLOAD_MB in the settings, or split the file.",
            )
        return piece


def copy(source: Readable, target: BinaryIO) -> tuple[int, str]:
    """Write all of `source` to `target`; return how many bytes passed and their hex SHA-256."""
    hashing = HashingReader(source)
    for piece in chunks(hashing):
        target.write(piece)
    return hashing.size, hashing.sha256


def sha256_of(source: Readable, *, passing: Passing = lambda _: None) -> tuple[int, str]:
    """Read all of `source`, telling `passing` of each piece; return its length in bytes and its hex SHA-256."""
    hashing = HashingReader(source)
    buffer = memoryview(bytearray(CHUNK_BYTES))
    while came := hashing.readinto(buffer):
        passing(came)
    return hashing.size, hashing.sha256


def sync_file(stream: BinaryIO) -> None:
    """Make what was written to an open file survive a power cut."""
    stream.flush()
    os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut; a no-op where folders cannot be opened (Windows)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
