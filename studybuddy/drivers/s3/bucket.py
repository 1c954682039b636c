"""A bucket itself: whether it is there, and making it."""

import logging
from typing import TYPE_CHECKING, Any

from studybuddy.drivers.s3.errors import told
from studybuddy.settings.places import S3Settings
from studybuddy.settings.providers import provider_of

if TYPE_CHECKING:
    from studybuddy.drivers.s3.place import Place

log = logging.getLogger(__name__)


def create_bucket(place: "Place") -> bool:
    """Make a place's bucket in its region; return False when it was ours already. Raises when it is someone else's."""
    from botocore.exceptions import ClientError  # noqa: PLC0415

    client = place.clients.client(place.deadlines.body)

    def create() -> bool:
        try:
            client.create_bucket(Bucket=place.bucket, **location_of(place.settings))
        except ClientError as error:
            code = told(error)[0]
            # rclone says of one's own bucket what others say of someone else's.
            if code == "BucketAlreadyOwnedByYou" or (code == "BucketAlreadyExists" and has_bucket(place)):
                return False
            raise
        log.info("made the bucket %s at %s", place.bucket, place.endpoint or "AWS")
        return True

    return place.call(create, f"Making the bucket {place.bucket}", "s3:CreateBucket")


def has_bucket(place: "Place") -> bool:
    """Tell whether the bucket is there and open to our keys."""
    from botocore.exceptions import ClientError  # noqa: PLC0415

    try:
        place.clients.client(place.deadlines.answer).head_bucket(Bucket=place.bucket)
    except ClientError as error:
        if told(error)[1] >= 500:
            raise
        return False
    return True


def location_of(place: S3Settings) -> dict[str, Any]:
    """Return where a new bucket is to be. AWS takes no constraint for its first region."""
    if place.region in ("us-east-1", "auto") or not provider_of(place.endpoint_url).located:
        return {}
    return {"CreateBucketConfiguration": {"LocationConstraint": place.region}}
