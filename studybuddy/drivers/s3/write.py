"""Writing to S3: one PUT up to 64 MiB, parts above; never over other bytes; nothing left of what failed."""

import hashlib
import logging
import re
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from studybuddy.drivers.driver import Written
from studybuddy.drivers.s3.bodies import (
    SINGLE_BYTES,
    Digests,
    Part,
    composite_sha256,
    etags,
    expect_end,
    md5_of,
    md5_of_next,
    part_bytes,
    read_body,
)
from studybuddy.drivers.s3.connections import Patience
from studybuddy.drivers.s3.place import Place, SilentError
from studybuddy.drivers.s3.pulse import while_awake
from studybuddy.drivers.s3.read import open_object
from studybuddy.drivers.s3.rooms import ROOMS, Room
from studybuddy.drivers.s3.signing import Request
from studybuddy.errors import ObjectExistsError, ObjectNotFoundError, StorageError, UnavailableError, UnsupportedError
from studybuddy.streams import HashingReader, Readable
from studybuddy.units import MIB

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedMultipartUploadTypeDef

_SMALL_BYTES = 8 * MIB  # taken so soon that nobody need watch whether the storage is still there
_PARTS_AT_ONCE = 4
_HEADER_CHARACTERS = "".join(chr(code) for code in range(0x20, 0x7F))
_MD5 = re.compile("[0-9a-f]{32}")
T = TypeVar("T")
log = logging.getLogger(__name__)


def write_object(place: Place, key: str, source: Readable, *, size: int, content_type: str) -> Written:
    """Write `size` bytes of `source` to `key`."""
    writing = Writing.of(place, key, size=size, content_type=content_type)
    return writing.single(source) if size <= SINGLE_BYTES else writing.in_parts(source)


