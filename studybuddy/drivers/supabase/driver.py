"""Objects in a bucket of Supabase Storage, read only: files come from there, none go there."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NoReturn

from studybuddy.drivers.checks import Check, carry_out
from studybuddy.drivers.counters import Counter
from studybuddy.drivers.driver import Driver, ObjectInfo, Written
from studybuddy.drivers.supabase.checks import steps
from studybuddy.drivers.supabase.client import Client, Deadlines, drop
from studybuddy.drivers.supabase.errors import Refusal
from studybuddy.drivers.supabase.list import list_objects
from studybuddy.drivers.supabase.read import open_object
from studybuddy.errors import InvalidKeyError, ObjectNotFoundError, ReadOnlyError, UnsupportedError
from studybuddy.settings.places import SupabaseSettings
from studybuddy.streams import Readable

_MAX_KEY_BYTES = 1024


class SupabaseDriver:
    """One bucket of one project. Its keys were named by others: `check_key` takes whatever can be asked for."""

    def __init__(
        self, settings: SupabaseSettings, *, deadlines: Deadlines | None = None, counter: Counter | None = None
    ) -> None:
        self._settings = settings
        self._client = Client(settings, deadlines or Deadlines(), counter or Counter())

    def check_key(self, key: str) -> str:
        """Return `key` when it can be asked for; whether it is a good one, the server knows."""
        try:
            size = len(key.encode())
        except UnicodeEncodeError:
            size = 0
        if not 0 < size <= _MAX_KEY_BYTES or "\x00" in key:
            raise InvalidKeyError(f"{key[:80]!r} is no key of Supabase", key=key[:80])
        return key

    def check(self) -> None:
        """Look at the bucket, which must be there, and list its first page."""
        self._client.expect_bucket()
        next(self.list(), None)

    def diagnose(self) -> Iterator[Check]:
        """Look at everything that is needed to read from there."""
        return carry_out(steps(self, self._client, self._settings))

    def read(self, key: str, *, start: int = 0, stop: int | None = None) -> AbstractContextManager[Readable]:
        return open_object(self._client, key, start=start, stop=stop, size_of=self._size_of)

    def stat(self, key: str) -> ObjectInfo:
        """Ask for the bytes themselves, which a row of the list may not have; for the type, the row."""
        headers = self._head(key)
        content_type = headers.get("Content-Type")
        if (content_type or "").startswith("text/plain"):  # so HTML is sent, too
            content_type = self._type_in_list(key) or content_type
        return ObjectInfo(key, self._size_in(headers, key), _time(headers.get("Last-Modified")), content_type)

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        """Yield every row, also those whose bytes cannot be read: reading them tells why."""
        return list_objects(self._client, prefix)

    def url(self, key: str, *, expires: timedelta, disposition: str, content_type: str) -> None:
        """There are signed links, but they carry no name and no type of ours."""

    def write(self, key: str, source: Readable, *, size: int, content_type: str) -> Written:
        self._refuse(key)

    def delete(self, key: str) -> None:
        self._refuse(key)

    def copy_from(self, source: Driver, source_key: str, key: str, *, size: int) -> Written:
        self._refuse(key)

    @property
    def counter(self) -> Counter:
        return self._client.counter

    def _refuse(self, key: str) -> NoReturn:
        raise ReadOnlyError(
            f"Supabase · {self._settings.bucket} is only read: nothing is added, changed or deleted there",
            key=key,
            fix="Choose this computer or an S3 bucket for it.",
        )

    def _size_of(self, key: str) -> int:
        return self._size_in(self._head(key), key)

    def _size_in(self, headers: Mapping[str, str], key: str) -> int:
        length = headers.get("Content-Length", "")
        if not length.isdigit():
            raise UnsupportedError(f"{key}: {self._client.host} does not tell its size", key=key)
        return int(length)

    def _head(self, key: str) -> Mapping[str, str]:
        path = self._client.object_path(key)

        def head() -> Mapping[str, str]:
            try:
                answer = self._client.ask("HEAD", path)
            except Refusal as refusal:
                if refusal.status == 400:  # whatever it is; a GET has room to say it
                    drop(self._client.ask("GET", path))
                raise
            drop(answer)
            return answer.headers

        try:
            return self._client.call(head, f"Looking for {key}", key=key)
        except ObjectNotFoundError:
            self._client.expect_bucket()
            raise

    def _type_in_list(self, key: str) -> str | None:
        first = next(self.list(key), None)  # in byte order, a key comes before all that begin with it
        return first.content_type if first and first.key == key else None


def _time(header: str | None) -> datetime:
    try:
        return parsedate_to_datetime(header or "")
    except ValueError:
        return datetime.now(UTC)
