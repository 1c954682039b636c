"""An object that goes to S3 in parts, several at once; nothing of it is seen before they are joined."""

import hashlib
import logging
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from studybuddy.drivers.driver import Written
from studybuddy.drivers.s3.bodies import MD5, Digests, Part, composite_sha256, etags, expect_end, read_body
from studybuddy.drivers.s3.place import SilentError
from studybuddy.drivers.s3.pulse import while_awake
from studybuddy.drivers.s3.rooms import ROOMS, Room
from studybuddy.drivers.s3.signing import Request
from studybuddy.drivers.s3.unfinished import Begun
from studybuddy.drivers.s3.writing import Writing
from studybuddy.errors import ObjectNotFoundError, StorageError, UnavailableError
from studybuddy.streams import Readable

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedMultipartUploadTypeDef

_PARTS_AT_ONCE = 4
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class InParts(Writing):
    """One object on its way in parts."""

    def write(self, source: Readable) -> Written:
        """Write it; nothing is left of it when this raises, unless the storage fell silent."""
        begun = self.begin()
        try:
            return self.go_on(begun, source)
        except SilentError:
            raise  # it would not hear that its parts can go; the bucket's lifecycle rule has to drop them
        except BaseException:
            self._drop(begun.upload_id)
            raise

    def go_on(self, begun: Begun, source: Readable) -> Written:
        """Send the parts that the storage does not have, and join all; what it has stays when this raises."""
        parts, whole_md5 = self._send_parts(source, begun)
        return self._join(begun.upload_id, parts, whole_md5)

    def is_joined(self) -> bool:
        """Tell whether the object is there, of the right length."""
        try:
            return self._has_size()
        except ObjectNotFoundError:
            return False

    def begin(self) -> Begun:
        """Begin an object of which nothing has come."""
        options: dict[str, Any] = {"ChecksumAlgorithm": "SHA256"} if self.place.checksums else {}
        client = self.place.clients.client(self.place.deadlines.body)
        answer = self._call(
            lambda: while_awake(
                self.place,
                lambda: client.create_multipart_upload(**self._named(), ContentType=self.content_type, **options),
            )
        )
        return Begun(answer["UploadId"])

    def _send_parts(self, source: Readable, begun: Begun) -> tuple[list[Part], bytes | None]:
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
                        future = pool.submit(self._send_part, room.view, len(futures) + 1, begun)
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

    def _send_part(self, body: memoryview, number: int, begun: Begun) -> Part:
        digests = self._part_digests(body)
        taken = begun.part(number, digests, size=len(body))
        if taken:
            return taken
        query = {"partNumber": str(number), "uploadId": begun.upload_id}
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
        self.place.whole_etag_is_md5 = bool(MD5.fullmatch(etag))
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

    def _part_digests(self, body: memoryview) -> Digests:
        """Hash a part by what this storage uses of it."""
        return Digests.of(body, md5=self.place.etag_is_md5, sha256=self.place.checksums or self.checked)

    def _has_size(self) -> bool:
        """Ask whether all parts are there; each was checked when it came."""
        client = self.place.clients.client(self.place.deadlines.answer)
        return self._look(lambda: client.head_object(**self._named()))["ContentLength"] == self.size


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
