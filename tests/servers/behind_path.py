"""An S3 server behind a path, with Supabase's namespaced errors; it checks every signature over the whole path."""

import hmac
import re
from collections.abc import Callable, Iterable
from http.client import responses
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

Environ = dict[str, object]
App = Callable[..., Iterable[bytes]]

_AUTHORIZATION = re.compile(r"Credential=(?P<id>[^/]+)/(?P<scope>[^,]+), ?SignedHeaders=(?P<headers>[^,]+), ?"
                            r"Signature=(?P<signature>[0-9a-f]+)")  # fmt: skip
_NAMESPACE = b'<Error xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
_REFUSED = b"<?xml version='1.0'?>" + _NAMESPACE + b"<Code>%s</Code><Message>refused</Message></Error>"


class BehindPath:
    """Serve an app under `path`, as a gateway does that cuts it off."""

    def __init__(self, app: App, *, path: str, secret_key: str) -> None:
        self._app = app
        self._path = path
        self._secret_key = secret_key

    def __call__(self, environ: Environ, start: Callable[..., object]) -> Iterable[bytes]:
        target = str(environ["RAW_URI"])
        if not target.startswith(f"{self._path}/"):
            return _answer(environ, start, 404, b"NotBehindThePath")
        if "HTTP_AUTHORIZATION" in environ and not self._is_signed(environ, target):
            return _answer(environ, start, 403, b"SignatureDoesNotMatch")
        environ["RAW_URI"] = environ["REQUEST_URI"] = target.removeprefix(self._path)
        environ["PATH_INFO"] = str(environ["PATH_INFO"]).removeprefix(self._path)
        return self._with_namespace(environ, start)

    def _is_signed(self, environ: Environ, target: str) -> bool:
        found = _AUTHORIZATION.search(str(environ["HTTP_AUTHORIZATION"]))
        if found is None:
            return False
        _, region, service, _ = found["scope"].split("/")
        request = AWSRequest(str(environ["REQUEST_METHOD"]), f"http://{environ['HTTP_HOST']}{target}")
        for name in found["headers"].split(";"):
            request.headers[name] = _header(environ, name)
        request.context["timestamp"] = _header(environ, "x-amz-date")
        auth = S3SigV4Auth(Credentials(found["id"], self._secret_key), service, region)
        signature = auth.signature(auth.string_to_sign(request, _canonical(auth, request, target)), request)
        return hmac.compare_digest(signature, found["signature"])

    def _with_namespace(self, environ: Environ, start: Callable[..., object]) -> Iterable[bytes]:
        began: list[tuple[str, list[tuple[str, str]]]] = []
        body = b"".join(self._app(environ, lambda status, headers, *_: began.append((status, headers))))
        status, headers = began[0]
        if not status.startswith("2"):
            body = re.sub(rb"<Error[^>]*>", _NAMESPACE, body)
        kept = [(name, value) for name, value in headers if name.lower() != "content-length"]
        length = {name.lower(): value for name, value in headers}.get("content-length", "0")
        head = environ["REQUEST_METHOD"] == "HEAD"
        start(status, [*kept, ("Content-Length", length if head else str(len(body)))])
        return [b"" if head else body]


def _canonical(auth: S3SigV4Auth, request: AWSRequest, target: str) -> str:
    headers = auth.headers_to_sign(request)
    return "\n".join([
        str(request.method), urlsplit(target).path, _query(target), auth.canonical_headers(headers) + "\n",
        auth.signed_headers(headers), request.headers["x-amz-content-sha256"],
    ])  # fmt: skip


def _query(target: str) -> str:
    pairs = [pair if "=" in pair else f"{pair}=" for pair in urlsplit(target).query.split("&") if pair]
    return "&".join(sorted(pairs))


def _header(environ: Environ, name: str) -> str:
    plain = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
    return str(environ[plain.get(name, "HTTP_" + name.upper().replace("-", "_"))])


def _answer(environ: Environ, start: Callable[..., object], status: int, code: bytes) -> Iterable[bytes]:
    body = b"" if environ["REQUEST_METHOD"] == "HEAD" else _REFUSED % code
    start(f"{status} {responses[status]}", [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
    return [body]
