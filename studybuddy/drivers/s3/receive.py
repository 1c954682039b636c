"""One request for an object's bytes, which come when they are asked for."""

import re
import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studybuddy.drivers.s3.place import Place
from studybuddy.errors import UnavailableError, UnsupportedError
from studybuddy.units import KIB

if TYPE_CHECKING:
    from obstore import BytesStream, GetOptions

_CHUNK_BYTES = 256 * KIB
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")

Pieces = Generator[memoryview, None, None]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the storage says of an object, and the bytes [start, stop) of it on their way: read, or closed."""

    object_size: int
    etag: str | None
    stop: int  # may be more than come
    pieces: Pieces


@dataclass(frozen=True, slots=True)
class Asked:
    """The bytes [start, stop) of an object; without a `stop`, all from `start` on."""

    key: str
    start: int
    stop: int | None
    etag: str | None = None  # of the object whose bytes are wanted

    @property
    def is_whole(self) -> bool:
        return not self.start and self.stop is None  # an empty object has no range

    def answered(self, object_size: int, etag: str | None, pieces: Pieces) -> Answer:
        stop = object_size if self.stop is None else min(self.stop, object_size)
        return Answer(object_size, etag, stop, pieces)


def receive(place: Place, asked: Asked) -> Answer:
    """Ask once."""
    if place.plain_ranges:
        return _receive_by_boto3(place, asked)
    try:
        return _receive_by_obstore(place, asked)
    except Exception as error:
        # rclone sends the right bytes with the status 200 instead of 206, and obstore drops them.
        if "NotPartial" not in str(error):
            raise
        place.plain_ranges = True
        return _receive_by_boto3(place, asked)


def _receive_by_obstore(place: Place, asked: Asked) -> Answer:
    import obstore  # noqa: PLC0415

    options: GetOptions = {}
    if asked.stop is not None:
        options["range"] = (asked.start, asked.stop)
    elif asked.start:
        options["range"] = {"offset": asked.start}
    if asked.etag:
        options["if_match"] = asked.etag
    store = place.clients.store(place.deadlines.range)
    place.counter.count("get")
    result = obstore.get(store, place.path(asked.key), options=options)
    meta = result.meta
    first, last = result.range
    # In one step where that is enough: a stream needs four.
    pieces = (
        _whole(memoryview(result.bytes())) if last - first <= _CHUNK_BYTES else _streamed(result.stream(_CHUNK_BYTES))
    )
    return asked.answered(meta["size"], meta["e_tag"], pieces)


def _whole(piece: memoryview) -> Pieces:
    yield piece


def _streamed(stream: "BytesStream") -> Pieces:
    for chunk in stream:
        yield memoryview(chunk)


def _receive_by_boto3(place: Place, asked: Asked) -> Answer:
    options: dict[str, Any] = {"IfMatch": asked.etag} if asked.etag else {}
    if not asked.is_whole:
        options["Range"] = f"bytes={asked.start}-{'' if asked.stop is None else asked.stop - 1}"
    give_up = time.monotonic() + place.deadlines.range
    client = place.clients.client(place.deadlines.range)
    answer = client.get_object(Bucket=place.bucket, Key=place.path(asked.key), **options)
    size = answer["ContentLength"]
    if "Range" in options:
        told = _CONTENT_RANGE.fullmatch(answer.get("ContentRange", ""))
        if told is None or int(told[1]) != asked.start:
            answer["Body"].close()
            raise UnsupportedError(f"{asked.key}: the storage gives no ranges of bytes", key=asked.key)
        size = int(told[2])
    # `StreamingBody.read` waits for all that it is asked for, so bytes that drip would hold it for ever.
    raw = answer["Body"]._raw_stream  # type: ignore[attr-defined]
    return asked.answered(size, answer["ETag"], _dripping(raw, asked.key, answer["ContentLength"], give_up))


def _dripping(stream: Any, key: str, size: int, give_up: float) -> Pieces:
    try:
        while size > 0 and (piece := stream.read1(_CHUNK_BYTES)):
            size -= len(piece)
            yield memoryview(piece)
            if size and time.monotonic() > give_up:
                raise UnavailableError(f"Reading {key}: the storage is too slow", key=key)
    finally:
        if size:
            stream.close()
        stream.release_conn()
