"""Reading from S3: the bytes are taken as they come, and asked for anew from where they broke off."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from studybuddy.drivers.ranges import check_range, range_of
from studybuddy.drivers.retrying import pause
from studybuddy.drivers.s3.clients import Deadlines
from studybuddy.drivers.s3.errors import provider_errors
from studybuddy.drivers.s3.place import Place
from studybuddy.drivers.s3.receive import Asked, Received, receive
from studybuddy.errors import IntegrityError, InvalidRangeError, ObjectExistsError, StorageError, UnavailableError
from studybuddy.streams import CHUNK_BYTES, Readable
from studybuddy.units import KIB, MIB

_PIECE_BYTES = 256 * KIB
_FILLING_S = 0.5  # whoever copies on a slow line shows how far it is, and may be told to stop
_PROGRESS_BYTES = 64 * KIB  # less in one request is a drip, which must not hold a reader for ever
_LEAST_BYTES = MIB  # of one request: what is on its way when a player seeks elsewhere comes for nothing
_MOST_BYTES = 64 * MIB
_FIRST_BYTES = 8 * MIB  # from the start on; from the middle, the least


@contextmanager
def open_object(place: Place, key: str, *, start: int, stop: int | None) -> Iterator[Readable]:
    """Open [start, stop) of an object."""
    check_range(start, stop, key=key)
    place.awaken()
    reader = _Reader(place, key, start=start, stop=stop)
    try:
        reader.open()
        yield reader
    finally:
        reader.close()


@dataclass(slots=True)
class _Patience:
    """How long the storage has been waited for without getting anywhere. What its reader does meanwhile is no wait."""

    deadlines: Deadlines
    waited: float = 0.0
    failures: int = 0
    came: int = 0  # bytes, of the request that is under way
    opened: bool = False

    def passed(self, size: int, *, waited: float) -> None:
        """Note that some bytes came."""
        self.opened = True
        self.came += size
        self.waited += waited
        if self.came >= _PROGRESS_BYTES:
            self.waited, self.failures = 0.0, 0

    def failed(self, failure: StorageError, *, waited: float) -> None:
        """Wait before the next request; raise the failure when there is to be none."""
        wait = pause(self.failures)
        self.waited += waited + wait
        longest = self.deadlines.standstill if self.opened else self.deadlines.retry
        if not failure.retryable or self.waited > longest:
            raise failure
        time.sleep(wait)
        self.failures += 1
        self.came = 0


class _Reader:
    """A stream over requests. Its memory: one piece, and none when its reader brings a buffer."""

    def __init__(self, place: Place, key: str, *, start: int, stop: int | None) -> None:
        self._place = place
        self._key = key
        self._start = start
        self._stop = stop  # None: where the object ends, as soon as that is known
        self._position = start  # behind what has come
        self._step = _LEAST_BYTES if start else _FIRST_BYTES
        self._etag: str | None = None
        self._received: Received | None = None
        self._piece = b""  # what came before anybody asked for it
        self._patience = _Patience(place.deadlines)

    def open(self) -> None:
        """Fetch the first bytes; raise what keeps the object from being read."""
        if self._start == self._stop:
            range_of(self._object_size(), self._start, self._stop, key=self._key)
            return
        try:
            self._piece = self._next(_PIECE_BYTES)
        except InvalidRangeError:
            if self._start or self._object_size():
                raise
            self._stop = 0  # an empty object has no range

    def read(self, size: int = -1, /) -> bytes:
        if size < 0:
            return b"".join(iter(lambda: self.read(CHUNK_BYTES), b""))
        if not self._piece:
            return self._next(min(size, _PIECE_BYTES))
        piece, self._piece = self._piece[:size], self._piece[size:]
        return piece

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the buffer, unless that takes long, or the end comes first."""
        until = time.monotonic() + _FILLING_S
        came = len(self._piece[: len(buffer)])
        buffer[:came], self._piece = self._piece[:came], self._piece[came:]
        while came < len(buffer) and (more := self._next_into(buffer[came:])):
            came += more
            if time.monotonic() > until:
                break
        return came

    def close(self) -> None:
        """Ask for nothing more."""
        if self._received:
            self._received.answer.close()
            self._received = None

    def _next(self, size: int) -> bytes:
        """Return the bytes that come next, at most so many."""
        buffer = memoryview(bytearray(size))
        return bytes(buffer[: self._next_into(buffer)])

    def _next_into(self, buffer: memoryview) -> int:
        """Take the bytes that come next, and none at the end; raise when none come for too long."""
        while buffer and (self._stop is None or self._position < self._stop):
            began = time.monotonic()
            try:
                came = self._come(buffer)
            except StorageError as failure:
                self.close()
                self._step = max(self._step // 2, _LEAST_BYTES)
                self._patience.failed(failure, waited=time.monotonic() - began)
                continue
            if came:
                self._patience.passed(came, waited=time.monotonic() - began)
                return came
        return 0

    def _come(self, buffer: memoryview) -> int:
        """Take what comes of the request that is under way, or of a new one; nothing when it has ended."""
        try:
            self._received = received = self._received or self._ask()
            wanted = buffer[: received.stop - self._position]
            came = received.answer.read_into(wanted, seconds=self._place.deadlines.range)
        except provider_errors() as error:
            raise self._ours(error) from error
        self._position += came
        if self._position < received.stop and not came:
            raise UnavailableError(f"Reading {self._key}: the storage sent less than it announced", key=self._key)
        if self._position == received.stop:
            self.close()
            self._step = min(2 * self._step, _MOST_BYTES)
        return came

    def _ask(self) -> Received:
        stop = self._stop
        if stop is not None:
            stop = min(self._position + self._step, stop)
        elif self._position:
            stop = self._position + self._step
        received = receive(self._place, Asked(self._key, self._position, stop, self._etag))
        self._received = received  # closed with us, whatever comes
        self._etag = received.etag
        self._stop = range_of(received.object_size, self._start, self._stop, key=self._key)[1]
        return received

    def _ours(self, error: Exception) -> StorageError:
        if isinstance(error, StorageError):
            return error
        failure = self._place.error(error, f"Reading {self._key}", "s3:GetObject", key=self._key)
        if isinstance(failure, ObjectExistsError):  # If-Match was not met
            return IntegrityError(f"{self._key} was changed while it was read", key=self._key)
        return failure

    def _object_size(self) -> int:
        client = self._place.clients.client(self._place.deadlines.answer)
        path = self._place.path(self._key)
        answer = self._place.call(
            lambda: client.head_object(Bucket=self._place.bucket, Key=path),
            f"Reading {self._key}", "s3:GetObject", key=self._key,
        )  # fmt: skip
        return answer["ContentLength"]
