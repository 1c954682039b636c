"""Connections to a storage: made when they are needed, kept for the next request, given up when nothing comes.

The standard library makes them and understands the answers. What is left out is what boto3's way through urllib3 adds
to each request and each piece of a body: that is more than a small copy takes in all.
"""

import io
import os
import ssl
import time
from base64 import b64encode
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from socket import socket
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote, urlsplit

from studybuddy.units import KIB

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_PIECE_BYTES = 256 * KIB
_BUFFER_BYTES = 72 * KIB  # a small object comes with the head of its answer
_IDLE_S = 30.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds to wait."""

    answer: float  # for the answer, from the last byte that was sent
    send: float  # until a piece of the body is taken


class Connection:
    """One connection, with one request under way at a time. Raises OSError and HTTPException."""

    def __init__(self, line: socket) -> None:
        self._line = line
        self._incoming = _Incoming(line, 0)
        self._idle_since = float("-inf")

    def send(self, head: bytes, body: memoryview, patience: Patience) -> None:
        """Send a request."""
        self._line.settimeout(patience.send)
        if len(body) <= _PIECE_BYTES:
            self._line.sendall(head + body)
            return
        self._line.sendall(head)
        for start in range(0, len(body), _PIECE_BYTES):
            self._line.sendall(body[start : start + _PIECE_BYTES])

    def receive(self, method: str, *, seconds: float) -> HTTPResponse:
        """Wait for an answer; its body is on its way then."""
        self._incoming = _Incoming(self._line, seconds)
        answer = HTTPResponse(cast(socket, self._incoming), method=method)
        answer.begin()
        # The standard library takes all until the connection ends for the answer; S3 always tells a length.
        if answer.status < 300 and answer.length is None and not answer.chunked:
            raise HTTPException("the answer broke off in its head")
        return answer

    def wait_for(self, seconds: float) -> None:
        """Wait so long, all in all, for what is read from now on. What its reader does meanwhile is no wait."""
        self._incoming.seconds = seconds

    def rest(self) -> None:
        """Note that nothing is under way."""
        self._idle_since = time.monotonic()

    @property
    def is_old(self) -> bool:
        """Whether it has rested for so long that a router on the way may have forgotten it."""
        return time.monotonic() - self._idle_since > _IDLE_S

    def is_quiet(self) -> bool:
        """Tell whether it is as it was left: not closed by the other side, nothing unasked on it."""
        from urllib3.util import wait_for_read  # noqa: PLC0415

        return not wait_for_read(self._line, timeout=0)

    def close(self) -> None:
        self._line.close()


class _Incoming(io.RawIOBase):
    """What comes on a connection, for one answer. Closing it leaves the connection open."""

    def __init__(self, line: socket, seconds: float) -> None:
        self._line = line
        self.seconds = seconds  # left to wait

    def makefile(self, _: str) -> io.BufferedReader:
        return io.BufferedReader(self, _BUFFER_BYTES)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        if self.seconds <= 0:
            raise TimeoutError("nothing came in time")
        self._line.settimeout(self.seconds)
        begun = time.monotonic()
        try:
            return self._line.recv_into(buffer)
        finally:
            self.seconds -= time.monotonic() - begun


class Connections:
    """The connections to one server, by way of the proxy that the environment names. Safe to use from several threads.

    `url` holds no more than scheme, host and port.
    """

    def __init__(self, url: str, *, seconds: float) -> None:
        self.url = url
        self._parts = urlsplit(url)
        self._seconds = seconds  # to wait for a connection
        self._idle: deque[Connection] = deque()

    def take(self) -> Connection:
        """Return a connection that is free; raise what botocore raises when none can be made."""
        while self._idle:
            try:
                found = self._idle.pop()
            except IndexError:  # another thread was faster
                break
            if not found.is_old and found.is_quiet():
                return found
            found.close()
        return self._new()

    def give_back(self, connection: Connection) -> None:
        """Keep a connection on which nothing is under way."""
        connection.rest()
        self._idle.append(connection)
        with suppress(IndexError):  # another thread may be faster
            while self._idle[0].is_old:
                self._idle.popleft().close()

    def broken(self, error: Exception) -> Exception:
        """Return botocore's error for a connection that broke or fell silent.

        Where one fell silent, those that rest are given up with it: when a line has gone, as after a computer's sleep,
        each of them would have to be waited for.
        """
        from botocore.exceptions import ConnectionClosedError, ReadTimeoutError  # noqa: PLC0415

        if not isinstance(error, TimeoutError):
            return ConnectionClosedError(endpoint_url=self.url, error=error)
        with suppress(IndexError):
            while True:
                self._idle.pop().close()
        return ReadTimeoutError(endpoint_url=self.url, error=error)

    @cached_property
    def proxy_headers(self) -> dict[str, str]:
        """What a proxy wants to be told with each request that it passes on."""
        return {} if self._parts.scheme == "https" else self._proxy_authorization

    @cached_property
    def before_path(self) -> str:
        """What stands before a request's path: a proxy that passes it on is told the server as well."""
        return self.url if self._proxy and self._parts.scheme == "http" else ""

    @cached_property
    def _proxy(self) -> str:
        from botocore.utils import get_environ_proxies  # noqa: PLC0415

        return cast(str, get_environ_proxies(self.url).get(self._parts.scheme, ""))

    @cached_property
    def _proxy_authorization(self) -> dict[str, str]:
        proxy = urlsplit(self._proxy)
        if not proxy.username:
            return {}
        told = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
        return {"proxy-authorization": "Basic " + b64encode(told.encode()).decode()}

    def _new(self) -> Connection:
        from botocore.exceptions import EndpointConnectionError, ProxyConnectionError, SSLError  # noqa: PLC0415

        try:
            return self._connect()
        except ssl.SSLError as error:
            raise SSLError(endpoint_url=self.url, error=error) from error
        except OSError as error:
            if self._proxy:
                raise ProxyConnectionError(proxy_url=urlsplit(self._proxy).hostname or "", error=error) from error
            raise EndpointConnectionError(endpoint_url=self.url, error=error) from error

    def _connect(self) -> Connection:
        near = urlsplit(self._proxy) if self._proxy else self._parts
        host, port = near.hostname or "", near.port or (443 if near.scheme == "https" else 80)
        if self._parts.scheme != "https":
            made = HTTPConnection(host, port, timeout=self._seconds)
        else:
            made = HTTPSConnection(host, port, timeout=self._seconds, context=self._trust)
            if self._proxy:
                made.set_tunnel(self._parts.hostname or "", self._parts.port or 443, self._proxy_authorization)
        made.connect()
        return Connection(made.sock)

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        from botocore.httpsession import get_cert_path  # noqa: PLC0415

        return ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE") or get_cert_path(True))
