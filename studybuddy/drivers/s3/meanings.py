"""What the error codes of S3 and of services that speak its protocol mean, in plain words: the cause and the fix.

The texts may hold {what}, {bucket}, {region}, {endpoint} and {permission}. Codes: the S3 API Reference, “Error
responses” (2026-09), and what Ceph, MinIO, Garage, rclone and Backblaze B2 answer.
"""

from studybuddy.drivers.meaning import Meaning
from studybuddy.errors import (
    IntegrityError,
    InvalidKeyError,
    InvalidRangeError,
    LostPartsError,
    ObjectExistsError,
    ObjectNotFoundError,
    PermissionDeniedError,
    StorageError,
    UnavailableError,
    UnsupportedError,
)

_SET_UP = "python -m studybuddy setup-bucket"
_ONCE_MORE = "Try again; when it comes back, report it."

NO_BUCKET = Meaning(
    StorageError,
    "{what}: there is no bucket {bucket} at {endpoint}",
    f"Check the bucket's name and S3_ENDPOINT_URL, or create the bucket: {_SET_UP}",
)
NO_OBJECT = Meaning(ObjectNotFoundError, "{what}: there is no such object in bucket {bucket}")
DENIED = Meaning(
    PermissionDeniedError,
    "{what}: access denied to bucket {bucket}",
    "Give these keys the permission {permission} on the bucket, or check that they are the right ones.",
)
WRONG_KEY = Meaning(
    PermissionDeniedError,
    "{what}: {endpoint} does not know this access key",
    "Check AWS_ACCESS_KEY_ID: it may be mistyped, deleted, or another provider's.",
)
WRONG_SECRET = Meaning(
    PermissionDeniedError,
    "{what}: the secret key does not belong to the access key",
    "Copy AWS_SECRET_ACCESS_KEY again, whole and without blanks; it goes with AWS_ACCESS_KEY_ID.",
)
EXPIRED = Meaning(
    PermissionDeniedError,
    "{what}: the credentials have expired",
    "Sign in again, or renew AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN together.",
)
WRONG_REGION = Meaning(
    StorageError, "{what}: bucket {bucket} is in another region than {region}", "Set AWS_REGION to the bucket's region."
)
BUSY = Meaning(UnavailableError, "{what}: {endpoint} asks to come back later", "Wait a little.")
ABSENT = Meaning(
    UnavailableError,
    "{what}: {endpoint} does not answer",
    "Check the internet connection and S3_ENDPOINT_URL.",
)
NO_HOST = Meaning(
    UnavailableError,
    "{what}: the address of {endpoint} cannot be found",
    "Check the internet connection, and the spelling of S3_ENDPOINT_URL.",
)
NOBODY_LISTENS = Meaning(
    UnavailableError,
    "{what}: {endpoint} refuses the connection: nothing listens there",
    "Start the service, or check the port in S3_ENDPOINT_URL.",
)
BAD_PROXY = Meaning(
    UnavailableError, "{what}: the proxy does not answer", "Check HTTPS_PROXY and HTTP_PROXY in the environment."
)
BAD_CERTIFICATE = Meaning(
    UnavailableError,
    "{what}: the certificate of {endpoint} is not trusted",
    "Check S3_ENDPOINT_URL; for a certificate of your own set AWS_CA_BUNDLE to its file.",
)
CONDITION = Meaning(ObjectExistsError, "{what}: the key already holds other bytes")
RANGE = Meaning(InvalidRangeError, "{what}: there are no bytes in that range")
UNSUPPORTED = Meaning(UnsupportedError, "{what}: {endpoint} cannot do this")
DAMAGED = Meaning(IntegrityError, "{what}: the bytes changed on their way", "Try again.")
NO_CREDENTIALS = Meaning(
    PermissionDeniedError,
    "{what}: no keys for S3 were found",
    "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile or role that boto3 finds.",
)
UNKNOWN = Meaning(
    StorageError, "{what}: {endpoint} refused it", "Check the keys, the bucket's name, its region and S3_ENDPOINT_URL."
)

