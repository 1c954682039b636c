"""What S3 and its clients say, turned into our errors by one table."""

import re
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

from studybuddy.drivers.meaning import Meaning
from studybuddy.drivers.s3.meanings import (
    ABSENT,
    BAD_CERTIFICATE,
    BAD_PROXY,
    BUSY,
    BY_CODE,
    BY_STATUS,
    NO_BUCKET,
    NO_CREDENTIALS,
    NO_HOST,
    NO_OBJECT,
    NOBODY_LISTENS,
    UNKNOWN,
)
from studybuddy.errors import StorageError
from studybuddy.settings.places import S3Settings

Permission = Literal[
    "s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:ListBucket", "s3:AbortMultipartUpload", "a request",
    "s3:ListBucketMultipartUploads", "s3:ListMultipartUploadParts", "s3:ListBucketVersions",
    "s3:DeleteObjectVersion", "s3:ListAllMyBuckets",
    "s3:GetBucketPublicAccessBlock", "s3:GetBucketOwnershipControls", "s3:GetBucketPolicy", "s3:GetBucketCORS",
    "s3:GetBucketVersioning", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration",
    "s3:CreateBucket", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketOwnershipControls", "s3:PutBucketVersioning", "s3:PutLifecycleConfiguration", "s3:PutBucketCORS",
]  # fmt: skip

_NO_CODE = {"", "404", "NotFound"}  # botocore makes one of the status where the answer has none
_NO_SUCH_HOST = re.compile("resolve|Name or service not known|getaddrinfo|dns error")
_REFUSED_CERTIFICATE = re.compile(r"certificate|CERTIFICATE|SSLError|UnknownIssuer")


class ErrorTable:
    """Names our error for what a client raised, with the place that it was about."""

    def __init__(self, settings: S3Settings) -> None:
        host = urlsplit(settings.endpoint_url).netloc if settings.endpoint_url else "AWS"
        self._wording = settings.wording
        self._place = {"bucket": settings.bucket, "region": settings.region, "endpoint": host}

    def ours(self, error: Exception, *, what: str, permission: Permission, key: str = "") -> StorageError:
        """Return our error."""
        meaning = _meaning(error)
        code, status = told(error)
        # A 404 without a code: what is asked of no object, and a new object, can only miss the bucket.
        if meaning is NO_OBJECT and code in _NO_CODE and (not key or permission == "s3:PutObject"):
            meaning = NO_BUCKET
        unknown = str(code or status or "") if meaning is UNKNOWN else ""
        ours = meaning.told(self._place | {"what": what, "permission": permission}, key=key, code=unknown)
        region = told_region(error)
        if region and region != self._place["region"]:
            where, line = self._wording.region(region)
            ours.fix = f"Set {line} {where}"
        ours.fix = self._wording.of(ours.fix)
        return ours


def told(error: Exception) -> tuple[str, int]:
    """Return the S3 error code and the HTTP status that an error carries: "" and 0 where it has none."""
    from botocore.exceptions import ClientError  # noqa: PLC0415

    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return error.response.get("Error", {}).get("Code", ""), status
    return "", 0


def provider_errors() -> tuple[type[Exception], ...]:
    """Return what boto3 raises, and `wire` with it; everything else is a bug of ours."""
    from boto3.exceptions import Boto3Error  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    from urllib3.exceptions import HTTPError  # noqa: PLC0415

    return (ClientError, BotoCoreError, Boto3Error, HTTPError)


def _meaning(error: Exception) -> Meaning:
    code, status = told(error)
    if code in BY_CODE:
        return BY_CODE[code]
    if status in BY_STATUS:
        return BY_STATUS[status]
    if status >= 500:
        return BUSY
    if status >= 400:
        return UNKNOWN
    return _meaning_without_answer(error)


def _meaning_without_answer(error: Exception) -> Meaning:
    from botocore import exceptions as botocore  # noqa: PLC0415

    no_keys = (
        botocore.NoCredentialsError,
        botocore.PartialCredentialsError,
        botocore.CredentialRetrievalError,
        botocore.ProfileNotFound,
        botocore.TokenRetrievalError,
        botocore.SSOError,
    )
    if isinstance(error, no_keys):
        return NO_CREDENTIALS
    text = str(error)
    if isinstance(error, botocore.SSLError) or _REFUSED_CERTIFICATE.search(text):
        return BAD_CERTIFICATE
    if isinstance(error, botocore.ParamValidationError):
        return UNKNOWN
    return _no_connection(error)


def _no_connection(error: Exception) -> Meaning:
    """Tell why nothing answers, as far as the system tells it."""
    from botocore.exceptions import ProxyConnectionError  # noqa: PLC0415

    if isinstance(error, ProxyConnectionError):
        return BAD_PROXY
    text = f"{error} {getattr(error, 'kwargs', {}).get('error', '')}"
    if _NO_SUCH_HOST.search(text):
        return NO_HOST
    return NOBODY_LISTENS if "refused" in text else ABSENT


def told_region(error: Exception) -> str | None:
    """Return the bucket's region, where an error tells it."""
    from botocore.exceptions import ClientError  # noqa: PLC0415

    if not isinstance(error, ClientError):
        return None
    answer: Mapping[str, Any] = error.response
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    region: str | None = headers.get("x-amz-bucket-region") or answer.get("Error", {}).get("Region")
    return region
