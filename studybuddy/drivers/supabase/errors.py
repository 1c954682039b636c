"""What Supabase Storage and its client say, turned into our errors by one table.

Supabase answers HTTP 400 for nearly everything; the true status and a code stand in the body. Observed on 1.70.6; the
codes without which older servers answer are told by the error's name and message.
"""

import base64
import binascii
import json
from urllib.parse import urlsplit

from urllib3.exceptions import HTTPError, SSLError

from studybuddy.drivers.meaning import Meaning
from studybuddy.errors import (
    InvalidKeyError,
    InvalidRangeError,
    ObjectNotFoundError,
    PermissionDeniedError,
    StorageError,
    UnavailableError,
)
from studybuddy.settings.places import SupabaseSettings


class Refusal(Exception):
    """An answer that is an error: what its body says, or no more than its status."""

    def __init__(self, status: int, body: bytes) -> None:
        told = _object_in(body)
        inner = str(told.get("statusCode", ""))
        self.status = int(inner) if inner.isdigit() else status
        self.has_body = bool(told)
        self.code = str(told.get("code", ""))
        self.name = str(told.get("error", ""))
        self.message = str(told.get("message") or told.get("msg") or "")
        super().__init__(f"{self.status} {self.code or self.name}")  # the message may hold what nobody should see


SEES_ALL = "service_role"  # the role that no policy keeps anything from
# The texts may hold {what}, {bucket}, {host}, {role}, and {hidden} with {key_fix} where the key may not see everything.
_KEY_FIX = "Copy the service_role key from the project's settings (API keys) to SUPABASE_SERVICE_KEY."
_NO_BUCKET = Meaning(
    StorageError,
    "{what}: there is no bucket {bucket} at {host}{hidden}",
    "Check SUPABASE_BUCKET and SUPABASE_URL.{key_fix}",
)
_NO_OBJECT = Meaning(ObjectNotFoundError, "{what}: there is no such object in bucket {bucket}, or no bytes behind it")
_DENIED = Meaning(PermissionDeniedError, "{what}: {host} does not allow it to this key{role}", _KEY_FIX)
_WRONG_KEY = Meaning(PermissionDeniedError, "{what}: {host} does not accept the service key", _KEY_FIX)
_NO_KEY = Meaning(PermissionDeniedError, "{what}: no service key reached {host}", _KEY_FIX)
_EXPIRED = Meaning(PermissionDeniedError, "{what}: the service key has expired", _KEY_FIX)
_BAD_KEY = Meaning(
    InvalidKeyError,
    "{what}: Supabase refuses the characters of this key, so nobody can read it there",
    "Rename the object at Supabase, or name Supabase's S3 endpoint as a storage and read it there.",
)
_RANGE = Meaning(InvalidRangeError, "{what}: there are no bytes in that range")
_BUSY = Meaning(UnavailableError, "{what}: {host} asks to come back later", "Wait a little.")
_DATABASE = Meaning(
    UnavailableError,
    "{what}: the project's database does not answer in time",
    "Wait a little. Look at the project's health at Supabase when it lasts.",
)
_PAUSED = Meaning(
    StorageError, "{what}: the project at {host} is paused", "Restore the project in Supabase's dashboard."
)
_RESTRICTED = Meaning(
    StorageError,
    "{what}: Supabase restricts the project at {host}: it is over the limits of its plan",
    "Look at the project's usage in Supabase's dashboard.",
)
_NO_PROJECT = Meaning(
    StorageError, "{what}: there is no Supabase project at {host}", "Check SUPABASE_URL: https://NAME.supabase.co."
)
_ABSENT = Meaning(
    UnavailableError,
    "{what}: {host} does not answer",
    "Check the internet connection and SUPABASE_URL; a paused project does not answer either: look at the dashboard.",
)
_BAD_CERTIFICATE = Meaning(
    UnavailableError,
    "{what}: the certificate of {host} is not trusted",
    "Check SUPABASE_URL; for a certificate of your own set SSL_CERT_FILE to its file.",
)
_UNKNOWN = Meaning(StorageError, "{what}: {host} refused it", "Check SUPABASE_URL, SUPABASE_BUCKET and the key.")

