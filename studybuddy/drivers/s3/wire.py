"""Requests whose time counts, because each file needs them: signed here, and sent without boto3.

Everything else goes through boto3. Both raise botocore's errors.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from studybuddy.drivers.counters import Counter
from studybuddy.drivers.s3.connections import Connection, Connections, Patience
from studybuddy.drivers.s3.counting import counted
from studybuddy.drivers.s3.signing import Request, encoded_path, signed
from studybuddy.units import KIB

if TYPE_CHECKING:
    from botocore.credentials import Credentials
    from botocore.exceptions import ClientError

_PROGRESS_BYTES = 64 * KIB  # less in all the time that is waited is a drip
_LATE_ANSWER_S = 1.0  # to one who broke off in the middle of a body
_NOTHING = memoryview(b"")


class Wire:
    """One bucket, asked directly. Safe to use from several threads."""

    def __init__(
        self, connections: Connections, *, root: str, region: str, credentials: "Credentials", counter: Counter
    ) -> None:
        self._connections = connections
        self._host = urlsplit(connections.url).netloc
        self._root = encoded_path(root)  # the bucket's path, where it is in the path
        self._region = region
        self._credentials = credentials
        self._counter = counter

    def path(self, name: str) -> str:
        """Return the path of an object in the bucket."""
        return f"{self._root}/{encoded_path(name)}"

    def ask(self, request: Request, *, patience: Patience, body: memoryview = _NOTHING) -> "Answer":
        """Send a request and return its answer, whose body is on its way; raise botocore's error when it is refused."""
        return self.begin(request, patience=patience, body=body).answer()

    def begin(self, request: Request, *, patience: Patience, body: memoryview = _NOTHING) -> "Asking":
        """Send a request. Others may be sent before its answer is waited for."""
        head = self._head(request, len(body))
        connection = self._connections.take()
        self._counter.request(counted(request.operation), len(body))
        broken = None
        try:
            connection.send(head, body, patience)
        except OSError as error:
            broken = error
        return Asking(self._connections, connection, request, patience, self._counter, broken)

    def _head(self, request: Request, size: int) -> bytes:
        keys = self._credentials.get_frozen_credentials()
        headers = signed(request, host=self._host, region=self._region, keys=keys, now=time.time())
        headers |= self._connections.proxy_headers
        if size or request.method == "PUT":
            headers["content-length"] = str(size)
        query = f"?{request.query_text}" if request.query else ""
        lines = [f"{request.method} {self._connections.before_path}{request.path}{query} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


@dataclass(frozen=True, slots=True)
class Asking:
    """A request that was sent."""

    connections: Connections
    connection: Connection
    request: Request
    patience: Patience
    counter: Counter
    broken: OSError | None  # why it was not sent whole

    def answer(self) -> "Answer":
        """Wait for the answer, whose body is on its way then; raise botocore's error when it is none or a refusal."""
        try:
            response = self._response()
        except (OSError, HTTPException) as error:
            self.connection.close()
            raise self.connections.broken(error) from error
        except BaseException:
            self.connection.close()
            raise
        answer = Answer(self.connections, self.connection, response, self.counter)
        if response.status >= 300:
            raise refused(self.request.operation, response.status, response.headers, answer.content())
        return answer

    def drop(self) -> None:
        """Wait for nothing."""
        self.connection.close()

    def _response(self) -> HTTPResponse:
        if not self.broken:
            return self.connection.receive(self.request.method, seconds=self.patience.answer)
        # Who refuses a body before its end has said why, and closed.
        try:
            return self.connection.receive(self.request.method, seconds=_LATE_ANSWER_S)
        except (OSError, HTTPException):
            raise self.broken from None


class Answer:
    """An answer whose body is on its way; it is taken to its end, or closed."""

    def __init__(
        self, connections: Connections, connection: Connection, response: HTTPResponse, counter: Counter
    ) -> None:
        self._connections = connections
        self._counter = counter
        self._connection: Connection | None = connection
        self._response = response
        self._came = 0  # since there was waited anew

    @property
    def headers(self) -> HTTPMessage:
        return self._response.headers

    def content(self) -> bytes:
        """Return the whole body."""
        with self._telling():
            found = self._response.read()
        self._counter.count("received", len(found))
        self.close()
        return found

    def read_into(self, buffer: memoryview, *, seconds: float) -> int:
        """Take what comes next of the body, 0 bytes at its end; wait `seconds` for each bit that is no drip."""
        if self._connection is None:
            return 0
        if not self._came:
            self._connection.wait_for(seconds)
        with self._telling():
            came = self._next_into(buffer)
        self._counter.count("received", came)
        self._came += came
        if self._came >= _PROGRESS_BYTES:
            self._came = 0
        if not came or self._response.length == 0:
            self.close()
        return came

    def _next_into(self, buffer: memoryview) -> int:
        response = self._response
        if response.chunked or response.length is None:
            found = response.read1(len(buffer))
            buffer[: len(found)] = found
            return len(found)
        # HTTPResponse.readinto waits until the buffer is full.
        came = response.fp.readinto1(buffer[: response.length])
        response.length -= came
        return came

    def close(self) -> None:
        """Keep the connection if nothing of the body is left on it."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        is_whole = self._response.isclosed() or self._response.length == 0
        if is_whole and not self._response.will_close:
            self._connections.give_back(connection)
        else:
            connection.close()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except (OSError, HTTPException) as error:
            self.close()
            raise self._connections.broken(error) from error


def refused(operation: str, status: int, headers: HTTPMessage, body: bytes) -> "ClientError":
    """Return botocore's error for an answer that tells one."""
    from botocore.exceptions import ClientError  # noqa: PLC0415
    from botocore.model import Shape  # noqa: PLC0415
    from botocore.parsers import RestXMLParser  # noqa: PLC0415

    named = {name.lower(): value for name, value in headers.items()}
    told = RestXMLParser().parse(
        {"status_code": status, "headers": named, "body": body}, Shape("Error", {"type": "structure"})
    )
    return ClientError(told, operation)
