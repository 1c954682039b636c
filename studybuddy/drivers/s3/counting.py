"""Counts requests, each attempt by itself, and the bodies of their answers."""

from functools import cache
from typing import TYPE_CHECKING, Any

from studybuddy.drivers.counters import Counted, Counter

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest
    from mypy_boto3_s3 import S3Client

# By the first words of an operation's name; the first that fits. All that only reads a setting is a "get".
_OPERATIONS: tuple[tuple[str, Counted], ...] = (
    ("CreateMultipartUpload", "begin"),
    ("CompleteMultipartUpload", "join"),
    ("AbortMultipartUpload", "abort"),
    ("UploadPart", "part"),
    ("CopyObject", "copy"),
    ("DeleteObjects", "post"),
    ("Delete", "delete"),
    ("List", "list"),
    ("Head", "head"),
    ("Put", "put"),
    ("Create", "put"),
)
_NEVER_SENT = ("EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError", "SSLError")


def count_requests(client: "S3Client", counter: Counter) -> None:
    """Count whatever this client sends from now on; who reads a body that comes as a stream counts it."""

    def before_send(request: "AWSPreparedRequest", event_name: str, **_: object) -> None:
        counter.request(counted(_operation(event_name)), int(request.headers.get("Content-Length") or 0))

    def received(event_name: str, response_dict: dict[str, Any] | None, exception: object, **_: object) -> None:
        if type(exception).__name__ in _NEVER_SENT:
            counter.count(counted(_operation(event_name)), -1)
        body = response_dict.get("body") if response_dict else None
        if isinstance(body, bytes):
            counter.count("received", len(body))

    client.meta.events.register("before-send.s3", before_send)
    client.meta.events.register("response-received.s3", received)


@cache
def counted(operation: str) -> Counted:
    """Tell what kind of request an operation is."""
    return next((what for start, what in _OPERATIONS if operation.startswith(start)), "get")


def _operation(event_name: str) -> str:
    return event_name.rpartition(".")[2]
