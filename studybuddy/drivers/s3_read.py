"""Reading from S3: range by range, the next one fetched ahead, each taken up again where it broke."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from studybuddy.drivers.ranges import check_range, range_of
from studybuddy.drivers.retrying import pause
from studybuddy.drivers.s3_errors import provider_errors
from studybuddy.drivers.s3_place import Place
from studybuddy.drivers.s3_receive import Range, receive
from studybuddy.errors import IntegrityError, InvalidRangeError, ObjectExistsError, StorageError, UnavailableError
from studybuddy.streams import Readable
from studybuddy.units import KIB, MIB

RANGE_BYTES = 8 * MIB
_PROGRESS_BYTES = 64 * KIB  # less in one request is a drip, which must not hold a reader for ever
_SEEK_BYTES = MIB  # who reads from the middle waits for the first bytes: a player that seeks


@contextmanager
def open_object(place: Place, key: str, *, start: int, stop: int | None) -> Iterator[Readable]:
    """Open [start, stop) of an object."""
    check_range(start, stop, key=key)
    place.awaken()
    reader = _RangeReader(place, key, start=start, stop=stop)
    try:
        reader.open()
        yield reader
    finally:
        reader.close()


class _RangeReader:
    """A stream over ranges. Its memory: the range that is read and the one fetched ahead."""

    def __init__(self, place: Place, key: str, *, start: int, stop: int | None) -> None:
        self._place = place
        self._key = key
        self._start = start
        self._stop = stop
        self._position = start  # behind what has been fetched
        self._step = RANGE_BYTES if start == 0 else _SEEK_BYTES
        self._etag: str | None = None
        self._data = memoryview(b"")
        self._ahead: Future[Range] | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._closed = threading.Event()

    def open(self) -> None:
        """Fetch the first range; raise what keeps the object from being read."""
        if self._start == self._stop:
            range_of(self._object_size(), self._start, self._stop, key=self._key)
            return
        try:
            first = self._fetch(self._next())
        except InvalidRangeError:
            if self._start or self._object_size():
                raise
            return  # an empty object has no range
        self._etag = first.etag
        self._stop = range_of(first.object_size or 0, self._start, self._stop, key=self._key)[1]
        self._take(first)

    def read(self, size: int = -1, /) -> bytes:
        if size < 0:
            return b"".join(iter(lambda: self.read(RANGE_BYTES), b""))
        if not self._data and self._ahead:
            self._take(self._ahead.result())
        piece = bytes(self._data[:size])
        self._data = self._data[size:]
        return piece

    def close(self) -> None:
        """Stop fetching; a request that is under way ends by itself."""
        self._closed.set()
        if self._pool:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _take(self, fetched: Range) -> None:
        self._data = fetched.data
        self._position = fetched.offset
        self._ahead = None
        if self._stop is not None and self._position < self._stop:
            self._step = min(2 * self._step, RANGE_BYTES)
            self._pool = self._pool or ThreadPoolExecutor(1, thread_name_prefix="s3-read")
            self._ahead = self._pool.submit(self._fetch, self._next())

    def _next(self) -> Range:
        end = self._position + self._step
        stop = end if self._stop is None else min(end, self._stop)
        return Range(self._key, self._position, stop, to_the_end=self._stop is None, etag=self._etag)

    def _object_size(self) -> int:
        client = self._place.clients.client(self._place.deadlines.answer)
        path = self._place.path(self._key)
        answer = self._place.call(
            lambda: client.head_object(Bucket=self._place.bucket, Key=path),
            f"Reading {self._key}", "s3:GetObject", key=self._key,
        )  # fmt: skip
        return answer["ContentLength"]

    def _fetch(self, wanted: Range) -> Range:
        """Fetch a range, less where the object ends; raise when no byte comes for too long."""
        deadlines = self._place.deadlines
        last_byte_at, attempt = time.monotonic(), 0
        while True:
            before = wanted.offset
            failure = self._request(wanted)
            if failure is None:
                return wanted
            if wanted.offset - before >= _PROGRESS_BYTES:
                last_byte_at, attempt = time.monotonic(), 0
            patience = deadlines.standstill if wanted.etag else deadlines.retry
            wait = pause(attempt)
            given_up = time.monotonic() + wait - last_byte_at > patience
            if not failure.retryable or given_up or self._closed.wait(wait):
                raise failure
            attempt += 1

    def _request(self, wanted: Range) -> StorageError | None:
        """Ask once for what is missing; return what went wrong."""
        try:
            receive(self._place, wanted, self._closed)
        except StorageError as failed:
            return failed
        except provider_errors() as error:
            failure = self._place.error(error, f"Reading {self._key}", "s3:GetObject", key=self._key)
            failure.__cause__ = error
            if isinstance(failure, ObjectExistsError):  # If-Match was not met
                return IntegrityError(f"{self._key} was changed while it was read", key=self._key)
            return failure
        if wanted.complete or self._closed.is_set():
            return None
        return UnavailableError(f"Reading {self._key}: the storage sent less than it announced", key=self._key)
