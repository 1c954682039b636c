"""What S3 and its clients say, turned into our errors by one table."""

import re
from typing import Literal
from urllib.parse import urlsplit

from studybuddy.drivers.meaning import Meaning
from studybuddy.errors import (
    IntegrityError,
    InvalidKeyError,
    InvalidRangeError,
    ObjectExistsError,
    ObjectNotFoundError,
    PermissionDeniedError,
    StorageError,
    UnavailableError,
    UnsupportedError,
)
from studybuddy.places import S3Settings

Permission = Literal[
    "s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:ListBucket", "s3:AbortMultipartUpload", "a request"
]

_OBSTORE_STATUS = re.compile(r"status code: (\d{3})")
_OBSTORE_CODE = re.compile(r"<Code>(\w+)</Code>")
_REFUSED_CERTIFICATE = re.compile(r"certificate|CERTIFICATE|SSLError|UnknownIssuer")

# The texts may hold {what}, {bucket}, {region}, {endpoint} and {permission}.
_KEYS = "Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
_NO_BUCKET = Meaning(
    StorageError,
    "{what}: there is no bucket {bucket} at {endpoint}",
    "Check the bucket's name and S3_ENDPOINT_URL, or create the bucket at the provider.",
)
_NO_OBJECT = Meaning(ObjectNotFoundError, "{what}: there is no such object in bucket {bucket}")
_DENIED = Meaning(
    PermissionDeniedError,
    "{what}: access denied to bucket {bucket}",
    "Give these keys the permission {permission} on the bucket, or check that they are the right ones.",
)
_WRONG_KEY = Meaning(PermissionDeniedError, "{what}: {endpoint} does not know this access key", _KEYS)
_WRONG_SECRET = Meaning(PermissionDeniedError, "{what}: the secret key does not belong to the access key", _KEYS)
_EXPIRED = Meaning(PermissionDeniedError, "{what}: the credentials have expired", "Sign in again, or renew the keys.")
_WRONG_REGION = Meaning(
    StorageError, "{what}: bucket {bucket} is in another region than {region}", "Set AWS_REGION to the bucket's region."
)
_BUSY = Meaning(UnavailableError, "{what}: {endpoint} asks to come back later", "Wait; it is tried again by itself.")
_ABSENT = Meaning(
    UnavailableError,
    "{what}: {endpoint} does not answer",
    "Check the internet connection and S3_ENDPOINT_URL; it is tried again by itself.",
)
_BAD_CERTIFICATE = Meaning(
    UnavailableError,
    "{what}: the certificate of {endpoint} is not trusted",
    "Check S3_ENDPOINT_URL; for a certificate of your own set AWS_CA_BUNDLE to its file.",
)
_CLOCK = Meaning(StorageError, "{what}: this computer's clock is wrong", "Set the clock, then try again.")
_CONDITION = Meaning(ObjectExistsError, "{what}: the key already holds other bytes")
_RANGE = Meaning(InvalidRangeError, "{what}: there are no bytes in that range")
_UNSUPPORTED = Meaning(UnsupportedError, "{what}: {endpoint} cannot do this")
_DAMAGED = Meaning(IntegrityError, "{what}: the bytes changed on their way", "Try again.")
_NO_CREDENTIALS = Meaning(
    PermissionDeniedError,
    "{what}: no keys for S3 were found",
    "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile or role that boto3 finds.",
)
_UNKNOWN = Meaning(
    StorageError, "{what}: {endpoint} refused it", "Check the keys, the bucket's name, its region and S3_ENDPOINT_URL."
)

