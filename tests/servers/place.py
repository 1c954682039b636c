"""Buckets on a test server, and the settings that lead to them."""

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING
from uuid import uuid4

import boto3
from botocore.config import Config

from studybuddy.settings.places import S3Settings, Secret

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Server:
    """One S3 server."""

    url: str
    access_key: str
    secret_key: str

    def at(self, url: str) -> "Server":
        """Return the same server by another way, e.g. through a proxy."""
        return replace(self, url=url)

    def client(self) -> "S3Client":
        """Return a client of our own, to look behind the driver."""
        return _client(self)

    def new_bucket(self) -> str:
        """Make a bucket."""
        name = new_name()
        self.client().create_bucket(Bucket=name)
        return name

    def unfinished(self, bucket: str) -> list[str]:
        """Return the keys of the uploads in parts that were neither joined nor dropped."""
        client = self.client()
        try:
            return [upload["Key"] for upload in client.list_multipart_uploads(Bucket=bucket).get("Uploads", [])]
        except client.exceptions.NoSuchUpload:  # rclone's way to say: none
            return []

    def environ(self, bucket: str, **more: str) -> dict[str, str]:
        """Return the settings by which the app sends new files to `bucket`, as variables."""
        return {
            "STORAGE": "S3",
            "STUDY_BUDDY_BUCKET_NAME": bucket,
            "AWS_REGION": REGION,
            "S3_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            **more,
        }

    def settings(self, bucket: str, *, prefix: str = "") -> S3Settings:
        return S3Settings(
            bucket=bucket,
            region=REGION,
            endpoint_url=self.url,
            prefix=prefix,
            access_key_id=self.access_key,
            secret_access_key=Secret(self.secret_key),
        )


def new_name() -> str:
    """Return a name that no bucket has."""
    return f"bucket-{uuid4().hex[:12]}"


@cache
def _client(server: Server) -> "S3Client":
    config = Config(
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return boto3.client(
        "s3",
        endpoint_url=server.url,
        region_name=REGION,
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
        config=config,
    )
