"""moto's S3 server behind a middleware that refuses what AWS refuses since 2023 and moto takes.

Run as a process: `python -m tests.servers.strict_s3 --port PORT`. Credentials: `ACCESS_KEY` with any secret; the other
keys have the rights or the faults that they are named after. Buckets named `OTHERS`... belong to someone else.
"""

import argparse
import base64
import hashlib
import io
import json
import logging
import re
import ssl
import sys
import time
import urllib.parse
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Protocol

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.servers.behind_path import BehindPath
from tests.servers.process import free_port, running

ACCESS_KEY = "AKIASTUDYBUDDYSTRICT"
SECRET_KEY = "any-secret-does-for-moto"
REGION = "us-east-1"
MAX_KEY_BYTES = 1024
OTHERS = "someone-elses-"  # how the names of buckets start that belong to someone else
LEAST_KEY = "AKIASTUDYBUDDYLEASTX"  # may only what daily work needs
NO_DELETE_KEY = "AKIASTUDYBUDDYKEEPER"
NO_LIST_KEY = "AKIASTUDYBUDDYNOLIST"
WRONG_SECRET_KEY = "AKIASTUDYBUDDYSECRET"
EXPIRED_KEY = "AKIASTUDYBUDDYOLDONE"
SKEWED_KEY = "AKIASTUDYBUDDYSKEWED"  # the server's clock is 20 minutes ahead
OPAQUE_KEY = "AKIASTUDYBUDDYOPAQUE"  # the ETags are no MD5s, as with keys of one's own (SSE-KMS)
CARELESS_KEY = "AKIASTUDYBUDDYCARELS"  # so they are, and nobody looks whether a body is the one that was signed

_SKEW_SECONDS = 20 * 60 + 30
_REFUSED_KEYS = {
    WRONG_SECRET_KEY: (403, "SignatureDoesNotMatch"),
    EXPIRED_KEY: (400, "ExpiredToken"),
    SKEWED_KEY: (403, "RequestTimeTooSkewed"),
}
_OPAQUE = {OPAQUE_KEY, CARELESS_KEY}
_KEYS = {ACCESS_KEY, LEAST_KEY, NO_DELETE_KEY, NO_LIST_KEY, *_OPAQUE, *_REFUSED_KEYS}
_DAILY = re.compile(r"^(list-type=2(&.*)?|uploads|partNumber=.*|uploadId=.*|x-id=\w+|X-Amz-.*|response-.*)?$")
_SIGNED = re.compile(r"Credential=([^/%&]+)(?:/|%2F)\d+(?:/|%2F)([^/%&]+)")
_ERROR = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{}</Code><Message>{}</Message></Error>'
_CHECKSUMS: dict[str, Callable[[bytes], bytes]] = {
    "HTTP_CONTENT_MD5": lambda body: hashlib.md5(body, usedforsecurity=False).digest(),
    "HTTP_X_AMZ_CHECKSUM_SHA256": lambda body: hashlib.sha256(body).digest(),
    "HTTP_X_AMZ_CHECKSUM_SHA1": lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
    "HTTP_X_AMZ_CHECKSUM_CRC32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
}

Environ = dict[str, Any]


class StartResponse(Protocol):
    def __call__(self, status: str, headers: list[tuple[str, str]], /) -> object: ...


@dataclass(frozen=True, slots=True)
class Refusal:
    """One error answer."""

    status: int
    code: str
    message: str
    headers: tuple[tuple[str, str], ...] = ()