_BY_CODE = {
    "NoSuchBucket": _NO_BUCKET,
    "NoSuchKey": _NO_OBJECT,
    "NotFound": _NO_OBJECT,
    "NoSuchUpload": Meaning(StorageError, "{what}: the storage has dropped the unfinished object", "Try again."),
    "AccessDenied": _DENIED,
    "AllAccessDisabled": _DENIED,
    "AccountProblem": _DENIED,
    "InvalidAccessKeyId": _WRONG_KEY,
    "SignatureDoesNotMatch": _WRONG_SECRET,
    "ExpiredToken": _EXPIRED,
    "InvalidToken": _EXPIRED,
    "TokenRefreshRequired": _EXPIRED,
    "AuthorizationHeaderMalformed": _WRONG_REGION,
    "PermanentRedirect": _WRONG_REGION,
    "IllegalLocationConstraintException": _WRONG_REGION,
    "RequestTimeTooSkewed": _CLOCK,
    "SlowDown": _BUSY,
    "ServiceUnavailable": _BUSY,
    "InternalError": _BUSY,
    "TooManyRequests": _BUSY,
    "RequestTimeout": _BUSY,
    "OperationAborted": _BUSY,
    "ConditionalRequestConflict": _BUSY,
    "PreconditionFailed": _CONDITION,
    "InvalidRange": _RANGE,
    "KeyTooLongError": Meaning(InvalidKeyError, "{what}: the key is too long"),
    "NotImplemented": _UNSUPPORTED,
    "MethodNotAllowed": _UNSUPPORTED,
    "BadDigest": _DAMAGED,
    "XAmzContentSHA256Mismatch": _DAMAGED,
    "InvalidObjectState": Meaning(StorageError, "{what}: the object is in an archive class", "Restore it first."),
    "QuotaExceeded": Meaning(StorageError, "{what}: bucket {bucket} has no room left", "Raise the bucket's quota."),
}
_BY_STATUS = {
    301: _WRONG_REGION,
    307: _WRONG_REGION,
    401: _WRONG_KEY,
    403: _DENIED,
    404: _NO_OBJECT,
    405: _UNSUPPORTED,
    408: _BUSY,
    409: _BUSY,
    412: _CONDITION,
    416: _RANGE,
    429: _BUSY,
    501: _UNSUPPORTED,
    507: _BY_CODE["QuotaExceeded"],
}


class ErrorTable:
    """Names our error for what a client raised, with the place that it was about."""

    def __init__(self, settings: S3Settings) -> None:
        host = urlsplit(settings.endpoint_url).netloc if settings.endpoint_url else "AWS"
        self._place = {"bucket": settings.bucket, "region": settings.region, "endpoint": host}

    def ours(self, error: Exception, *, what: str, permission: Permission, key: str = "") -> StorageError:
        """Return our error."""
        meaning = _meaning(error)
        # A 404 without a code: what is asked of no object, and a new object, can only miss the bucket.
        if meaning is _NO_OBJECT and not told(error)[0] and (not key or permission == "s3:PutObject"):
            meaning = _NO_BUCKET
        code, status = told(error)
        unknown = str(code or status or "") if meaning is _UNKNOWN else ""
        return meaning.told(self._place | {"what": what, "permission": permission}, key=key, code=unknown)


def told(error: Exception) -> tuple[str, int]:
    """Return the S3 error code and the HTTP status that an error carries: "" and 0 where it has none."""
    from botocore.exceptions import ClientError  # noqa: PLC0415

    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return error.response.get("Error", {}).get("Code", ""), status
    text = str(error)
    code, found = _OBSTORE_CODE.search(text), _OBSTORE_STATUS.search(text)
    return code[1] if code else "", int(found[1]) if found else 0


def provider_errors() -> tuple[type[Exception], ...]:
    """Return what the two clients raise; everything else is a bug of ours."""
    from boto3.exceptions import Boto3Error  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    from obstore.exceptions import BaseError  # noqa: PLC0415
    from urllib3.exceptions import HTTPError  # noqa: PLC0415

    return (ClientError, BotoCoreError, Boto3Error, HTTPError, BaseError, FileNotFoundError)


def _meaning(error: Exception) -> Meaning:
    code, status = told(error)
    if code in _BY_CODE:
        return _BY_CODE[code]
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status >= 500:
        return _BUSY
    if status >= 400:
        return _UNKNOWN
    return _meaning_without_answer(error)


def _meaning_without_answer(error: Exception) -> Meaning:
    from botocore import exceptions as botocore  # noqa: PLC0415
    from obstore.exceptions import UnauthenticatedError  # noqa: PLC0415

    no_keys = (
        botocore.NoCredentialsError,
        botocore.PartialCredentialsError,
        botocore.CredentialRetrievalError,
        botocore.ProfileNotFound,
        botocore.TokenRetrievalError,
        botocore.SSOError,
        UnauthenticatedError,
    )
    if isinstance(error, no_keys):
        return _NO_CREDENTIALS
    text = str(error)
    if isinstance(error, botocore.SSLError) or _REFUSED_CERTIFICATE.search(text):
        return _BAD_CERTIFICATE
    if isinstance(error, botocore.ParamValidationError):
        return _UNKNOWN
    return _ABSENT
