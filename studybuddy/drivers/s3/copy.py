"""Copies that a service of S3 makes within itself. obstore asks for them where it can: it needs a fifth of the time."""

from base64 import b64decode
from dataclasses import dataclass
from typing import Any

from studybuddy.drivers.driver import Written
from studybuddy.drivers.s3.bodies import COPY_PART_BYTES, SINGLE_COPY_BYTES
from studybuddy.drivers.s3.place import Place
from studybuddy.errors import ObjectExistsError, ObjectNotFoundError, UnsupportedError


@dataclass(frozen=True, slots=True)
class _Found:
    """What a storage says of an object."""

    size: int
    etag: str | None


def copy_object(source: Place, source_key: str, place: Place, key: str) -> Written:
    """Copy an object of the same service; only where it tells a checksum is the new one known to be whole."""
    if source.endpoint != place.endpoint:
        raise UnsupportedError("Only another bucket of the same service can be copied without reading it", key=key)
    original = _original(source, source_key)
    if _holds_copy(place, key, original):
        return Written(original.size, verified=False)
    if original.size > SINGLE_COPY_BYTES:
        _copy_in_parts(source, source_key, place, key)
    elif place.checksums or source.bucket != place.bucket:
        return Written(original.size, verified=False, sha256=_copy_by_boto3(source, source_key, place, key))
    else:
        _copy_by_obstore(source, source_key, place, key)
    return Written(original.size, verified=False)


def _original(source: Place, key: str) -> _Found:
    try:
        return _look(source, key)
    except ObjectNotFoundError:
        # A HEAD has no room to say whether it is the object or the bucket that is missing.
        source.expect_bucket()
        raise


def _look(place: Place, key: str) -> _Found:
    import obstore  # noqa: PLC0415

    def head() -> _Found:
        place.counter.count("head")
        meta = obstore.head(place.clients.store(place.deadlines.answer), place.path(key))
        return _Found(meta["size"], meta["e_tag"])

    return place.call(head, f"Looking for {key}", "s3:GetObject", key=key)


def _holds_copy(place: Place, key: str, original: _Found) -> bool:
    try:
        found = _look(place, key)
    except ObjectNotFoundError:
        return False
    if found != original:
        raise ObjectExistsError(f"The key {key} already holds other bytes", key=key)
    return True


def _copy_by_obstore(source: Place, source_key: str, place: Place, key: str) -> None:
    import obstore  # noqa: PLC0415

    def copy() -> None:
        place.counter.count("copy")
        obstore.copy(place.clients.store(place.deadlines.long), source.path(source_key), place.path(key))

    place.call(copy, f"Copying to {key}", "s3:PutObject", key=key)


def _copy_by_boto3(source: Place, source_key: str, place: Place, key: str) -> str | None:
    """Return the hex SHA-256 that the service computed of the copy, if it did."""
    client = place.clients.client(place.deadlines.long)
    options: dict[str, Any] = {"ChecksumAlgorithm": "SHA256"} if place.checksums else {}
    answer = place.call(
        lambda: client.copy_object(
            CopySource={"Bucket": source.bucket, "Key": source.path(source_key)},
            Bucket=place.bucket, Key=place.path(key), **options,
        ),
        f"Copying to {key}", "s3:PutObject", key=key,
    )  # fmt: skip
    told = answer["CopyObjectResult"].get("ChecksumSHA256", "")
    return b64decode(told).hex() if told and "-" not in told else None


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
