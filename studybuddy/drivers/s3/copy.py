"""Copies that a service of S3 makes within itself."""

import re
from base64 import b64decode
from dataclasses import dataclass

from studybuddy.drivers.driver import CopyOf, Written
from studybuddy.drivers.s3.bodies import COPY_PART_BYTES, SINGLE_COPY_BYTES
from studybuddy.drivers.s3.connections import Patience
from studybuddy.drivers.s3.place import Place
from studybuddy.drivers.s3.signing import Request, encoded_path
from studybuddy.drivers.s3.wire import Answer, refused
from studybuddy.errors import (
    ObjectExistsError,
    ObjectNotFoundError,
    PermissionDeniedError,
    StorageError,
    UnavailableError,
    UnsupportedError,
)

_FAILED = re.compile(rb"<Error[\s>]")
_CHECKSUM = re.compile(rb"<ChecksumSHA256>([\w+/]+=*)</")  # with a number of parts behind it, it is not of the whole


@dataclass(frozen=True, slots=True)
class _Found:
    """What a storage says of an object."""

    size: int
    etag: str | None


def copy_object(source: Place, place: Place, wanted: CopyOf) -> Written:
    """Copy an object of the same service; only where it tells a checksum is the new one known to be whole."""
    source_key, key, size = wanted.source_key, wanted.key, wanted.size
    if source.endpoint != place.endpoint:
        raise UnsupportedError("Only another bucket of the same service can be copied without reading it", key=key)
    if _holds_copy(place, key, source, source_key):
        return Written(size, verified=False)
    if size > SINGLE_COPY_BYTES:
        _copy_in_parts(source, source_key, place, key)
        return Written(size, verified=False)
    return Written(size, verified=False, sha256=_copy_at_once(source, place, wanted))


def request_for(source: Place, place: Place, wanted: CopyOf, *, checksum: bool) -> Request:
    """Return what asks for a copy in one go, and for the checksum of what is made."""
    headers = {"x-amz-copy-source": encoded_path(f"{source.bucket}/{source.path(wanted.source_key)}")}
    if checksum:
        headers["x-amz-checksum-algorithm"] = "SHA256"
    return Request("CopyObject", "PUT", place.url_path(wanted.key), headers=headers)


def sha256_told(answer: Answer) -> str | None:
    """Return the hex SHA-256 that the service computed of a copy, if it did; raise botocore's error if it failed."""
    content = answer.content()
    if _FAILED.search(content):  # it may fail after it began to answer
        raise refused("CopyObject", 500, answer.headers, content)
    told = _CHECKSUM.search(content)
    return b64decode(told[1]).hex() if told else None


def _original(source: Place, key: str) -> _Found:
    try:
        return _look(source, key)
    except ObjectNotFoundError:
        # A HEAD has no room to say whether it is the object or the bucket that is missing.
        source.expect_bucket()
        raise


def _look(place: Place, key: str) -> _Found:
    request = Request("HeadObject", "HEAD", place.url_path(key))

    def head() -> _Found:
        answer = _ask(place, request, seconds=place.deadlines.answer)
        answer.content()
        return _Found(int(answer.headers["Content-Length"]), answer.headers.get("ETag"))

    return place.call(head, f"Looking for {key}", "s3:GetObject", key=key)


def _holds_copy(place: Place, key: str, source: Place, source_key: str) -> bool:
    try:
        found = _look(place, key)
    except ObjectNotFoundError:
        return False
    if found != _original(source, source_key):
        raise ObjectExistsError(f"The key {key} already holds other bytes", key=key)
    return True


def _copy_at_once(source: Place, place: Place, wanted: CopyOf) -> str | None:
    """Return the hex SHA-256 that the service computed of the copy, if it did; ask for it until it is refused."""
    try:
        return _copy(place, request_for(source, place, wanted, checksum=place.copies_tell_checksums), wanted.key)
    except (UnavailableError, PermissionDeniedError, ObjectNotFoundError, ObjectExistsError):
        raise
    except StorageError:
        _original(source, wanted.source_key)  # without a code, an answer does not tell what is missing
        if not place.copies_tell_checksums:
            raise
    told = _copy(place, request_for(source, place, wanted, checksum=False), wanted.key)
    place.copies_tell_checksums = False  # only now: something else might have been wrong
    return told


def _copy(place: Place, request: Request, key: str) -> str | None:
    def copy() -> str | None:
        return sha256_told(_ask(place, request, seconds=place.deadlines.long))

    return place.call(copy, f"Copying to {key}", "s3:PutObject", key=key)


def _ask(place: Place, request: Request, *, seconds: float) -> Answer:
    return place.clients.wire.ask(request, patience=Patience(answer=seconds, send=seconds))


def _copy_in_parts(source: Place, source_key: str, place: Place, key: str) -> None:
    from boto3.s3.transfer import TransferConfig  # noqa: PLC0415

    client = place.clients.client(place.deadlines.long)
    place.call(
        lambda: client.copy(
            {"Bucket": source.bucket, "Key": source.path(source_key)}, place.bucket, place.path(key),
            SourceClient=source.clients.client(source.deadlines.answer),
            Config=TransferConfig(multipart_threshold=SINGLE_COPY_BYTES, multipart_chunksize=COPY_PART_BYTES),
        ),
        f"Copying to {key}", "s3:PutObject", key=key,
    )  # fmt: skip
