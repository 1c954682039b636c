"""Objects in a bucket of S3 or of any service that speaks its protocol."""

import io
from base64 import b64decode
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from studybuddy.drivers.checks import Check
from studybuddy.drivers.counters import Counter
from studybuddy.drivers.driver import CopyOf, Driver, Held, ObjectInfo, Written
from studybuddy.drivers.s3 import unfinished
from studybuddy.drivers.s3.bodies import SINGLE_BYTES
from studybuddy.drivers.s3.check_objects import remove_stale
from studybuddy.drivers.s3.check_settings import CHECK_FOLDER
from studybuddy.drivers.s3.checks import diagnose
from studybuddy.drivers.s3.clients import Deadlines
from studybuddy.drivers.s3.copy import copy_object
from studybuddy.drivers.s3.many import copy_many, read_many, write_many
from studybuddy.drivers.s3.place import Place
from studybuddy.drivers.s3.policies import policy_for_keys
from studybuddy.drivers.s3.read import open_object
from studybuddy.drivers.s3.setup import set_up
from studybuddy.drivers.s3.write import UnfinishedObject, write_object
from studybuddy.drivers.setup_steps import BucketPlan, PolicyUse, SetupStep
from studybuddy.errors import IntegrityError, ObjectNotFoundError, StorageError, StudyBuddyError, UnsupportedError
from studybuddy.settings.places import S3Settings
from studybuddy.settings.providers import public_url
from studybuddy.streams import Readable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import (
        HeadObjectOutputTypeDef,
        ListObjectsV2OutputTypeDef,
        ListObjectsV2RequestTypeDef,
    )

_PROBE = b"Study Buddy looks whether it can keep files here. This object is deleted at once."
_MAX_URL_SECONDS = 7 * 24 * 3600  # more, SigV4 cannot sign


