"""One bucket and prefix: how a key is named there, how it is asked, and whether it answers."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from studybuddy.drivers.counters import Counter
from studybuddy.drivers.retrying import retrying
from studybuddy.drivers.s3.bucket import create_bucket
from studybuddy.drivers.s3.clients import Clients, Deadlines
from studybuddy.drivers.s3.errors import ErrorTable, Permission, provider_errors, told
from studybuddy.drivers.s3.probe import checks_bodies
from studybuddy.errors import StorageError, UnavailableError
from studybuddy.settings.places import S3Settings
from studybuddy.settings.providers import provider_of

T = TypeVar("T")


class SilentError(UnavailableError):
    """Raised when a storage gives no sign of life while a body is on its way: nothing else need be tried."""


class Place:
    """What the parts of the S3 driver share. Safe to use from several threads."""

    def __init__(
        self,
        settings: S3Settings,
        deadlines: Deadlines,
        *,
        checksums: bool | None,
        may_create: Callable[[], bool] = lambda: False,
        counter: Counter | None = None,
    ) -> None:
        provider = provider_of(settings.endpoint_url)
        self.settings = settings
        self.bucket = settings.bucket
        self.endpoint = settings.endpoint_url
        self.deadlines = deadlines
        self.checksums = provider.checksums if checksums is None else checksums
        self.copies_tell_checksums = checksums is not False  # until the storage has refused to
        self.counter = counter or Counter()
        self.clients = Clients(settings, deadlines, counter=self.counter)
        self.prefix = f"{settings.prefix}/" if settings.prefix else ""
        self.conditional = provider.conditional  # until the storage says that it knows no If-None-Match
        self.checks_bodies = False  # as far as is known: it takes no body that is not the one that was signed
        self.etag_is_md5 = True  # until the storage has given one that is none
        self.whole_etag_is_md5 = False  # until the storage has given one of an object that came in parts
        self.probes_left: set[str] = set()  # keys of probes that may still be there
        self._may_create = may_create  # the bucket, when it is missing
        self._bucket_missing = False  # as far as is known
        self._creating = threading.Lock()
        self._probing = threading.Lock()
        self._probed = False
        self._errors = ErrorTable(settings)
        self._answered_at = float("-inf")

    def path(self, key: str) -> str:
        """Return a key's name in the bucket."""
        return self.prefix + key

    def url_path(self, key: str) -> str:
        """Return a key's path in requests."""
        return self.clients.wire.path(self.path(key))

    def call(
        self, call: Callable[[], T], what: str, permission: Permission, *, key: str = "", seconds: float | None = None
    ) -> T:
        """Ask the storage, again and again for `seconds` (`deadlines.retry`); every error is one of ours."""

        def ours(error: Exception) -> StorageError:
            return self.error(error, what, permission, key=key)

        if seconds is None:
            seconds = self.deadlines.retry
        answer = retrying(call, ours, clients_errors=provider_errors, seconds=seconds)
        self._answered_at = time.monotonic()
        return answer

    def error(self, error: Exception, what: str, permission: Permission, *, key: str = "") -> StorageError:
        """Return our error for a client's; an error that the storage told is an answer, too."""
        code, status = told(error)
        if status:
            self._answered_at = time.monotonic()
            self._bucket_missing = self._bucket_missing or code == "NoSuchBucket"
        return self._errors.ours(error, what=what, permission=permission, key=key)

    def awaken(self, *, seconds: float | None = None, to_write: bool = False) -> None:
        """Raise UnavailableError soon when the storage is not there.

        A body's own deadline must suit a slow line, so it cannot tell a dead storage quickly; this can. Who wants
        `to_write` may need the bucket made first.
        """
        fresh = time.monotonic() - self._answered_at < self.deadlines.awake
        if fresh and not (to_write and self._bucket_missing):
            return
        from botocore.exceptions import ClientError  # noqa: PLC0415

        def ask() -> None:
            status = 200
            try:
                self.clients.client(self.deadlines.answer).head_bucket(Bucket=self.bucket)
            except ClientError as error:
                # Whatever it says, it is there; what it refuses shows when it is asked for.
                status = told(error)[1]
                if status >= 500:
                    raise
            self._bucket_missing = status == 404

        self.call(ask, "Reaching the storage", "s3:ListBucket", seconds=seconds)
        if to_write and self._bucket_missing:
            self._create_bucket()

    def expect_bucket(self) -> None:
        """Raise when the bucket is missing; a list has room to say so."""
        client = self.clients.client(self.deadlines.answer)
        self.call(
            lambda: client.list_objects_v2(Bucket=self.bucket, Prefix=self.prefix, MaxKeys=1),
            "Looking", "s3:ListBucket",
        )  # fmt: skip

    def is_to_be_made(self) -> bool:
        """Ask whether the bucket is missing, and the next write makes it."""
        self.forget_answer()
        self.awaken()
        return self._bucket_missing and self._may_create()

    def feel_pulse(self) -> None:
        """Raise SilentError when the storage answers nobody, asked twice."""
        if time.monotonic() - self._answered_at < self.deadlines.pulse:
            return
        self.forget_answer()
        try:
            self.awaken(seconds=self.deadlines.answer + self.deadlines.pulse / 4)
        except UnavailableError as error:
            raise SilentError(str(error), key=error.key, fix=error.fix) from error

    def learn_whether_bodies_are_checked(self) -> None:
        """Find out once whether the storage itself notices a body that is not the one that was sent.

        Where its ETags tell what it holds, nothing need be found out.
        """
        if self.etag_is_md5 or self._probed:
            return
        with self._probing:
            if not self._probed:
                self.checks_bodies = checks_bodies(self)
                self._probed = True

    def _create_bucket(self) -> None:
        """Make the bucket, if that may be; else the write will say that it is missing."""
        with self._creating:
            if self._bucket_missing and self._may_create():
                create_bucket(self)
                self._bucket_missing = False

    def forget_answer(self) -> None:
        """Let the next `awaken` really ask."""
        self._answered_at = float("-inf")
