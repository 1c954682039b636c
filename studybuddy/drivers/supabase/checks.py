"""What the doctor looks at in Supabase."""

from collections.abc import Iterable

from studybuddy.drivers.checks import Found, Step
from studybuddy.drivers.driver import Driver, ObjectInfo
from studybuddy.drivers.supabase.client import Client
from studybuddy.drivers.supabase.errors import SEES_ALL, Refusal, role_of
from studybuddy.errors import IntegrityError, StorageError
from studybuddy.settings.places import SupabaseSettings
from studybuddy.units import KIB

_TRIED_BYTES = 64 * KIB
_LOOKED_AT = 100  # rows, for one that has bytes


def steps(driver: Driver, client: Client, settings: SupabaseSettings) -> Iterable[Step]:
    """Return the checks in their order."""
    look = _Look(driver, client, settings)
    return (
        Step("reach", f"{client.host} answers", look.reach),
        Step("key", "The service key is accepted", look.key, needs=("reach",)),
        Step("role", "The key may see every file", look.role),
        Step("bucket", f"The bucket {settings.bucket} exists", look.bucket, needs=("key",)),
        Step("list", "The files can be listed", look.list, needs=("bucket",)),
        Step("read", "A file can be read", look.read, needs=("list",)),
        Step("range", "A part of a file can be read", look.range, needs=("read",)),
    )


class _Look:
    """The checks, and what one leaves for the next."""

    def __init__(self, driver: Driver, client: Client, settings: SupabaseSettings) -> None:
        self._driver = driver
        self._client = client
        self._settings = settings
        self._tried: ObjectInfo | None = None

    def reach(self) -> Found:
        try:
            self._client.json("GET", "/bucket", "Reaching Supabase")
        except StorageError as error:
            if not _is_about_the_key(error):
                raise
        return Found()

    def key(self) -> Found:
        self._client.json("GET", "/bucket", "Using the service key")
        return Found()

    def role(self) -> Found:
        role = role_of(self._settings.service_key.reveal())
        if role == SEES_ALL:
            return Found()
        if not role:
            return Found("unknown", "The key does not tell its role")
        return Found(
            "warning",
            f"Its role is {role}: it sees only what the bucket's policies show, and other files look as if not there",
            "Copy the service_role key from the project's settings (API keys) to SUPABASE_SERVICE_KEY.",
        )

    def bucket(self) -> Found:
        self._client.expect_bucket()
        return Found()

    def list(self) -> Found:
        for count, found in enumerate(self._driver.list()):
            if found.size:
                self._tried = found
            if found.size or count == _LOOKED_AT:
                break
        return Found()

    def read(self) -> Found:
        if self._tried is None:
            return Found("unknown", "There is no file yet to try it with")
        with self._driver.read(self._tried.key) as stream:
            stream.read(_TRIED_BYTES)
        return Found()

    def range(self) -> Found:
        if self._tried is None or not self._tried.size:
            return Found("unknown", "There is no file yet to try it with")
        last = self._tried.size - 1
        with self._driver.read(self._tried.key, start=last, stop=last + 1) as stream:
            if len(stream.read()) != 1:
                raise IntegrityError("The server gives other parts of a file than were asked for")
        return Found()


def _is_about_the_key(error: StorageError) -> bool:
    return isinstance(error.__cause__, Refusal) and error.__cause__.status in (400, 401, 403)
