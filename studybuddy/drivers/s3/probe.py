"""Whether a storage looks at the bodies that it is sent: what one that refuses wrong ones has taken is right."""

import hashlib
import logging
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

from studybuddy.drivers.s3.bodies import Digests
from studybuddy.drivers.s3.connections import Patience
from studybuddy.drivers.s3.errors import told
from studybuddy.drivers.s3.signing import Request
from studybuddy.errors import StorageError

if TYPE_CHECKING:
    from studybuddy.drivers.s3.place import Place

log = logging.getLogger(__name__)

_RIGHT, _WRONG = b"These bytes are right.", b"These bytes are wrong."
_REFUSALS = {
    "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch", "BadDigest", "InvalidDigest", "SignatureDoesNotMatch",
}  # fmt: skip


def checks_bodies(place: "Place") -> bool:
    """Send a body that is right, and one that is not what was signed; tell whether just the first is taken.

    Nothing is left there. A storage that does not answer plainly does not check.
    """
    key = f"study-buddy-check/{uuid4().hex}.txt"
    try:
        _put(place, key, _RIGHT)
        refuses = _refuses_wrong(place, key)
    except StorageError as error:
        log.info("whether %s checks what it is sent is not known: %s", place.bucket, error)
        place.probes_left.add(key)  # a write whose answer was lost may come late
        refuses = False
    finally:
        client = place.clients.client(place.deadlines.answer)
        delete = partial(client.delete_object, Bucket=place.bucket, Key=place.path(key))
        try:
            place.call(delete, "Deleting a probe", "s3:DeleteObject")
        except StorageError:
            place.probes_left.add(key)
    return refuses


def _refuses_wrong(place: "Place", key: str) -> bool:
    try:
        _put(place, key, _WRONG)
    except StorageError as error:
        if isinstance(error.__cause__, Exception) and told(error.__cause__)[0] in _REFUSALS:
            return True
        raise
    return False


def _put(place: "Place", key: str, body: bytes) -> None:
    """Send a body with the signature of the right one, as a bad line would bring it."""
    digests = Digests(None, hashlib.sha256(_RIGHT).digest())
    headers = digests.checksum() if place.checksums else {}
    request = Request("PutObject", "PUT", place.url_path(key), headers=headers, sha256=digests.signed())
    patience = Patience(answer=place.deadlines.answer, send=place.deadlines.answer)

    def put() -> None:
        place.clients.wire.ask(request, body=memoryview(body), patience=patience).content()

    place.call(put, "Writing a probe", "s3:PutObject")
