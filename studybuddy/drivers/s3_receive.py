"""One request for a range of an object's bytes."""

import re
import threading
import time
from dataclasses import dataclass
from mmap import mmap
from typing import TYPE_CHECKING, Any

from studybuddy.drivers.s3_bodies import memory
from studybuddy.drivers.s3_place import Place
from studybuddy.errors import UnavailableError, UnsupportedError
from studybuddy.units import KIB

if TYPE_CHECKING:
    from obstore import GetOptions

_CHUNK_BYTES = 256 * KIB
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")


@dataclass(slots=True)
class Range:
    """A range that is wanted, what has come of it, and what the storage said of the whole object."""

    key: str
    start: int
    stop: int
    to_the_end: bool  # nobody knows yet where the object ends, and all of it is wanted
    etag: str | None = None  # of the object whose bytes these are
    object_size: int | None = None
    _memory: mmap | None = None  # made when it is known how much comes

    @property
    def data(self) -> memoryview:
        """What has come."""
        return memoryview(self._memory)[: self._memory.tell()] if self._memory else memoryview(b"")

    @property
    def offset(self) -> int:
        """The first byte that is missing."""
        return self.start + (self._memory.tell() if self._memory else 0)

    @property
    def complete(self) -> bool:
        return self.object_size is not None and self.offset >= min(self.stop, self.object_size)

    def add(self, piece: bytes | memoryview) -> None:
        """Append what came, not more than is wanted."""
        if self._memory is None:
            self._memory = memory(min(self.stop, self.object_size or self.stop) - self.start)
        self._memory.write(memoryview(piece)[: self.stop - self.offset])


def receive(place: Place, wanted: Range, closed: threading.Event) -> None:
    """Ask once for what is missing of a range; what comes before an error is kept."""
    before = wanted.offset
    try:
        _receive(place, wanted, closed)
    finally:
        place.counter.count("received", wanted.offset - before)


def _receive(place: Place, wanted: Range, closed: threading.Event) -> None:
    if place.plain_ranges:
        _receive_by_boto3(place, wanted, closed)
        return
    try:
        _receive_by_obstore(place, wanted, closed)
    except Exception as error:
        # rclone sends the right bytes with the status 200 instead of 206, and obstore drops them.
        if "NotPartial" not in str(error):
            raise
        place.plain_ranges = True
        _receive_by_boto3(place, wanted, closed)


def _receive_by_obstore(place: Place, wanted: Range, closed: threading.Event) -> None:
    import obstore  # noqa: PLC0415

    options: GetOptions = {}
    if wanted.offset or not wanted.to_the_end:  # an empty object has no range
        options["range"] = (wanted.offset, wanted.stop)
    if wanted.etag:
        options["if_match"] = wanted.etag
    store = place.clients.store(place.deadlines.range)
    place.counter.count("get")
    result = obstore.get(store, place.path(wanted.key), options=options)
    wanted.object_size, wanted.etag = result.meta["size"], result.meta["e_tag"]
    if wanted.object_size - wanted.offset <= _CHUNK_BYTES:
        wanted.add(memoryview(result.bytes()))  # in one step: a stream needs four
        return
    for chunk in result.stream(_CHUNK_BYTES):
        wanted.add(memoryview(chunk))
        if wanted.complete or closed.is_set():
            return


def _receive_by_boto3(place: Place, wanted: Range, closed: threading.Event) -> None:
    options: dict[str, Any] = {"IfMatch": wanted.etag} if wanted.etag else {}
    offset = wanted.offset
    if offset or not wanted.to_the_end:
        options["Range"] = f"bytes={offset}-{wanted.stop - 1}"
    give_up = time.monotonic() + place.deadlines.range
    client = place.clients.client(place.deadlines.range)
    answer = client.get_object(Bucket=place.bucket, Key=place.path(wanted.key), **options)
    wanted.object_size, wanted.etag = answer["ContentLength"], answer["ETag"]
    if "Range" in options:
        told = _CONTENT_RANGE.fullmatch(answer.get("ContentRange", ""))
        if told is None or int(told[1]) != offset:
            answer["Body"].close()
            raise UnsupportedError(f"{wanted.key}: the storage gives no ranges of bytes", key=wanted.key)
        wanted.object_size = int(told[2])
    # `StreamingBody.read` waits for all that it is asked for, so bytes that drip would hold it for ever.
    stream = answer["Body"]._raw_stream  # type: ignore[attr-defined]
    try:
        while not wanted.complete and not closed.is_set() and (piece := stream.read1(_CHUNK_BYTES)):
            wanted.add(piece)
            if time.monotonic() > give_up:
                raise UnavailableError(f"Reading {wanted.key}: the storage is too slow", key=wanted.key)
    finally:
        if not wanted.complete:
            stream.close()
        stream.release_conn()