class S3Driver:
    """Objects at {prefix}/{key} of a bucket. boto3 is not loaded before the first request.

    `checksums`: whether the storage takes and keeps SHA-256 checksums; None: AWS does, others
    are asked for those of copies alone.
    `may_create` is asked when the bucket is missing at a write: whether it may be made. `counter` counts every request.
    """

    def __init__(
        self,
        settings: S3Settings,
        *,
        deadlines: Deadlines | None = None,
        checksums: bool | None = None,
        may_create: Callable[[], bool] = lambda: False,
        counter: Counter | None = None,
    ) -> None:
        self._place = Place(
            settings, deadlines or Deadlines(), checksums=checksums, may_create=may_create, counter=counter
        )

    def check(self) -> None:
        """Write, read, list and delete a probe; delete what earlier checks left."""
        key = f"{CHECK_FOLDER}{uuid4().hex}.txt"
        try:
            self.write(key, io.BytesIO(_PROBE), size=len(_PROBE), content_type="text/plain")
            with self.read(key) as stream:
                if stream.read() != _PROBE:
                    raise IntegrityError("The storage gives back other bytes than it took", key=key)
            remove_stale(self)
            self.delete(key)
        except StorageError:
            # What failed first is what is told. A write whose answer was lost may come late: it is looked for again.
            self._place.probes_left.add(key)
            with suppress(StorageError):
                self.delete(key)
            raise

    def remove_probes(self) -> None:
        """Delete the probes that were not, or whose writes may have come late."""
        for key in tuple(self._place.probes_left):
            self.delete(key)
            self._place.probes_left.discard(key)

    def write(self, key: str, source: Readable, *, size: int, content_type: str) -> Written:
        return write_object(self._place, key, source, size=size, content_type=content_type)

    def write_many(self, objects: Sequence[Held]) -> list[Written | StudyBuddyError]:
        return write_many(self._place, objects)

    def read_many(self, keys: Sequence[str]) -> Generator[bytes | None, None, None]:
        return read_many(self._place, keys)

    def copies_from(self, source: Driver) -> bool:
        return isinstance(source, S3Driver) and source._place.endpoint == self._place.endpoint

    def copy_many(self, source: Driver, copies: Sequence[CopyOf]) -> list[Written | StudyBuddyError]:
        """Let the service copy within itself, all at once."""
        if not isinstance(source, S3Driver):
            return [UnsupportedError("Only another bucket can be copied", key=one.key) for one in copies]
        return copy_many(source._place, self._place, copies)

    def read(self, key: str, *, start: int = 0, stop: int | None = None) -> AbstractContextManager[Readable]:
        return open_object(self._place, key, start=start, stop=stop)

    def stat(self, key: str) -> ObjectInfo:
        found = self._head(key)
        return ObjectInfo(key, found["ContentLength"], found["LastModified"], found.get("ContentType"))

    @property
    def keeps_checksums(self) -> bool:
        return self._place.checksums

    def checksum(self, key: str) -> str | None:
        """Return the SHA-256 that the storage keeps of an object; of one that came in parts it keeps none."""
        kept = self._head(key, ChecksumMode="ENABLED").get("ChecksumSHA256", "")
        return b64decode(kept).hex() if kept and "-" not in kept else None

    def delete(self, key: str) -> None:
        """Delete one object; `DeleteObjects` needs a checksum that some services refuse."""
        try:
            self._place.call(
                lambda: self._client.delete_object(Bucket=self._place.bucket, Key=self._place.path(key)),
                f"Deleting {key}", "s3:DeleteObject", key=key,
            )  # fmt: skip
        except ObjectNotFoundError:
            return

    def keeps_unfinished(self, size: int) -> bool:
        return size > SINGLE_BYTES

    def unfinished(self, key: str, *, size: int, content_type: str, is_new: bool) -> UnfinishedObject:
        """Return an object that goes there in parts, which stay when its writer stops."""
        return UnfinishedObject(self._place, key, size=size, content_type=content_type, is_new=is_new)

    def drop_unfinished(self, key: str) -> None:
        """Drop the parts that were sent of `key` and never joined."""
        unfinished.drop(self._place, key)

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        self._place.awaken()
        asked: ListObjectsV2RequestTypeDef = {"Bucket": self._place.bucket, "Prefix": self._place.path(prefix)}
        while True:
            page = self._page(asked)
            for found in page.get("Contents", []):
                key = found["Key"].removeprefix(self._place.prefix)
                yield ObjectInfo(key, found["Size"], found["LastModified"])
            if not page.get("IsTruncated"):
                return
            asked["ContinuationToken"] = page["NextContinuationToken"]

    def url(self, key: str, *, expires: timedelta, disposition: str, content_type: str) -> str:
        """Sign a link, without asking the storage; where everyone may read, a link that only shows is a plain one."""
        if self._place.settings.public_read and not disposition.startswith("attachment"):
            return public_url(self._place.settings) + key
        return self._place.call(
            lambda: self._client.generate_presigned_url(
                "get_object",
                Params={
                    "Bucket": self._place.bucket,
                    "Key": self._place.path(key),
                    "ResponseContentDisposition": disposition,
                    "ResponseContentType": content_type,
                },
                ExpiresIn=min(int(expires.total_seconds()), _MAX_URL_SECONDS),
            ),
            f"Signing a link to {key}", "s3:GetObject", key=key,
        )  # fmt: skip

    def diagnose(self) -> Iterator[Check]:
        """Look at the keys, the bucket, what can be done with objects, and how the bucket is set up."""
        return diagnose(self, self._place)

    def will_be_made(self) -> str:
        """Say that the next write makes the bucket, and what that takes."""
        if not self._place.is_to_be_made():
            return ""
        return (
            f"The bucket “{self._place.bucket}” is not there yet: it is made with the first file. That takes keys with "
            "the permission s3:CreateBucket; with others, make it at the provider first."
        )

    def set_up(self, wanted: BucketPlan, *, dry_run: bool) -> Iterator[SetupStep]:
        """Make the bucket when it is missing, and set it up."""
        return set_up(self._place, self.check, wanted, dry_run=dry_run)

    def policy(self, use: PolicyUse) -> dict[str, Any]:
        """Return the IAM policy for this bucket and prefix."""
        return policy_for_keys(self._place.settings, use)

    def copy_from(self, source: Driver, source_key: str, key: str, *, size: int) -> Written:
        """Let the service copy within itself; the bytes do not come by."""
        if not isinstance(source, S3Driver):
            raise UnsupportedError("Only another bucket of the same service can be copied without reading it", key=key)
        return copy_object(source._place, self._place, CopyOf(source_key, key, size))

    @property
    def counter(self) -> Counter:
        return self._place.counter

    @property
    def _client(self) -> "S3Client":
        return self._place.clients.client(self._place.deadlines.answer)

    def _head(self, key: str, **options: Any) -> "HeadObjectOutputTypeDef":
        def head() -> "HeadObjectOutputTypeDef":
            return self._client.head_object(Bucket=self._place.bucket, Key=self._place.path(key), **options)

        try:
            return self._place.call(head, f"Looking for {key}", "s3:GetObject", key=key)
        except ObjectNotFoundError:
            # A HEAD has no room to say whether it is the object or the bucket that is missing.
            self._place.expect_bucket()
            raise

    def _page(self, asked: "ListObjectsV2RequestTypeDef") -> "ListObjectsV2OutputTypeDef":
        patience = self._place.deadlines.body
        client = self._place.clients.client(patience)
        return self._place.call(
            lambda: client.list_objects_v2(**asked), "Listing the bucket", "s3:ListBucket", seconds=2 * patience
        )
