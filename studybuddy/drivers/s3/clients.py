"""The two ways to speak to S3, made when they are first needed: boto3's client, and our own for what must be fast."""

import threading
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from studybuddy.drivers.counters import Counter
from studybuddy.drivers.s3.connections import Connections
from studybuddy.drivers.s3.counting import count_requests
from studybuddy.drivers.s3.wire import Wire
from studybuddy.settings.places import S3Settings, Secret
from studybuddy.settings.providers import provider_of

if TYPE_CHECKING:
    import boto3
    from botocore.credentials import Credentials
    from botocore.loaders import Loader
    from mypy_boto3_s3 import S3Client

_CONNECTIONS = 64


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long to wait, in seconds. A write to a dead endpoint is given up in less than 10 s."""

    connect: float = 3.0
    answer: float = 3.0  # to a request without a body that any storage answers at once
    retry: float = 5.0  # no new attempt begins later than this after the last answer
    body: float = 90.0  # to a large body, from its last byte on: storages wait for their disks; to a list
    long: float = 300.0  # to what takes a storage long: a copy, joining parts
    awake: float = 10.0  # a storage that has answered within this time is not asked whether it is there
    attempts: int = 4  # with one body, as long as the storage is there; each waits four times as long
    pulse: float = 2.0  # so long a large body is waited for before the storage is asked whether it is still there
    first: float = 5.0  # the first attempt with a small body, for its answer and for each piece of it
    stall: float = 10.0  # until a piece of a large body must be taken
    range: float = 15.0  # to the first bytes of a range, and to each bit of it that is no drip
    standstill: float = 30.0  # a read that got no new byte for this long is given up


class Clients:
    """The clients of one place. Safe to use from several threads."""

    def __init__(self, settings: S3Settings, deadlines: Deadlines, *, counter: Counter) -> None:
        self._settings = settings
        self._deadlines = deadlines
        self._counter = counter
        self._lock = threading.Lock()
        self.client = cache(self.new_client)

    @cached_property
    def _session(self) -> "boto3.Session":
        import boto3  # noqa: PLC0415
        import botocore.session  # noqa: PLC0415

        settings = self._settings
        session = botocore.session.Session()
        session.register_component("data_loader", _data_loader())
        return boto3.Session(
            botocore_session=session,
            aws_access_key_id=settings.access_key_id,
            aws_secret_access_key=_revealed(settings.secret_access_key),
            aws_session_token=_revealed(settings.session_token),
            region_name=settings.region,
        )

    def new_client(self, read_timeout: float) -> "S3Client":
        """Make the client that waits `read_timeout` seconds for an answer."""
        from botocore.config import Config  # noqa: PLC0415

        with_bodies = read_timeout > self._deadlines.answer
        style: Literal["virtual", "path"] = "virtual" if self._bucket_in_host else "path"
        config = Config(
            signature_version="s3v4",
            # urllib3 counts this for each piece of a body, too. A storage that gets bodies has been awake before.
            connect_timeout=self._deadlines.stall if with_bodies else self._deadlines.connect,
            read_timeout=read_timeout,
            max_pool_connections=_CONNECTIONS,
            # We try again ourselves (`drivers/retrying.py`), by one deadline for both clients.
            retries={"mode": "standard", "total_max_attempts": 1},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": style},
        )
        # boto3's sessions are not made for several threads, its clients are.
        with self._lock:
            client = self._session.client("s3", endpoint_url=self._settings.endpoint_url, config=config)
        count_requests(client, self._counter)
        return client

    @property
    def _bucket_in_host(self) -> bool:
        # A bucket name with dots does not match the certificate for *.s3.amazonaws.com.
        return provider_of(self._settings.endpoint_url).bucket_in_host and "." not in self._settings.bucket

    def outspoken_client(self) -> "S3Client":
        """Make a client that tells of another region instead of going there by itself, as `wire` cannot."""
        client = self.new_client(self._deadlines.answer)

        def stay(context: dict[str, Any], **_: object) -> None:
            context["s3_redirect"]["redirected"] = True

        client.meta.events.register_last("before-parameter-build.s3", stay)
        return client

    def credentials(self) -> "Credentials":
        """Return the keys that requests are signed with; `method` tells where they are from."""
        from botocore.exceptions import NoCredentialsError  # noqa: PLC0415

        with self._lock:
            found = self._session.get_credentials()
        if found is None:
            raise NoCredentialsError
        return found

    @cached_property
    def wire(self) -> Wire:
        """The way for what each file needs."""
        parts = urlsplit(self.client(self._deadlines.answer).meta.endpoint_url)
        host = f"{self._settings.bucket}.{parts.netloc}" if self._bucket_in_host else parts.netloc
        path = parts.path.rstrip("/")
        return Wire(
            Connections(f"{parts.scheme}://{host}", seconds=self._deadlines.connect),
            root=path if self._bucket_in_host else f"{path}/{self._settings.bucket}",
            region=self._settings.region,
            credentials=self.credentials(),
            counter=self._counter,
        )


@cache
def _data_loader() -> "Loader":
    """Read the description of S3's interface once for all drivers: it takes longer than all else together."""
    from botocore.loaders import create_loader  # noqa: PLC0415

    return create_loader()


def _revealed(secret: Secret | None) -> str | None:
    return secret.reveal() if secret else None
