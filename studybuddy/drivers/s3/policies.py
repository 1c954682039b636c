"""Policies for a bucket: what the app's keys may do, and what everyone may read. Nothing is asked of any service.

The actions are those of https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html ("Permissions").
"""

import hashlib
from typing import Any

from studybuddy.drivers.setup_steps import PolicyUse
from studybuddy.keys import FILE_FOLDERS
from studybuddy.settings.places import S3Settings

Policy = dict[str, Any]  # as JSON
Statement = dict[str, Any]

_VERSION = "2012-10-17"  # of the policies' language
_OBJECTS = (
    "s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload",
)  # fmt: skip
_BUCKET = ("s3:ListBucket", "s3:ListBucketMultipartUploads")
# Deleting a public access block has no action of its own: it needs the same one as putting it.
_SET_UP = (
    "s3:CreateBucket",
    "s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy",
    "s3:GetBucketPublicAccessBlock", "s3:PutBucketPublicAccessBlock",
    "s3:GetBucketOwnershipControls", "s3:PutBucketOwnershipControls",
    "s3:GetBucketVersioning", "s3:PutBucketVersioning",
    "s3:GetLifecycleConfiguration", "s3:PutLifecycleConfiguration",
    "s3:GetBucketCORS", "s3:PutBucketCORS",
)  # fmt: skip


def policy_for_keys(place: S3Settings, use: PolicyUse) -> Policy:
    """Return the IAM policy that lets keys do what is needed in this bucket and prefix, and nothing else."""
    statements = [_files(place), _list(place)]
    if use == "set-up":
        statements.append(_allow("StudyBuddySetUp", list(_SET_UP), _bucket(place)))
    return {"Version": _VERSION, "Statement": statements}


def with_public_read(policy: Policy | None, place: S3Settings) -> Policy:
    """Return a bucket policy that lets everyone read our files; what it says of other things stays."""
    others = _others(policy, place)
    return {"Version": _VERSION, **(policy or {}), "Statement": [*others, _public_read(place)]}


def without_public_read(policy: Policy | None, place: S3Settings) -> Policy | None:
    """Return a bucket policy without our statement; None when nothing is left of it."""
    others = _others(policy, place)
    return {**(policy or {}), "Statement": others} if others else None


def mark_of(prefix: str) -> str:
    """Return what tells our statements and rules in a bucket from those of another prefix; "" without one."""
    return hashlib.sha256(prefix.encode()).hexdigest()[:8] if prefix else ""


def _files(place: S3Settings) -> Statement:
    return _allow("StudyBuddyFiles", list(_OBJECTS), f"{_bucket(place)}/{_folder(place)}*")


def _list(place: S3Settings) -> Statement:
    statement = _allow("StudyBuddyList", list(_BUCKET), _bucket(place))
    if place.prefix:
        # IfExists: S3 answers 404, not 403, to who reads what is not there only if he may list; that names no prefix.
        statement["Condition"] = {"StringLikeIfExists": {"s3:prefix": [f"{place.prefix}/*"]}}
    return statement


def _public_read(place: S3Settings) -> Statement:
    # Our files alone: what else the app keeps in the bucket, such as its backups, is nobody's business.
    resources = [f"{_bucket(place)}/{_folder(place)}{folder}*" for folder in FILE_FOLDERS]
    return _allow(_sid(place), "s3:GetObject", resources) | {"Principal": "*"}


def _allow(sid: str, action: str | list[str], resource: str | list[str]) -> Statement:
    return {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": resource}


def _others(policy: Policy | None, place: S3Settings) -> list[Statement]:
    statements = (policy or {}).get("Statement", [])
    if isinstance(statements, dict):
        statements = [statements]
    return [statement for statement in statements if statement.get("Sid") != _sid(place)]


def _sid(place: S3Settings) -> str:
    return f"StudyBuddyPublicRead{mark_of(place.prefix)}"


def _bucket(place: S3Settings) -> str:
    return f"arn:{_partition(place.region)}:s3:::{place.bucket}"


def _folder(place: S3Settings) -> str:
    return f"{place.prefix}/" if place.prefix else ""


def _partition(region: str) -> str:
    for start, partition in (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov")):
        if region.startswith(start):
            return partition
    return "aws"