_BY_CODE = {
    "NoSuchBucket": _NO_BUCKET,
    "NoSuchKey": _NO_OBJECT,
    "AccessDenied": _DENIED,
    "InvalidJWT": _WRONG_KEY,
    "SignatureDoesNotMatch": _WRONG_KEY,
    "ExpiredToken": _EXPIRED,
    "InvalidKey": _BAD_KEY,
    "InvalidRange": _RANGE,
    "SlowDown": _BUSY,
    "TenantNotFound": _NO_PROJECT,
    "DatabaseTimeout": _DATABASE,
    "DatabaseConnectionLimit": _DATABASE,
    "DatabaseReadOnly": _DATABASE,
}
_BY_NAME = {
    "bucket not found": _NO_BUCKET,
    "not_found": _NO_OBJECT,
    "not found": _NO_OBJECT,
    "invalid_range": _RANGE,
    "unauthorized": _DENIED,
}
# Of a bad key only the message tells what is bad.
_BY_MESSAGE = (
    ('"exp" claim', _EXPIRED),
    ("jwt expired", _EXPIRED),
    ("invalid compact jws", _WRONG_KEY),
    ("signature verification failed", _WRONG_KEY),
    ("invalid signature", _WRONG_KEY),
    ("jwt malformed", _WRONG_KEY),
    ("invalid api key", _WRONG_KEY),
    ("must have required property 'authorization'", _NO_KEY),
    ("no api key found", _NO_KEY),
)
_BY_STATUS = {
    301: _NO_PROJECT,
    302: _NO_PROJECT,
    307: _NO_PROJECT,
    308: _NO_PROJECT,
    401: _WRONG_KEY,
    402: _RESTRICTED,
    403: _DENIED,
    404: _NO_PROJECT,  # a route that is not there
    416: _RANGE,
    429: _BUSY,
    540: _PAUSED,
    544: _DATABASE,
}


class ErrorTable:
    """Names our error for what the client raised, with the place that it was about."""

    def __init__(self, settings: SupabaseSettings) -> None:
        self._wording = settings.wording
        role = role_of(settings.service_key.reveal())
        told = f" (its role is {role})" if role else ""
        sees_all = role == SEES_ALL
        self._words = {
            "bucket": settings.bucket,
            "host": urlsplit(settings.url).netloc,
            "role": told,
            "hidden": "" if sees_all else f", or this key{told} may not see it",
            "key_fix": "" if sees_all else f" {_KEY_FIX}",
        }

    def ours(self, error: Exception, *, what: str, key: str = "") -> StorageError:
        """Return our error."""
        meaning = _meaning(error)
        code = str(error) if meaning is _UNKNOWN and isinstance(error, Refusal) else ""
        return self._told(meaning, what, key=key, code=code)

    def not_supabase(self, what: str) -> StorageError:
        """Return our error for an answer that is no JSON."""
        return self._told(_NO_PROJECT, what)

    def _told(self, meaning: Meaning, what: str, *, key: str = "", code: str = "") -> StorageError:
        ours = meaning.told(self._words | {"what": what}, key=key, code=code)
        ours.fix = self._wording.of(ours.fix)
        return ours


def client_errors() -> tuple[type[Exception], ...]:
    """Return what an answer or the client raises; everything else is a bug of ours."""
    return (Refusal, HTTPError)


def role_of(key: str) -> str:
    """Return the role that a key of Supabase says it has, "" when it does not say."""
    for beginning, role in (("sb_secret_", SEES_ALL), ("sb_publishable_", "anon")):
        if key.startswith(beginning):
            return role
    _, _, rest = key.partition(".")
    payload = rest.partition(".")[0]
    try:
        told = _object_in(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (binascii.Error, ValueError):
        return ""
    return str(told.get("role", ""))


def _meaning(error: Exception) -> Meaning:
    if not isinstance(error, Refusal):
        return _BAD_CERTIFICATE if isinstance(error, SSLError) else _ABSENT
    message = error.message.lower()
    of_key = next((meaning for part, meaning in _BY_MESSAGE if part in message), None)
    if of_key and error.status in (400, 401, 403):
        return of_key
    found = _BY_CODE.get(error.code) or _BY_NAME.get(error.name.lower()) or _BY_STATUS.get(error.status)
    if found:
        return found
    return _BUSY if error.status >= 500 else _UNKNOWN


def _object_in(body: bytes) -> dict[str, object]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
