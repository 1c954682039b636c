"""Bodies on their way to S3: read from their source, and hashed."""

import hashlib
import re
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studybuddy.drivers.s3.signing import UNSIGNED
from studybuddy.errors import IntegrityError
from studybuddy.streams import CHUNK_BYTES, Readable, read_into
from studybuddy.units import GIB, KIB, MIB

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

SINGLE_BYTES = 64 * MIB  # larger objects go in parts
PART_BYTES = 8 * MIB
MAX_PARTS = 10_000
SINGLE_COPY_BYTES = 5 * GIB  # from here on the provider copies in parts
COPY_PART_BYTES = 512 * MIB
MD5 = re.compile("[0-9a-f]{32}")  # what an ETag looks like that may be one
_PIECE_BYTES = 256 * KIB


@dataclass(frozen=True, slots=True)
class Digests:
    """The hashes of one body that storages use, as raw bytes; None: this storage uses it not."""

    md5: bytes | None
    sha256: bytes | None

    @classmethod
    def of(cls, body: memoryview, *, md5: bool, sha256: bool) -> "Digests":
        return cls(md5_of(body) if md5 else None, hashlib.sha256(body).digest() if sha256 else None)

    def signed(self) -> str:
        """Return what the signature of a request with this body covers of it."""
        return self.sha256.hex() if self.sha256 else UNSIGNED

    def checksum(self) -> dict[str, str]:
        """Return the header that tells the body's checksum."""
        return {"x-amz-checksum-sha256": b64encode(self.sha256).decode()} if self.sha256 else {}


@dataclass(frozen=True, slots=True)
class Part:
    """One part that the storage has taken."""

    number: int
    etag: str
    digests: Digests

    def completed(self) -> "CompletedPartTypeDef":
        named: CompletedPartTypeDef = {"PartNumber": self.number, "ETag": self.etag}
        if self.digests.sha256:
            named["ChecksumSHA256"] = b64encode(self.digests.sha256).decode()
        return named


def md5_of(body: memoryview) -> bytes:
    """Return the MD5 of a body."""
    return hashlib.md5(body, usedforsecurity=False).digest()


def md5_of_next(stream: Readable, size: int) -> bytes:
    """Return the MD5 of the next `size` bytes of a stream."""
    found = hashlib.md5(usedforsecurity=False)
    while size and (piece := stream.read(min(size, MIB))):
        found.update(piece)
        size -= len(piece)
    return found.digest()


def part_bytes(size: int) -> int:
    """Return how large an object's parts are, so that there are never too many."""
    least = -(-size // MAX_PARTS)
    return max(PART_BYTES, -(-least // MIB) * MIB)


def read_body(source: Readable, body: memoryview, *, key: str) -> None:
    """Fill a body."""
    come, size = 0, len(body)
    # In pieces that the processor still holds when they are hashed.
    while come < size and (more := read_into(source, body[come : min(come + _PIECE_BYTES, size)])):
        come += more
    if come != size:
        raise IntegrityError(f"{key}: the source ended {size - come} bytes before its announced end", key=key)


def expect_end(source: Readable, *, key: str) -> None:
    """Raise IntegrityError when a source holds more; a HashingReader checks itself here, too."""
    if source.read(CHUNK_BYTES):
        raise IntegrityError(f"{key}: the source holds more bytes than were announced", key=key)


def etags(parts: list[Digests], whole_md5: bytes | None) -> set[str]:
    """Return the ETags that prove that these bytes are stored: the MD5 of the whole, and AWS's form for parts."""
    proofs = {whole_md5.hex()} if whole_md5 else set()
    known = [part.md5 for part in parts if part.md5]
    if len(known) == len(parts):
        proofs.add(f"{hashlib.md5(b''.join(known), usedforsecurity=False).hexdigest()}-{len(parts)}")
    return proofs


def composite_sha256(parts: list[Digests]) -> str:
    """Return AWS's checksum of an object in parts: a hash of hashes."""
    joined = hashlib.sha256(b"".join(part.sha256 or b"" for part in parts)).digest()
    return f"{b64encode(joined).decode()}-{len(parts)}"