_CLOCK = Meaning(
    StorageError,
    "{what}: this computer's clock is wrong, by more than 15 minutes",
    "Set the clock by the internet, then try again.",
)
_ACCOUNT = Meaning(
    PermissionDeniedError,
    "{what}: the account at {endpoint} is not in order",
    "Sign in at the provider and look there.",
)
_NO_ACLS = Meaning(
    UnsupportedError,
    "{what}: bucket {bucket} takes no access lists (ACLs), as all do that were made since April 2023",
    "Send none. To let anyone read, a bucket policy is the way: " + _SET_UP + " --public-read",
)
_TAKEN = Meaning(
    StorageError,
    "{what}: the name {bucket} belongs to someone else; a bucket's name is there only once in the world",
    "Choose another name in STUDY_BUDDY_BUCKET_NAME.",
)
_NAME = Meaning(
    StorageError,
    "{what}: {bucket} can be no bucket's name",
    "Use 3 to 63 lower-case letters, digits and hyphens in STUDY_BUDDY_BUCKET_NAME.",
)
_KMS = Meaning(
    PermissionDeniedError,
    "{what}: the KMS key that bucket {bucket} encrypts with cannot be used",
    "Enable the key in AWS KMS, and give these keys kms:GenerateDataKey and kms:Decrypt on it.",
)
_UNSET = Meaning(StorageError, "{what}: bucket {bucket} has no such setting", "The set-up makes it: " + _SET_UP)
_OLD_STYLE = Meaning(
    UnsupportedError, "{what}: {endpoint} wants another kind of request", "Check S3_ENDPOINT_URL: is it an S3 endpoint?"
)
_TOO_LARGE = Meaning(
    StorageError, "{what}: it is larger than {endpoint} takes", "Lower MAX_UPLOAD_MB to what the provider takes."
)
_PARTS = Meaning(LostPartsError, "{what}: parts of the object were lost or changed on their way", "Try again.")
_ARCHIVED = Meaning(StorageError, "{what}: the object is in an archive class", "Restore it first.")
_FULL = Meaning(StorageError, "{what}: bucket {bucket} has no room left", "Raise the bucket's quota.")
_LOCKED = Meaning(
    PermissionDeniedError, "{what}: bucket {bucket} is locked against changes", "Look at its Object Lock settings."
)

