"""Reading from Supabase: one long answer, taken up again where it broke."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from urllib3 import BaseHTTPResponse
from urllib3.exceptions import ProtocolError

from studybuddy.drivers.ranges import check_range, range_of
from studybuddy.drivers.retrying import pause
from studybuddy.drivers.supabase.client import Client, drop
from studybuddy.drivers.supabase.errors import client_errors
from studybuddy.errors import (
    IntegrityError,
    InvalidRangeError,
    ObjectNotFoundError,
    StorageError,
    UnavailableError,
    UnsupportedError,
)
from studybuddy.streams import Readable
from studybuddy.units import KIB

T = TypeVar("T")
_PIECE_BYTES = 256 * KIB
_PROGRESS_BYTES = 64 * KIB  # less in all that time is a drip, which must not hold a reader for ever
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")


@contextmanager
def open_object(
    client: Client, key: str, *, start: int, stop: int | None, size_of: Callable[[str], int]
) -> Iterator[Readable]:
    """Open [start, stop) of an object; `size_of` is asked where an answer cannot tell the size."""
    check_range(start, stop, key=key)
    reader = _Reader(client, key, start=start, stop=stop)
    try:
        reader.open(size_of)
        yield reader
    finally:
        reader.close()


class _Reader:
    """A stream over one answer, or over several when it breaks."""

    def __init__(self, client: Client, key: str, *, start: int, stop: int | None) -> None:
        self._client = client
        self._key = key
        self._position = start  # of the next byte
        self._stop = stop  # None: nobody has told yet where the object ends
        self._answer: BaseHTTPResponse | None = None
        self._version: tuple[str, int | None] | None = None  # ETag and size of what is read
        self._waited = 0.0  # seconds since there was progress
        self._since = 0  # bytes that came in them
        self._attempt = 0

    def open(self, size_of: Callable[[str], int]) -> None:
        """Ask for the first byte; raise what keeps the object from being read."""
        if self._position == self._stop:
            range_of(size_of(self._key), self._position, self._stop, key=self._key)
            return
        try:
            self._persist(self._connect)
        except ObjectNotFoundError:
            self._client.expect_bucket()
            raise
        except InvalidRangeError:
            if self._position or size_of(self._key):
                raise
            self._stop = 0  # an empty object refuses every range

    def read(self, size: int = -1, /) -> bytes:
        if size < 0:
            return b"".join(iter(lambda: self.read(_PIECE_BYTES), b""))
        if not size or self._position == self._stop:
            return b""
        return self._persist(lambda: self._receive(min(size, _PIECE_BYTES)))

    def close(self) -> None:
        """Stop reading."""
        if self._answer is not None:
            drop(self._answer)
            self._answer = None

    def _persist(self, act: Callable[[], T]) -> T:
        """Do what may break, again and again as long as bytes come."""
        while True:
            started = time.monotonic()
            try:
                return act()
            except client_errors() as error:
                failure = self._client.error(error, f"Reading {self._key}", key=self._key)
                failure.__cause__ = error
            finally:
                self._waited += time.monotonic() - started
            self.close()
            self._wait_after(failure)

    def _wait_after(self, failure: StorageError) -> None:
        wait = pause(self._attempt)
        deadlines = self._client.deadlines
        patience = deadlines.standstill if self._version else deadlines.retry
        if not failure.retryable or self._waited + wait > patience:
            raise failure
        time.sleep(wait)
        self._waited += wait
        self._attempt += 1

    def _connect(self) -> BaseHTTPResponse:
        """Ask for all that is missing."""
        ranged = self._position > 0 or self._stop is not None
        last = "" if self._stop is None else self._stop - 1
        headers = {"Range": f"bytes={self._position}-{last}"} if ranged else {}
        answer = self._client.ask("GET", self._client.object_path(self._key), headers=headers)
        self._answer = answer  # so that it is closed whatever it turns out to be
        size = self._size_told(answer)
        version = (answer.headers.get("ETag", "").removeprefix("W/"), size)
        # `If-Match` and `If-Range` are ignored there.
        if self._version and any(a and b and a != b for a, b in zip(self._version, version, strict=True)):
            raise IntegrityError(f"{self._key} was changed while it was read", key=self._key)
        self._version = version
        if size is not None:
            self._stop = range_of(size, self._position, self._stop, key=self._key)[1]
        return answer

    def _size_told(self, answer: BaseHTTPResponse) -> int | None:
        """Return the size of the whole object; raise UnsupportedError for other bytes than were asked for."""
        if answer.status == 200 and not self._position:
            length = answer.headers.get("Content-Length", "")
            return int(length) if length.isdigit() else None
        told = _CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        if told is None or int(told[1]) != self._position:
            raise UnsupportedError(f"{self._key}: {self._client.host} gives no ranges of bytes", key=self._key)
        return int(told[2])

    def _receive(self, size: int) -> bytes:
        # A server may announce more than there is, so that the end is where the object ends, not where the answer does.
        wanted = size if self._stop is None else min(size, self._stop - self._position)
        piece = (self._answer or self._connect()).read1(wanted) or b""
        if not piece and self._stop is not None:
            raise ProtocolError("less came than was announced")
        self._client.counter.count("received", len(piece))
        self._position += len(piece)
        self._since += len(piece)
        if self._since >= _PROGRESS_BYTES:
            self._waited, self._since, self._attempt = 0.0, 0, 0
        elif self._waited > self._client.deadlines.standstill:
            raise UnavailableError(f"Reading {self._key}: {self._client.host} is too slow", key=self._key)
        return piece
