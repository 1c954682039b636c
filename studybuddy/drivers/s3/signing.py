"""Signatures of requests: AWS Signature Version 4, for which botocore takes as long as a small copy takes in all.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
"""

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from botocore.credentials import ReadOnlyCredentials

UNSIGNED = "UNSIGNED-PAYLOAD"
NO_BODY = hashlib.sha256().hexdigest()
_ALGORITHM = "AWS4-HMAC-SHA256"
_UNRESERVED = "-_.~"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a storage."""

    operation: str  # as the API calls it
    method: str
    path: str  # percent-encoded
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    sha256: str = NO_BODY  # of the body, in hex; or UNSIGNED

    @property
    def query_text(self) -> str:
        """The query as it is sent, and signed."""
        return "&".join(f"{_encoded(name)}={_encoded(self.query[name])}" for name in sorted(self.query))


def signed(request: Request, *, host: str, region: str, keys: "ReadOnlyCredentials", now: float) -> dict[str, str]:
    """Return the headers of a request, with its signature. `now` is in seconds since 1970."""
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    day = moment[:8]
    headers = {**request.headers, "host": host, "x-amz-content-sha256": request.sha256, "x-amz-date": moment}
    if keys.token:
        headers["x-amz-security-token"] = keys.token
    names = sorted(headers)
    listed = ";".join(names)
    lines = "".join(f"{name}:{headers[name]}\n" for name in names)
    asked = f"{request.method}\n{request.path}\n{request.query_text}\n{lines}\n{listed}\n{request.sha256}"
    scope = f"{day}/{region}/s3/aws4_request"
    to_sign = f"{_ALGORITHM}\n{moment}\n{scope}\n{hashlib.sha256(asked.encode()).hexdigest()}"
    key = _signing_key(keys.secret_key, day, region)
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    headers["authorization"] = (
        f"{_ALGORITHM} Credential={keys.access_key}/{scope}, SignedHeaders={listed}, Signature={signature}"
    )
    return headers


def encoded_path(path: str) -> str:
    """Return a path as it is sent, and signed."""
    return quote(path, safe="/" + _UNRESERVED)


def _encoded(text: str) -> str:
    return quote(text, safe=_UNRESERVED)


@lru_cache(maxsize=16)  # one a day for each storage
def _signing_key(secret: str, day: str, region: str) -> bytes:
    key = ("AWS4" + secret).encode()
    for part in (day, region, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