class StrictS3:
    """Refuse what AWS refuses, pass the rest on."""

    def __init__(self, app: Callable[[Environ, StartResponse], Iterable[bytes]]) -> None:
        self._app = app
        self._public_allowed: set[str] = set()  # buckets whose Block Public Access is off
        self._policies: dict[str, list[dict[str, Any]]] = {}  # the statements of buckets' policies

    def __call__(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        for rule in (
            _sign_in,
            _taken,
            _rights,
            _key_length,
            _access_lists,
            self._public_policy,
            self._anonymous,
            _checksums,
            _signed_body,
        ):
            refusal = rule(environ)
            if refusal:
                return _answer(environ, start, refusal)
        # Not those of parts: moto wants them back as it gave them.
        opaque = environ.get("studybuddy.key") in _OPAQUE and "partNumber" not in environ.get("QUERY_STRING", "")
        return self._app(environ, _with_opaque_etags(start) if opaque else start)

    def _public_policy(self, environ: Environ) -> Refusal | None:
        """Refuse a public policy while Block Public Access is on, as it is on every new bucket."""
        bucket, method = _path(environ)[0], environ["REQUEST_METHOD"]
        if _asks(environ, "publicAccessBlock"):
            if method == "DELETE" or (method == "PUT" and b"<BlockPublicPolicy>false" in _body(environ)):
                self._public_allowed.add(bucket)
            elif method == "PUT":
                self._public_allowed.discard(bucket)
        if method == "DELETE" and _asks(environ, "policy"):
            self._policies.pop(bucket, None)
        if method == "PUT" and _asks(environ, "policy"):
            statements = json.loads(_body(environ)).get("Statement", [])
            statements = statements if isinstance(statements, list) else [statements]
            if bucket not in self._public_allowed and any(_is_public(statement) for statement in statements):
                return Refusal(403, "AccessDenied", "public policies are blocked by BlockPublicPolicy")
            self._policies[bucket] = statements
        return None

    def _anonymous(self, environ: Environ) -> Refusal | None:
        """Refuse who signs nothing, unless a public policy of a bucket that may have one lets everyone read."""
        bucket, key = _path(environ)
        if not key or _signature(environ) or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return None
        asked = f"arn:aws:s3:::{bucket}/{key.decode()}"
        for statement in self._policies.get(bucket, []) if bucket in self._public_allowed else []:
            resources = statement["Resource"]
            resources = resources if isinstance(resources, list) else [resources]
            if _is_public(statement) and any(fnmatchcase(asked, resource) for resource in resources):
                return None
        return Refusal(403, "AccessDenied", "Access Denied")


def _signature(environ: Environ) -> re.Match[str] | None:
    return _SIGNED.search(environ.get("HTTP_AUTHORIZATION", "")) or _SIGNED.search(environ.get("QUERY_STRING", ""))


def _taken(environ: Environ) -> Refusal | None:
    """Refuse everything in the bucket of someone else, whose name is taken for all."""
    if not _path(environ)[0].startswith(OTHERS):
        return None
    if environ["REQUEST_METHOD"] == "PUT" and not _path(environ)[1] and not environ.get("QUERY_STRING"):
        return Refusal(409, "BucketAlreadyExists", "The requested bucket name is not available.")
    return Refusal(403, "AccessDenied", "Access Denied")


def _sign_in(environ: Environ) -> Refusal | None:
    signed = _signature(environ)
    if signed is None:
        return None
    environ["studybuddy.key"] = signed[1]
    if signed[1] in _REFUSED_KEYS:
        return Refusal(*_REFUSED_KEYS[signed[1]], "refused")
    if signed[1] not in _KEYS:
        return Refusal(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
    if signed[2] != REGION:
        headers = (("x-amz-bucket-region", REGION),)
        if environ["REQUEST_METHOD"] == "HEAD":
            return Refusal(301, "", "", headers)
        message = f"the region '{signed[2]}' is wrong; expecting '{REGION}'"
        return Refusal(400, "AuthorizationHeaderMalformed", message, headers)
    return None


def _rights(environ: Environ) -> Refusal | None:
    """Refuse what a key may not do."""
    bucket, key = _path(environ)
    method, question = environ["REQUEST_METHOD"], environ.get("QUERY_STRING", "")
    asked: dict[str, bool] = {
        NO_DELETE_KEY: method != "DELETE",
        NO_LIST_KEY: bool(key) or not _asks(environ, "list-type"),
        LEAST_KEY: bool(bucket) and _DAILY.match(question) is not None and (bool(key) or method in {"GET", "HEAD"}),
    }
    may = asked.get(environ.get("studybuddy.key", ""), True)
    return None if may else Refusal(403, "AccessDenied", "Access Denied")


def _key_length(environ: Environ) -> Refusal | None:
    if len(_path(environ)[1]) > MAX_KEY_BYTES:
        return Refusal(400, "KeyTooLongError", "Your key is too long")
    return None


def _access_lists(environ: Environ) -> Refusal | None:
    listed = environ.get("HTTP_X_AMZ_ACL", "private") not in ("private", "bucket-owner-full-control")
    granted = any(name.startswith("HTTP_X_AMZ_GRANT_") for name in environ)
    if listed or granted or (environ["REQUEST_METHOD"] == "PUT" and _asks(environ, "acl")):
        return Refusal(400, "AccessControlListNotSupported", "The bucket does not allow ACLs")
    return None


def _checksums(environ: Environ) -> Refusal | None:
    if environ["REQUEST_METHOD"] != "PUT" or "aws-chunked" in environ.get("HTTP_CONTENT_ENCODING", ""):
        return None
    for header, digest in _CHECKSUMS.items():
        if header in environ and environ[header] != base64.b64encode(digest(_body(environ))).decode():
            return Refusal(400, "BadDigest", f"{header} is not that of the bytes that came")
    return None


def _signed_body(environ: Environ) -> Refusal | None:
    signed = environ.get("HTTP_X_AMZ_CONTENT_SHA256", "")
    if environ["REQUEST_METHOD"] != "PUT" or len(signed) != 64 or environ.get("studybuddy.key") == CARELESS_KEY:
        return None
    if signed != hashlib.sha256(_body(environ)).hexdigest():
        return Refusal(400, "XAmzContentSHA256Mismatch", "The bytes that came are not those that were signed")
    return None


def _with_opaque_etags(start: StartResponse) -> StartResponse:
    def opaque(status: str, headers: list[tuple[str, str]], /) -> object:
        return start(status, [(name, '"opaque"' if name.lower() == "etag" else value) for name, value in headers])

    return opaque


def _path(environ: Environ) -> tuple[str, bytes]:
    raw = str(environ.get("RAW_URI") or environ["PATH_INFO"])
    path = urllib.parse.unquote_to_bytes(raw.split("?", maxsplit=1)[0])
    bucket, _, key = path.lstrip(b"/").partition(b"/")
    return bucket.decode(), key


def _asks(environ: Environ, name: str) -> bool:
    return re.search(rf"(^|&){name}(=|&|$)", environ.get("QUERY_STRING", "")) is not None


def _body(environ: Environ) -> bytes:
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _is_public(statement: dict[str, Any]) -> bool:
    public = statement.get("Principal") in ("*", {"AWS": "*"})
    return statement.get("Effect") == "Allow" and public and "Condition" not in statement


def _answer(environ: Environ, start: StartResponse, refusal: Refusal) -> list[bytes]:
    _body(environ)
    silent = environ["REQUEST_METHOD"] == "HEAD"
    body = b"" if silent else _ERROR.format(refusal.code, refusal.message).encode()
    headers = [("Content-Type", "application/xml"), ("Content-Length", str(len(body))), *refusal.headers]
    start(f"{refusal.status} Refused", headers)
    return [body]


class _Handler(WSGIRequestHandler):
    """Tells the time; a wrong one to whoever comes with `SKEWED_KEY`."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        skewed = SKEWED_KEY in self.headers.get("Authorization", "")
        return super().date_time_string((timestamp or time.time()) + (_SKEW_SECONDS if skewed else 0))


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--cert", type=Path)
    parser.add_argument("--key", type=Path)
    parser.add_argument("--path")
    arguments = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    context = None
    if arguments.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(arguments.cert, arguments.key)
    app: Any = StrictS3(DomainDispatcherApplication(create_backend_app))
    if arguments.path:
        app = BehindPath(app, path=arguments.path, secret_key=SECRET_KEY)
    server = make_server("127.0.0.1", arguments.port, app, threaded=True, ssl_context=context, request_handler=_Handler)
    server.serve_forever()


@contextmanager
def strict_s3_server(
    folder: Path, *, cert: Path | None = None, key: Path | None = None, path: str = ""
) -> Iterator[str]:
    """Run the server as a process, behind a path if one is given; give the endpoint's URL."""
    port = free_port()
    command = [sys.executable, "-m", "tests.servers.strict_s3", "--port", str(port)]
    command += ["--cert", str(cert), "--key", str(key)] if cert else []
    command += ["--path", path] if path else []
    with running(command, port=port, log=folder / f"strict_s3-{port}.log"):
        yield f"{'https' if cert else 'http'}://127.0.0.1:{port}{path}"


if __name__ == "__main__":
    main()
