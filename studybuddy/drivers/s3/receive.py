"""One request for an object's bytes, which come when they are asked for."""

import re
from dataclasses import dataclass

from studybuddy.drivers.s3.connections import Patience
from studybuddy.drivers.s3.place import Place
from studybuddy.drivers.s3.signing import Request
from studybuddy.drivers.s3.wire import Answer
from studybuddy.errors import UnsupportedError

_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")


@dataclass(frozen=True, slots=True)
class Received:
    """What the storage says of an object, and the bytes [start, stop) of it on their way: read, or closed."""

    object_size: int
    etag: str | None
    stop: int  # may be more than come
    answer: Answer


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

    def headers(self) -> dict[str, str]:
        """Return what a request tells of it."""
        told = {"if-match": self.etag} if self.etag else {}
        if not self.is_whole:
            told["range"] = f"bytes={self.start}-{'' if self.stop is None else self.stop - 1}"
        return told


def receive(place: Place, asked: Asked) -> Received:
    """Ask once."""
    request = Request("GetObject", "GET", place.url_path(asked.key), headers=asked.headers())
    seconds = place.deadlines.range
    answer = place.clients.wire.ask(request, patience=Patience(answer=seconds, send=seconds))
    try:
        size = _object_size(asked, answer)
    except BaseException:
        answer.close()
        raise
    stop = size if asked.stop is None else min(asked.stop, size)
    return Received(size, answer.headers.get("ETag"), stop, answer)


def _object_size(asked: Asked, answer: Answer) -> int:
    """Return how large the whole object is; raise UnsupportedError when other bytes come than were asked for."""
    if asked.is_whole:
        return int(answer.headers["Content-Length"])
    # rclone sends the right range with the status of a whole object, so it is not the status that counts.
    told = _CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    if told is None or int(told[1]) != asked.start:
        raise UnsupportedError(f"{asked.key}: the storage gives no ranges of bytes", key=asked.key)
    return int(told[2])
