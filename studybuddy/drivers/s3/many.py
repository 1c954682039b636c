"""Many small objects at once: all are asked for before the first answer is waited for, by one thread."""

from collections import deque
from collections.abc import Generator, Sequence
from functools import partial
from io import BytesIO

from studybuddy.drivers.driver import Held, Written
from studybuddy.drivers.s3.connections import Patience
from studybuddy.drivers.s3.errors import provider_errors
from studybuddy.drivers.s3.place import Place
from studybuddy.drivers.s3.pulse import while_awake
from studybuddy.drivers.s3.signing import Request
from studybuddy.drivers.s3.wire import Asking
from studybuddy.drivers.s3.write import Writing, write_object
from studybuddy.errors import StudyBuddyError
from studybuddy.units import MIB

_MOST_BYTES = 8 * MIB  # more is no small object, whatever was expected


def write_many(place: Place, objects: Sequence[Held]) -> list[Written | StudyBuddyError]:
    """Write each; what does not succeed at once is written by itself, with all patience."""
    writings = [Writing.of(place, held.key, size=len(held.content), content_type=held.content_type) for held in objects]
    digests = [writing.digests(held.content, held.sha256) for writing, held in zip(writings, objects, strict=True)]
    requests = [writing.request(known) for writing, known in zip(writings, digests, strict=True)]
    etags = while_awake(place, partial(_put_all, place, requests, [held.content for held in objects]))
    return [
        _by_itself(place, held) if etag is None else writing.written(etag, known)
        for held, writing, known, etag in zip(objects, writings, digests, etags, strict=True)
    ]


def read_many(place: Place, keys: Sequence[str]) -> Generator[bytes | None, None, None]:
    """Yield each object's bytes; None where they did not come, and nothing more when the line is broken."""
    place.awaken()
    seconds = place.deadlines.range
    patience = Patience(answer=seconds, send=seconds)
    begun: deque[Asking] = deque()
    try:
        for key in keys:
            begun.append(place.clients.wire.begin(Request("GetObject", "GET", place.url_path(key)), patience=patience))
        while begun:
            yield _content(begun.popleft())
    except provider_errors():
        return
    finally:
        for asking in begun:
            asking.drop()


def _put_all(place: Place, requests: Sequence[Request], bodies: Sequence[bytes]) -> list[str | None]:
    """Return the ETag of each; None where it was not taken."""
    patience = Patience(answer=place.deadlines.body, send=place.deadlines.stall)
    begun = [_begun(place, *asked, patience) for asked in zip(requests, bodies, strict=True)]
    return [_etag(asking) for asking in begun]


def _begun(place: Place, request: Request, body: bytes, patience: Patience) -> Asking | None:
    try:
        return place.clients.wire.begin(request, body=memoryview(body), patience=patience)
    except provider_errors():
        return None


def _etag(asking: Asking | None) -> str | None:
    if asking is None:
        return None
    try:
        answer = asking.answer()
        answer.content()
    except provider_errors():
        return None
    return answer.headers.get("ETag", "")


def _by_itself(place: Place, held: Held) -> Written | StudyBuddyError:
    try:
        source, size = BytesIO(held.content), len(held.content)
        return write_object(place, held.key, source, size=size, content_type=held.content_type)
    except StudyBuddyError as error:
        return error


def _content(asking: Asking) -> bytes | None:
    from botocore.exceptions import ClientError  # noqa: PLC0415

    try:
        answer = asking.answer()
    except ClientError:
        return None
    if int(answer.headers.get("Content-Length", 0)) > _MOST_BYTES:
        answer.close()
        return None
    return answer.content()
