"""A web server on this computer that answers as a test says."""

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.servers.threads import in_thread


@dataclass(frozen=True, slots=True)
class Page:
    """What is answered at a path."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut_at: int | None = None  # so many bytes are sent of all that is announced
    drip_s: float = 0.0  # between single bytes
    times: int = 10**9  # so often; then `then` is answered
    then: "Page | None" = None


@dataclass(slots=True)
class Web:
    """The server, seen from a test."""

    url: str
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)  # the Host header and the path of each request
    seen: dict[str, int] = field(default_factory=dict)

    def put(self, path: str, body: bytes, **headers: str) -> str:
        self.pages[path] = Page(body, headers={name.replace("_", "-"): value for name, value in headers.items()})
        return self.url + path


class _Server(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.web = Web(f"http://127.0.0.1:{self.server_port}")


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        web = self.server.web
        web.asked.append((self.headers.get("Host", ""), self.path))
        path = self.path.partition("?")[0]
        page = web.pages.get(path, Page(b"not here", 404))
        web.seen[path] = web.seen.get(path, 0) + 1
        if web.seen[path] > page.times and page.then:
            page = page.then
        self._answer(page)

    def _answer(self, page: Page) -> None:
        self.send_response(page.status)
        for name, value in {"Content-Length": str(len(page.body)), **page.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        body = page.body if page.cut_at is None else page.body[: page.cut_at]
        pieces = [body] if not page.drip_s else [body[at : at + 1] for at in range(len(body))]
        for piece in pieces:
            try:
                self.wfile.write(piece)
            except OSError:
                return
            time.sleep(page.drip_s)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def web_server(certificate: Path | None = None) -> Iterator[Web]:
    """Serve until the block ends; with a certificate, by HTTPS."""
    server = _Server()
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    with in_thread(server):
        yield server.web


def certificate_of(host: str) -> bytes:
    """Return a certificate that signs itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)]), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    secret = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
    return secret + certificate.public_bytes(encoding)
