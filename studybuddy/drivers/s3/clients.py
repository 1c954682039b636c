"""The clients that speak to S3, made when they are first needed: importing this module loads neither of them."""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from studybuddy.drivers.counters import Counter
from studybuddy.drivers.s3.counting import count_requests
from studybuddy.settings.places import S3Settings, Secret
from studybuddy.settings.providers import provider_of

if TYPE_CHECKING:
    import boto3
    from botocore.credentials import Credentials
    from botocore.loaders import Loader
    from mypy_boto3_s3 import S3Client
    from obstore.store import ClientConfig, S3Config, S3Credential, S3Store

_CREDENTIALS_LIFETIME = timedelta(minutes=5)  # well below the time before expiry at which botocore renews its own
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
    first: float = 5.0  # the first attempt with a body that cannot be watched on its way
    stall: float = 10.0  # until a piece of a large body must be taken
    range: float = 15.0  # for one range; what has come counts even when the rest did not
    standstill: float = 30.0  # a read that got no new byte for this long is given up


class Clients:
    """The clients of one place. Safe to use from several threads.

    Without `sign_bodies` the hash of a body is no part of its request's signature.
    """

    def __init__(self, settings: S3Settings, deadlines: Deadlines, *, sign_bodies: bool, counter: Counter) -> None:
        self._settings = settings
        self._sign_bodies = sign_bodies
        self._deadlines = deadlines
        self._counter = counter
        self._lock = threading.Lock()
        self.client = cache(self.new_client)
        self.store = cache(self._make_store)

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
            # Where it is not forbidden, boto3 itself knows when a body need be signed.
            s3={"addressing_style": style}
            if self._sign_bodies
            else {"addressing_style": style, "payload_signing_enabled": False},
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
        """Make a client that tells of another region instead of going there by itself, as obstore cannot."""
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

    def _make_store(self, timeout: float, *, checksums: bool = False) -> "S3Store":
        """Make the client whose whole requests may take `timeout` seconds."""
        from obstore.store import S3Store  # noqa: PLC0415

        config: S3Config = {
            "region": self._settings.region,
            "endpoint": self._endpoint,
            "virtual_hosted_style_request": self._bucket_in_host,
            "unsigned_payload": not self._sign_bodies,
        }
        if checksums:
            config["checksum_algorithm"] = "SHA256"
        return S3Store(
            self._settings.bucket,
            config=config,
            client_options=self._client_options(timeout),
            retry_config={"max_retries": 0},  # see `new_client`
            credential_provider=self._credential_provider(),
        )

    def _client_options(self, timeout: float) -> "ClientConfig":
        options: ClientConfig = {
            "allow_http": self._endpoint.startswith("http://"),
            "connect_timeout": timedelta(seconds=self._deadlines.connect),
            "timeout": timedelta(seconds=timeout),
        }
        bundle = os.environ.get("AWS_CA_BUNDLE")  # as boto3 does
        if bundle:
            options["root_certificate"] = Path(bundle).read_bytes()
        return options

    @property
    def _endpoint(self) -> str:
        """The endpoint as obstore wants it: with the bucket when that belongs into the host name."""
        parts = urlsplit(self.client(self._deadlines.answer).meta.endpoint_url)
        host = f"{self._settings.bucket}.{parts.netloc}" if self._bucket_in_host else parts.netloc
        return f"{parts.scheme}://{host}{parts.path.rstrip('/')}"

    def _credential_provider(self) -> "Callable[[], S3Credential]":
        """Return what gives obstore boto3's own credentials, renewed as boto3 renews them."""
        credentials = self.credentials()

        def provide() -> "S3Credential":
            frozen = credentials.get_frozen_credentials()
            return {
                "access_key_id": frozen.access_key or "",
                "secret_access_key": frozen.secret_key or "",
                "token": frozen.token,
                "expires_at": datetime.now(UTC) + _CREDENTIALS_LIFETIME,
            }

        return provide


@cache
def _data_loader() -> "Loader":
    """Read the description of S3's interface once for all drivers: it takes longer than all else together."""
    from botocore.loaders import create_loader  # noqa: PLC0415

    return create_loader()


def _revealed(secret: Secret | None) -> str | None:
    return secret.reveal() if secret else None
