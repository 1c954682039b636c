"""Writing to S3: one PUT up to 64 MiB, parts above; never over other bytes; nothing left of what failed."""

import hashlib
import logging
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Self, TypeVar
from urllib.parse import quote

from studybuddy.drivers.driver import Written
from studybuddy.drivers.s3.bodies import MD5, Digests, expect_end, md5_of, md5_of_next, part_bytes, read_body
from studybuddy.drivers.s3.connections import Patience
from studybuddy.drivers.s3.place import Place, SilentError
from studybuddy.drivers.s3.pulse import while_awake
from studybuddy.drivers.s3.read import open_object
from studybuddy.drivers.s3.rooms import ROOMS
from studybuddy.drivers.s3.signing import Request
from studybuddy.errors import ObjectExistsError, ObjectNotFoundError, UnavailableError, UnsupportedError
from studybuddy.streams import HashingReader, Readable
from studybuddy.units import MIB

_SMALL_BYTES = 8 * MIB  # taken so soon that nobody need watch whether the storage is still there
_PARTS_AT_ONCE = 4
_HEADER_CHARACTERS = "".join(chr(code) for code in range(0x20, 0x7F))
T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Writing:
    """One object on its way."""

    place: Place
    key: str
    size: int
    content_type: str
    step: int  # of the parts
    checked: bool  # the storage takes no body that is not the one that was signed

    @classmethod
    def of(cls, place: Place, key: str, *, size: int, content_type: str) -> Self:
        """Begin with what has to be known of the place first; raise UnavailableError when it is not there."""
        place.awaken(to_write=True)
        place.learn_whether_bodies_are_checked()
        # A header holds no other characters.
        content_type = quote(content_type, safe=_HEADER_CHARACTERS)
        return cls(place, key, size, content_type, part_bytes(size), checked=place.checks_bodies)

    def digests(self, body: bytes | memoryview, sha256: str) -> Digests:
        """Return the hashes of the whole body, of which the hex SHA-256 is known."""
        return Digests(md5_of(memoryview(body)) if self.place.etag_is_md5 else None, bytes.fromhex(sha256))

    def request(self, digests: Digests) -> Request:
        """Return what asks the storage to take the whole body."""
        headers = {"content-type": self.content_type, **self._checksum(digests)}
        if self.place.conditional:
            headers["if-none-match"] = "*"
        return Request("PutObject", "PUT", self._path, headers=headers, sha256=digests.signed())

    def written(self, etag: str, digests: Digests) -> Written:
        """Return what is known of the object by the storage's answer."""
        self._learn(etag)
        md5_is_right = digests.md5 is not None and etag.strip('"') == digests.md5.hex()
        return Written(self.size, verified=self.checked or md5_is_right or self._has_checksum(digests))

    def write(self, source: Readable) -> Written:
        """Write it in one go."""
        with ROOMS.holding(self.size) as room:
            body = room.view
            read_body(source, body, key=self.key)
            expect_end(source, key=self.key)
            # What was hashed as it was read need not be hashed again.
            known = source.sha256 if isinstance(source, HashingReader) else hashlib.sha256(body).hexdigest()
            digests = self.digests(body, known)
            try:
                etag = self._send(partial(self._ship, self.request(digests), body))
            except ObjectExistsError:
                # After a lost answer this refuses our own bytes.
                md5 = md5_of(body)
                if self._holds([md5], {md5.hex()}, part=max(self.size, 1)):
                    return Written(self.size, verified=True)
                raise
        return self.written(etag, digests)

    def _ship(self, request: Request, body: memoryview, attempt: int) -> str:
        """Send a body once; return the ETag."""
        deadlines = self.place.deadlines
        ask = partial(self.place.clients.wire.ask, request, body=body)
        if len(body) <= _SMALL_BYTES:
            seconds = deadlines.first * 4**attempt
            answer = ask(patience=Patience(answer=seconds, send=seconds))
        else:
            patience = Patience(answer=deadlines.body, send=deadlines.stall)
            answer = while_awake(self.place, lambda: ask(patience=patience))
        answer.content()
        return answer.headers.get("ETag", "")

    def _send(self, put: Callable[[int], T]) -> T:
        """Send a body; a stalled connection is not the end as long as the storage answers at all."""
        attempt = 0
        while True:
            try:
                return self._call(partial(put, attempt), seconds=self.place.deadlines.answer)
            except SilentError:
                raise
            except UnavailableError:
                attempt += 1
                if attempt == self.place.deadlines.attempts:
                    raise
                self.place.forget_answer()
                self.place.awaken(seconds=0)
            except UnsupportedError:
                if not self.place.conditional:
                    raise
                self.place.conditional = False

    def _holds(self, md5s: list[bytes], proofs: set[str], *, part: int) -> bool:
        """Tell whether the key holds our bytes: by its ETag, or else by reading it."""
        client = self.place.clients.client(self.place.deadlines.answer)
        try:
            found = self._look(lambda: client.head_object(**self._named()))
            if found["ContentLength"] != self.size:
                return False
            if found["ETag"].strip('"') in proofs:
                return True
            with open_object(self.place, self.key, start=0, stop=None) as stream:
                return all(md5_of_next(stream, part) == md5 for md5 in md5s)
        except ObjectNotFoundError:
            return False

    def _checksum(self, digests: Digests) -> dict[str, str]:
        return digests.checksum() if self.place.checksums else {}

    def _learn(self, etag: str) -> None:
        """Note that the storage's ETags cannot be MD5s, so that none is computed in vain."""
        if not MD5.fullmatch(etag.strip('"')):
            self.place.etag_is_md5 = False

    def _has_checksum(self, digests: Digests) -> bool:
        """Ask a storage that takes checksums which one it has computed."""
        if digests.sha256 is None or not self.place.checksums:
            return False
        client = self.place.clients.client(self.place.deadlines.answer)
        answer = self._look(lambda: client.head_object(**self._named(), ChecksumMode="ENABLED"))
        return answer.get("ChecksumSHA256") == b64encode(digests.sha256).decode()

    @property
    def _path(self) -> str:
        return self.place.url_path(self.key)

    def _named(self) -> dict[str, Any]:
        return {"Bucket": self.place.bucket, "Key": self.place.path(self.key)}

    def _look(self, call: Callable[[], T]) -> T:
        return self.place.call(call, f"Looking at {self.key}", "s3:GetObject", key=self.key)

    def _call(self, call: Callable[[], T], *, seconds: float | None = None) -> T:
        return self.place.call(call, f"Writing {self.key}", "s3:PutObject", key=self.key, seconds=seconds)
