"""Many small objects at once: all are asked for before the first answer is waited for, by one thread."""

from collections import deque
from collections.abc import Generator, Sequence
from functools import partial
from io import BytesIO

from studybuddy.drivers.driver import CopyOf, Held, Written
from studybuddy.drivers.s3.connections import Patience
from studybuddy.drivers.s3.copy import copy_object, request_for, sha256_told
from studybuddy.drivers.s3.errors import provider_errors, told
from studybuddy.drivers.s3.place import Place
from studybuddy.drivers.s3.pulse import while_awake
from studybuddy.drivers.s3.signing import Request
from studybuddy.drivers.s3.wire import Asking
from studybuddy.drivers.s3.write import write_object
from studybuddy.drivers.s3.writing import Writing
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


def copy_many(source: Place, place: Place, copies: Sequence[CopyOf]) -> list[Written | StudyBuddyError]:
    """Copy each within the service; what does not succeed at once is copied by itself, with all patience."""
    place.awaken(to_write=True)
    made = while_awake(place, partial(_copy_all, source, place, copies))
    return [one or _copied_by_itself(source, place, wanted) for wanted, one in zip(copies, made, strict=True)]


def _copy_all(source: Place, place: Place, copies: Sequence[CopyOf]) -> list[Written | None]:
    """Return what is known of each; None where no copy was made."""
    seconds = place.deadlines.answer
    look = Patience(answer=seconds, send=seconds)
    looks = {
        one.key: _begun(place, Request("HeadObject", "HEAD", place.url_path(one.key)), look)
        for one in copies
        if not one.is_new
    }
    free = {key: _is_missing(looking) for key, looking in looks.items()}
    patience = Patience(answer=place.deadlines.body, send=seconds)
    begun = [
        _begun(place, request_for(source, place, one, checksum=place.copies_tell_checksums), patience)
        if one.is_new or free[one.key]
        else None
        for one in copies
    ]
    return [_made(asking, one) for asking, one in zip(begun, copies, strict=True)]


def _put_all(place: Place, requests: Sequence[Request], bodies: Sequence[bytes]) -> list[str | None]:
    """Return the ETag of each; None where it was not taken."""
    patience = Patience(answer=place.deadlines.body, send=place.deadlines.stall)
    begun = [_begun(place, request, patience, body) for request, body in zip(requests, bodies, strict=True)]
    return [_etag(asking) for asking in begun]


def _begun(place: Place, request: Request, patience: Patience, body: bytes = b"") -> Asking | None:
    try:
        return place.clients.wire.begin(request, body=memoryview(body), patience=patience)
    except provider_errors():
        return None


def _is_missing(asking: Asking | None) -> bool:
    """Tell whether the answer is plainly that there is no such object."""
    try:
        if asking:
            asking.answer().content()
    except provider_errors() as error:
        return told(error)[1] == 404
    return False


def _made(asking: Asking | None, wanted: CopyOf) -> Written | None:
    if asking is None:
        return None
    try:
        return Written(wanted.size, verified=False, sha256=sha256_told(asking.answer()))
    except provider_errors():
        return None


def _copied_by_itself(source: Place, place: Place, wanted: CopyOf) -> Written | StudyBuddyError:
    try:
        return copy_object(source, place, wanted)
    except StudyBuddyError as error:
        return error


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