BY_CODE = {
    # Who asks
    "InvalidAccessKeyId": WRONG_KEY,
    "InvalidClientTokenId": WRONG_KEY,
    "UnrecognizedClientException": WRONG_KEY,
    "SignatureDoesNotMatch": WRONG_SECRET,
    "InvalidSignature": WRONG_SECRET,
    "ExpiredToken": EXPIRED,
    "ExpiredTokenException": EXPIRED,
    "InvalidToken": EXPIRED,
    "TokenRefreshRequired": EXPIRED,
    "InvalidSecurity": WRONG_KEY,
    "NotSignedUp": _ACCOUNT,
    "AccountProblem": _ACCOUNT,
    "InvalidPayer": _ACCOUNT,
    "RequestTimeTooSkewed": _CLOCK,
    "RequestExpired": _CLOCK,
    "RequestInTheFuture": _CLOCK,
    # What they may do
    "AccessDenied": DENIED,
    "AllAccessDisabled": DENIED,
    "Forbidden": DENIED,
    "AccessControlListNotSupported": _NO_ACLS,
    "InvalidBucketAclWithObjectOwnership": _NO_ACLS,
    "ObjectLocked": _LOCKED,
    "InvalidBucketState": Meaning(
        StorageError,
        "{what}: another setting of bucket {bucket} forbids it",
        "Object Lock needs versioning to stay on.",
    ),
    "RestrictedPublicPolicy": Meaning(
        PermissionDeniedError,
        "{what}: Block Public Access refuses a policy that lets anyone read",
        "Allow it with " + _SET_UP + " --public-read; it may be blocked for the whole account as well.",
    ),
    # Where the bucket is
    "NoSuchBucket": NO_BUCKET,
    "AuthorizationHeaderMalformed": Meaning(
        StorageError,
        "{what}: the request was signed for the region {region}, and the bucket is in another, or a key has a blank",
        "Set AWS_REGION to the bucket's region, and look for blanks in AWS_ACCESS_KEY_ID.",
    ),
    "AuthorizationQueryParametersError": WRONG_REGION,
    "PermanentRedirect": WRONG_REGION,
    "TemporaryRedirect": Meaning(
        UnavailableError, "{what}: bucket {bucket} is new and not known everywhere yet", "Wait some minutes."
    ),
    "Redirect": WRONG_REGION,
    "IllegalLocationConstraintException": WRONG_REGION,
    "InvalidLocationConstraint": Meaning(
        StorageError, "{what}: {endpoint} has no region {region}", "Set AWS_REGION to a region that the provider has."
    ),
    "InvalidRegionName": WRONG_REGION,
    "BucketAlreadyExists": _TAKEN,
    "BucketAlreadyOwnedByYou": Meaning(
        StorageError, "{what}: bucket {bucket} is yours already", "Use it as it is; check AWS_REGION."
    ),
    "BucketNotEmpty": Meaning(StorageError, "{what}: bucket {bucket} still holds objects", "Leave it."),
    "InvalidBucketName": _NAME,
    "TooManyBuckets": Meaning(
        StorageError, "{what}: the account has as many buckets as it may", "Use one that is there, or ask for more."
    ),
    # Objects
    "NoSuchKey": NO_OBJECT,
    "NoSuchVersion": NO_OBJECT,
    "NotFound": NO_OBJECT,
    "NoSuchUpload": Meaning(StorageError, "{what}: the storage has dropped the unfinished object", "Try again."),
    "PreconditionFailed": CONDITION,
    "InvalidRange": RANGE,
    "KeyTooLongError": Meaning(InvalidKeyError, "{what}: the key is too long"),
    "InvalidURI": Meaning(InvalidKeyError, "{what}: {endpoint} does not take this key"),
    "EntityTooLarge": _TOO_LARGE,
    "MaxMessageLengthExceeded": _TOO_LARGE,
    "EntityTooSmall": Meaning(
        StorageError, "{what}: {endpoint} wants larger parts", "Report it: the parts have the sizes that AWS takes."
    ),
    "InvalidPart": _PARTS,
    "InvalidPartOrder": _PARTS,
    "IncompleteBody": _PARTS,
    "BadDigest": DAMAGED,
    "InvalidDigest": DAMAGED,
    "XAmzContentSHA256Mismatch": DAMAGED,
    "XAmzContentChecksumMismatch": DAMAGED,
    "InvalidObjectState": _ARCHIVED,
    "ObjectNotInActiveTierError": _ARCHIVED,
    "RestoreAlreadyInProgress": Meaning(UnavailableError, "{what}: the object is being restored", "Wait some hours."),
    "InvalidStorageClass": Meaning(UnsupportedError, "{what}: {endpoint} has no such storage class"),
    "QuotaExceeded": _FULL,
    "ServiceQuotaExceededException": _FULL,
    "XMinioStorageFull": Meaning(StorageError, "{what}: the disks of {endpoint} are full", "Free some space there."),
    # Encryption
    "KMS.DisabledException": _KMS,
    "KMS.NotFoundException": _KMS,
    "KMS.KMSInvalidStateException": _KMS,
    "KMS.InvalidKeyUsageException": _KMS,
    "KMS.AccessDeniedException": _KMS,
    "InvalidEncryptionAlgorithmError": Meaning(UnsupportedError, "{what}: {endpoint} cannot encrypt that way"),
    # Settings of a bucket
    "NoSuchBucketPolicy": _UNSET,
    "NoSuchCORSConfiguration": _UNSET,
    "NoSuchLifecycleConfiguration": _UNSET,
    "NoSuchPublicAccessBlockConfiguration": _UNSET,
    "OwnershipControlsNotFoundError": _UNSET,
    "ServerSideEncryptionConfigurationNotFoundError": _UNSET,
    "MalformedPolicy": Meaning(
        StorageError, "{what}: {endpoint} does not take the policy", "Report it, or set the policy at the provider."
    ),
    "MalformedXML": Meaning(UnsupportedError, "{what}: {endpoint} does not understand the request", _ONCE_MORE),
    # How it was asked
    "SlowDown": BUSY,
    "ServiceUnavailable": BUSY,
    "InternalError": BUSY,
    "TooManyRequests": BUSY,
    "Throttling": BUSY,
    "ThrottlingException": BUSY,
    "RequestLimitExceeded": BUSY,
    "KMS.ThrottlingException": BUSY,
    "RequestTimeout": BUSY,
    "OperationAborted": BUSY,
    "ConditionalRequestConflict": BUSY,
    "NotImplemented": UNSUPPORTED,
    "MethodNotAllowed": UNSUPPORTED,
    "InvalidRequest": Meaning(
        UnsupportedError,
        "{what}: {endpoint} takes no such request",
        "Look at the storage's settings: S3_ENDPOINT_URL, AWS_REGION and the bucket's encryption.",
    ),
    "InvalidArgument": Meaning(
        UnsupportedError, "{what}: {endpoint} finds a value wrong", "Check AWS_REGION and S3_ENDPOINT_URL."
    ),
    "MissingContentLength": _OLD_STYLE,
    "MissingSecurityHeader": _OLD_STYLE,
    "RequestIsNotMultiPartContent": _OLD_STYLE,
}
BY_STATUS = {
    301: WRONG_REGION,
    307: WRONG_REGION,
    401: WRONG_KEY,
    403: DENIED,
    404: NO_OBJECT,
    405: UNSUPPORTED,
    408: BUSY,
    409: BUSY,
    411: _OLD_STYLE,
    412: CONDITION,
    413: _TOO_LARGE,
    416: RANGE,
    429: BUSY,
    501: UNSUPPORTED,
    507: _FULL,
}
ABOUT_KEYS = frozenset(
    code for code, meaning in BY_CODE.items() if meaning in {WRONG_KEY, WRONG_SECRET, EXPIRED, _ACCOUNT}
) | {"AuthorizationHeaderMalformed"}