def write_in_parts(place: Place, key: str, source: Readable, *, size: int, step: int) -> Written:
    """Write in parts of `step` bytes, however small the object is: to see whether it can be done."""
    return Writing(place, key, size, "application/octet-stream", step, checked=False).in_parts(source)


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
    def of(cls, place: Place, key: str, *, size: int, content_type: str) -> "Writing":
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

    def single(self, source: Readable) -> Written:
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

    def in_parts(self, source: Readable) -> Written:
        upload_id = self._begin()
        try:
            parts, whole_md5 = self._send_parts(source, upload_id)
            return self._join(upload_id, parts, whole_md5)
        except SilentError:
            raise  # it would not hear that its parts can go; the bucket's lifecycle rule has to drop them
        except BaseException:
            self._drop(upload_id)
            raise

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

    def _begin(self) -> str:
        options: dict[str, Any] = {"ChecksumAlgorithm": "SHA256"} if self.place.checksums else {}
        client = self.place.clients.client(self.place.deadlines.body)
        answer = self._call(
            lambda: while_awake(
                self.place,
                lambda: client.create_multipart_upload(**self._named(), ContentType=self.content_type, **options),
            )
        )
        return answer["UploadId"]

    def _send_parts(self, source: Readable, upload_id: str) -> tuple[list[Part], bytes | None]:
        # Few storages give the MD5 of the whole as the ETag.
        whole = hashlib.md5(usedforsecurity=False) if self.place.whole_etag_is_md5 else None
        step, sent = self.step, 0
        futures: list[Future[Part]] = []
        with ThreadPoolExecutor(_PARTS_AT_ONCE, thread_name_prefix="s3-write") as pool:
            try:
                while sent < self.size:
                    room = ROOMS.take(min(step, self.size - sent))
                    try:
                        read_body(source, room.view, key=self.key)
                        if whole:
                            whole.update(room.view)
                        future = pool.submit(self._send_part, room.view, len(futures) + 1, upload_id)
                    except BaseException:
                        ROOMS.give_back(room, again=False)
                        raise
                    future.add_done_callback(partial(_leave, room))
                    futures.append(future)
                    sent += room.size
                    _let_pass(futures)
                expect_end(source, key=self.key)
                return [future.result() for future in futures], whole.digest() if whole else None
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _send_part(self, body: memoryview, number: int, upload_id: str) -> Part:
        digests = self._part_digests(body)
        query = {"partNumber": str(number), "uploadId": upload_id}
        headers = self._checksum(digests)
        request = Request("UploadPart", "PUT", self._path, query=query, headers=headers, sha256=digests.signed())
        etag = self._send(partial(self._ship, request, body))
        self._learn(etag)
        return Part(number, etag, digests)

    def _join(self, upload_id: str, parts: list[Part], whole_md5: bytes | None) -> Written:
        client = self.place.clients.client(self.place.deadlines.long)
        digests = [part.digests for part in parts]
        proofs = etags(digests, whole_md5)

        def join(_: int) -> tuple[str, str]:
            options: dict[str, Any] = {"IfNoneMatch": "*"} if self.place.conditional else {}
            named = {**self._named(), **options, "UploadId": upload_id}
            joined: CompletedMultipartUploadTypeDef = {"Parts": [part.completed() for part in parts]}
            answer = while_awake(self.place, lambda: client.complete_multipart_upload(**named, MultipartUpload=joined))
            return answer.get("ETag", "").strip('"'), answer.get("ChecksumSHA256", "")

        try:
            etag, checksum = self._send(join)
        except UnavailableError:
            raise
        except StorageError:
            # After a lost answer, this refuses what is already done.
            md5s = [part.md5 for part in digests if part.md5]
            if len(md5s) == len(parts) and self._holds(md5s, proofs, part=self.step):
                return Written(self.size, verified=True)
            raise
        self.place.whole_etag_is_md5 = bool(_MD5.fullmatch(etag))
        verified = etag in proofs or (self.place.checksums and checksum == composite_sha256(digests))
        return Written(self.size, verified=verified or (self.checked and self._has_size()))

    def _drop(self, upload_id: str) -> None:
        """Drop an unfinished object; when even that fails, the bucket's lifecycle rule has to."""
        client = self.place.clients.client(self.place.deadlines.answer)
        try:
            self.place.call(
                lambda: client.abort_multipart_upload(**self._named(), UploadId=upload_id),
                f"Dropping what was sent of {self.key}", "s3:AbortMultipartUpload", key=self.key, seconds=0,
            )  # fmt: skip
        except StorageError as error:
            log.warning("an unfinished object stays behind: %s", error)

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

    def _part_digests(self, body: memoryview) -> Digests:
        """Hash a part by what this storage uses of it."""
        return Digests.of(body, md5=self.place.etag_is_md5, sha256=self.place.checksums or self.checked)

    def _checksum(self, digests: Digests) -> dict[str, str]:
        return digests.checksum() if self.place.checksums else {}

    def _learn(self, etag: str) -> None:
        """Note that the storage's ETags cannot be MD5s, so that none is computed in vain."""
        if not _MD5.fullmatch(etag.strip('"')):
            self.place.etag_is_md5 = False

    def _has_size(self) -> bool:
        """Ask whether all parts are there; each was checked when it came."""
        client = self.place.clients.client(self.place.deadlines.answer)
        return self._look(lambda: client.head_object(**self._named()))["ContentLength"] == self.size

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


def _leave(room: Room, sent: Future[Part]) -> None:
    # A part that failed may have left a thread behind that still sends it.
    ROOMS.give_back(room, again=not sent.cancelled() and sent.exception() is None)


def _let_pass(futures: list[Future[Part]]) -> None:
    """Wait while as many parts are under way as may be; raise what made one fail."""
    under_way = [future for future in futures[-_PARTS_AT_ONCE:] if not future.done()]
    if len(under_way) == _PARTS_AT_ONCE:
        wait(under_way, return_when=FIRST_COMPLETED)
    for future in futures:
        if future.done():
            future.result()
