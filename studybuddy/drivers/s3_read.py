"""Reading from S3: range by range, the next one fetched ahead, each taken up again where it broke."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studybuddy.drivers.ranges import check_range, range_of
from studybuddy.drivers.s3_errors import pause, provider_errors
from studybuddy.drivers.s3_place import Place
from studybuddy.errors import (
    IntegrityError,
    InvalidRangeError,
    ObjectExistsError,
    StorageError,
    UnavailableError,
    UnsupportedError,
)
from studybuddy.streams import Readable
from studybuddy.units import KIB, MIB

if TYPE_CHECKING:
    from obstore import GetOptions

RANGE_BYTES = 8 * MIB
_SEEK_BYTES = MIB  # who reads from the middle waits for the first bytes: a player that seeks
_CHUNK_BYTES = 256 * KIB


@dataclass(slots=True)
class _Fetched:
    """What has come of one range, and what the storage said of the whole object."""

    data: bytearray
    object_size: int = -1  # -1: not yet known
    etag: str | None = None


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
        self._position = start  # behind what was fetched or is being fetched
        self._step = RANGE_BYTES if start == 0 else _SEEK_BYTES
        # From the start to an unknown end no Range is asked for: an empty object has none.
        self._ranged = start > 0 or stop is not None
        self._etag: str | None = None
        self._data = memoryview(b"")
        self._ahead: Future[_Fetched] | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._closed = threading.Event()

    def open(self) -> None:
        """Fetch the first range; raise what keeps the object from being read."""
        if self._start == self._stop:
            range_of(self._object_size(), self._start, self._stop, key=self._key)
            return
        try:
            first = self._fetch(self._start, self._next_stop())
        except InvalidRangeError:
            if self._start or self._object_size():
                raise
            self._stop = 0
            return
        self._etag = first.etag
        self._stop = range_of(first.object_size, self._start, self._stop, key=self._key)[1]
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

    def _take(self, fetched: _Fetched) -> None:
        self._data = memoryview(fetched.data)
        self._position += len(fetched.data)
        self._ahead = None
        if self._stop is not None and self._position < self._stop:
            self._step = min(2 * self._step, RANGE_BYTES)
            self._pool = self._pool or ThreadPoolExecutor(1, thread_name_prefix="s3-read")
            self._ahead = self._pool.submit(self._fetch, self._position, self._next_stop())

    def _next_stop(self) -> int:
        end = self._position + self._step
        return end if self._stop is None else min(end, self._stop)

    def _object_size(self) -> int:
        client = self._place.clients.client(self._place.deadlines.answer)
        path = self._place.path(self._key)
        answer = self._place.call(
            lambda: client.head_object(Bucket=self._place.bucket, Key=path),
            f"Reading {self._key}", "s3:GetObject", key=self._key,
        )  # fmt: skip
        return answer["ContentLength"]

    def _fetch(self, start: int, stop: int) -> _Fetched:
        """Fetch [start, stop), less where the object ends; raise when no byte comes for too long."""
        deadlines = self._place.deadlines
        fetched = _Fetched(bytearray())
        last_byte_at, attempt = time.monotonic(), 0
        while True:
            before = len(fetched.data)
            failure = self._request(fetched, start, stop)
            if failure is None:
                return fetched
            if len(fetched.data) > before:
                last_byte_at, attempt = time.monotonic(), 0
            patience = deadlines.standstill if self._etag or fetched.data else deadlines.retry
            wait = pause(attempt)
            if not failure.retryable or time.monotonic() + wait - last_byte_at > patience:
                raise failure
            if self._closed.wait(wait):
                raise failure
            attempt += 1

    def _request(self, fetched: _Fetched, start: int, stop: int) -> StorageError | None:
        """Ask once for what is missing of a range; return what went wrong."""
        try:
            self._receive(fetched, start, stop)
        except provider_errors() as error:
            failure = self._place.error(error, f"Reading {self._key}", "s3:GetObject", key=self._key)
            failure.__cause__ = error
            if isinstance(failure, ObjectExistsError):  # If-Match was not met
                return IntegrityError(f"{self._key} was changed while it was read", key=self._key)
            if isinstance(failure, UnsupportedError) and start == 0 and self._ranged and not fetched.data:
                # rclone answers 200 to a range that is the whole object, and obstore refuses that.
                self._ranged = False
                return self._request(fetched, start, stop)
            return failure
        whole = stop if fetched.object_size < 0 else min(stop, fetched.object_size)
        if start + len(fetched.data) < whole and not self._closed.is_set():
            return UnavailableError(f"Reading {self._key}: the storage sent less than it announced", key=self._key)
        return None

    def _receive(self, fetched: _Fetched, start: int, stop: int) -> None:
        import obstore  # noqa: PLC0415

        offset = start + len(fetched.data)
        store = self._place.clients.store(self._place.deadlines.range)
        options: GetOptions = {}
        if offset or self._ranged:
            options["range"] = (offset, stop)
        etag = self._etag or fetched.etag
        if etag:
            options["if_match"] = etag
        result = obstore.get(store, self._place.path(self._key), options=options)
        fetched.object_size, fetched.etag = result.meta["size"], result.meta["e_tag"]
        for chunk in result.stream(_CHUNK_BYTES):
            fetched.data += memoryview(chunk)[: stop - start - len(fetched.data)]
            if start + len(fetched.data) >= stop or self._closed.is_set():
                return
