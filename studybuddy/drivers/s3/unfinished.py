"""Objects whose parts are not joined yet: S3 keeps what came of them, unseen, until they are joined or dropped."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import takewhile

from studybuddy.drivers.s3.bodies import MD5, Digests, Part
from studybuddy.drivers.s3.place import Place


@dataclass(frozen=True, slots=True)
class Taken:
    """A part that the storage has."""

    size: int  # in bytes
    etag: str
    checksum: str | None  # its SHA-256 in base64, where the storage keeps it

    @property
    def is_known(self) -> bool:
        """Whether what the storage tells of it may show which bytes it holds."""
        return self.checksum is not None or bool(MD5.fullmatch(self.etag.strip('"')))

    def holds(self, digests: Digests) -> bool:
        """Tell whether it surely holds the bytes of these hashes."""
        same_md5 = digests.md5 is not None and self.etag.strip('"') == digests.md5.hex()
        return same_md5 or (digests.sha256 is not None and self.checksum == b64encode(digests.sha256).decode())


@dataclass(frozen=True, slots=True)
class Begun:
    """An object that was begun, and its parts by their numbers."""

    upload_id: str
    parts: Mapping[int, Taken] = field(default_factory=dict)

    @property
    def held(self) -> int:
        """How many of its first bytes are there, and need not be sent again."""
        numbers = takewhile(self._is_known, range(1, len(self.parts) + 1))
        return sum(self.parts[number].size for number in numbers)

    def part(self, number: int, digests: Digests, *, size: int) -> Part | None:
        """Return a part that need not be sent again: the storage has it, of these bytes."""
        taken = self.parts.get(number)
        return Part(number, taken.etag, digests) if taken and taken.size == size and taken.holds(digests) else None

    def _is_known(self, number: int) -> bool:
        return number in self.parts and self.parts[number].is_known


def find(place: Place, key: str) -> Begun | None:
    """Return what was begun of a key; of several, what is furthest, and the others are dropped."""
    begun = [Begun(upload_id, _parts(place, key, upload_id)) for upload_id in _upload_ids(place, key)]
    begun.sort(key=lambda one: one.held)
    for one in begun[:-1]:  # an answer was lost, and the request repeated
        _drop(place, key, one.upload_id)
    return begun[-1] if begun else None


def drop(place: Place, key: str) -> None:
    """Drop the parts that were sent of a key and never joined."""
    for upload_id in _upload_ids(place, key):
        _drop(place, key, upload_id)


def _drop(place: Place, key: str, upload_id: str) -> None:
    client = place.clients.client(place.deadlines.answer)
    place.call(
        lambda: client.abort_multipart_upload(Bucket=place.bucket, Key=place.path(key), UploadId=upload_id),
        f"Dropping what was sent of {key}", "s3:AbortMultipartUpload", key=key,
    )  # fmt: skip


def _upload_ids(place: Place, key: str) -> list[str]:
    client = place.clients.client(place.deadlines.answer)
    path = place.path(key)

    def ask() -> list[str]:
        try:
            found = client.list_multipart_uploads(Bucket=place.bucket, Prefix=path)
        except client.exceptions.NoSuchUpload:  # rclone's way to say: none
            return []
        return [upload["UploadId"] for upload in found.get("Uploads", []) if upload["Key"] == path]

    return place.call(ask, f"Looking for parts of {key}", "s3:ListBucketMultipartUploads", key=key)


def _parts(place: Place, key: str, upload_id: str) -> dict[int, Taken]:
    client = place.clients.client(place.deadlines.answer)
    pages = client.get_paginator("list_parts")

    def ask() -> dict[int, Taken]:
        asked = pages.paginate(Bucket=place.bucket, Key=place.path(key), UploadId=upload_id)
        return {
            part["PartNumber"]: Taken(part["Size"], part["ETag"], part.get("ChecksumSHA256"))
            for page in asked
            for part in page.get("Parts", [])
        }

    return place.call(ask, f"Looking for parts of {key}", "s3:ListMultipartUploadParts", key=key)
