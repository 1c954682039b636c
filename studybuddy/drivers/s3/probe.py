"""Whether a storage looks at the bodies that it is sent: what one that refuses wrong ones has taken is right."""

import logging
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from studybuddy.drivers.s3.bodies import Digests
from studybuddy.drivers.s3.clients import Clients
from studybuddy.drivers.s3.errors import told
from studybuddy.errors import StorageError

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest
    from mypy_boto3_s3 import S3Client

    from studybuddy.drivers.s3.place import Place

log = logging.getLogger(__name__)

_RIGHT, _WRONG = b"These bytes are right.", b"These bytes are wrong."
_REFUSALS = {
    "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch", "BadDigest", "InvalidDigest", "SignatureDoesNotMatch",
}  # fmt: skip


def checks_bodies(place: "Place", clients: Clients) -> bool:
    """Send a body that is right, and one that is not what was signed; tell whether just the first is taken.

    `clients` sign bodies. Nothing is left there. A storage that does not answer plainly does not check.
    """
    key = f"study-buddy-check/{uuid4().hex}.txt"
    named: dict[str, Any] = {"Bucket": place.bucket, "Key": place.path(key)}
    client = clients.client(place.deadlines.answer)
    try:
        refuses = _refuses_wrong(place, clients.new_client(place.deadlines.answer), named)
    except StorageError as error:
        log.info("whether %s checks what it is sent is not known: %s", place.bucket, error)
        place.probes_left.add(key)  # a write whose answer was lost may come late
        refuses = False
    finally:
        try:
            place.call(lambda: client.delete_object(**named), "Deleting a probe", "s3:DeleteObject")
        except StorageError:
            place.probes_left.add(key)
    return refuses


def _refuses_wrong(place: "Place", client: "S3Client", named: dict[str, Any]) -> bool:
    from botocore.exceptions import ClientError  # noqa: PLC0415

    checksum: dict[str, Any] = dict(Digests.of(memoryview(_RIGHT), md5=False, sha256=place.checksums).checksum())

    def put() -> None:
        client.put_object(**named, **checksum, Body=_RIGHT)

    place.call(put, "Writing a probe", "s3:PutObject")
    client.meta.events.register("before-send.s3.PutObject", _swap)

    def is_refused() -> bool:
        try:
            put()
        except ClientError as error:
            if told(error)[0] in _REFUSALS:
                return True
            raise
        return False

    return place.call(is_refused, "Writing a wrong probe", "s3:PutObject")


def _swap(request: "AWSPreparedRequest", **_: object) -> None:
    """Change the body behind the signature's back, as a bad line would."""
    request.body = _WRONG
