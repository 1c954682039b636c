"""A proxy on this computer that breaks HTTP on purpose, by rule; between a driver and a server.

Faults: `status:CODE[:S3CODE]` answers for the server; `swallow` says that a body was taken, and drops it; `hang`
never answers; `reset_before`, `reset_in_request` and `reset_in_answer` break the connection; `lose_answer` lets the
server do the work and then breaks it; `truncate` closes in the middle of the body; `flip_answer` and `flip_request`
change one bit; `drip` sends one byte per `delay`; `stall` sends half of the body, or of the head where there is none,
and then nothing; `no_range` takes the Range out of the request; `double` lets the server have the request twice.
"""

import contextlib
import hashlib
import re
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import BufferedReader
from urllib.parse import urlsplit

_ERROR = '<?xml version="1.0"?><Error><Code>{}</Code><Message>injected</Message></Error>'
_CODES = {400: "BadRequest", 403: "AccessDenied", 404: "NoSuchBucket", 500: "InternalError", 503: "SlowDown"}
_HANG_SECONDS = 60.0


@dataclass(slots=True)
class Rule:
    """Which requests break, and how: those numbered skip+1 to skip+times of all that match."""

    fault: str
    method: str = "*"
    path: str = ""
    times: int = 1
    skip: int = 0
    delay: float = 1.0
    seen: int = 0

    def hits(self, request: "Message") -> bool:
        if self.method not in ("*", request.method) or self.path not in request.target:
            return False
        self.seen += 1
        return self.skip < self.seen <= self.skip + self.times


@dataclass(slots=True)
class Message:
    """A request or an answer."""

    head: bytes
    body: bytes = b""

    @property
    def method(self) -> str:
        return self.head.split(b" ", 2)[0].decode()

    @property
    def target(self) -> str:
        return self.head.split(b" ", 2)[1].decode("latin1")

    @property
    def status(self) -> int:
        return int(self.head.split(b" ", 2)[1])

    def without(self, *names: str) -> bytes:
        """Return the head without some of its headers."""
        pattern = rf"(?im)^({'|'.join(names)}):[^\r]*\r\n"
        return re.sub(pattern.encode(), b"", self.head)


class FaultProxy:
    """Listens until it is closed; `log` holds the method, the target and the fault of every request.

    `bytes_in` and `bytes_out` are those of the bodies that went to the server and came from it.
    """

    def __init__(self, upstream: str) -> None:
        parts = urlsplit(upstream)
        self._upstream = (parts.hostname or "", parts.port or 80)
        self.rules: list[Rule] = []
        self.log: list[tuple[str, str, str]] = []
        self.bytes_in = self.bytes_out = 0
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._closed.set()
        self._server.close()

    def add(self, fault: str, **matching: str | int | float) -> None:
        """Add a rule."""
        self.rules.append(Rule(fault, **matching))  # type: ignore[arg-type]

    def count(self, method: str, fault: str | None = None) -> int:
        """Return how many requests of a method there were, with a fault or at all."""
        return sum(1 for m, _, f in self.log if m == method and fault in (None, f))

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        # A client that goes away is what this is made for.
        with contextlib.suppress(OSError, ValueError, IndexError), client, client.makefile("rb") as stream:
            while (head := _read_head(stream)) and self._answer(client, stream, Message(head)):
                pass

    def _answer(self, client: socket.socket, stream: BufferedReader, request: Message) -> bool:
        """Handle one request; tell whether the connection lives on."""
        with self._lock:
            rule = next((rule for rule in self.rules if rule.hits(request)), None)
            fault = rule.fault if rule else ""
            self.log.append((request.method, request.target, fault))
        if fault == "reset_before":
            return _reset(client)
        if b"100-continue" in request.head.lower():
            client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if fault == "reset_in_request":
            stream.read(100)
            return _reset(client)
        request.body = _read_body(stream, request.head)
        if fault == "hang":
            self._closed.wait(_HANG_SECONDS)
            return False
        if fault.startswith("status:"):
            client.sendall(_error(fault, silent=request.method == "HEAD"))
            return True
        if fault == "swallow":
            return _send(client, _taken(request.body))
        return self._pass_on(client, request, rule)

    def _pass_on(self, client: socket.socket, request: Message, rule: Rule | None) -> bool:
        fault = rule.fault if rule else ""
        if fault == "flip_request":
            request.body = _flipped(request.body)
        if fault == "no_range":
            request.head = request.without("range")
        answer = self._ask(request)
        if fault == "double":
            answer = self._ask(request)
        if fault == "lose_answer":
            return _reset(client)
        if fault == "flip_answer":
            answer.body = _flipped(answer.body)
        head, half = answer.without("connection"), len(answer.body) // 2
        broken: dict[str, Callable[[], bool]] = {
            "reset_in_answer": lambda: _send_and_reset(client, head + answer.body[:half]),
            "truncate": lambda: _send(client, head + answer.body[:half], alive=False),
            "stall": lambda: self._stall(client, head + answer.body[:half] if answer.body else head[: len(head) // 2]),
            "drip": lambda: self._drip(client, head, answer.body, rule.delay if rule else 0),
        }
        return broken.get(fault, lambda: _send(client, head + answer.body))()

    def _ask(self, request: Message) -> Message:
        head = request.without("connection", "expect")[:-2] + b"Connection: close\r\n\r\n"
        with socket.create_connection(self._upstream, timeout=60) as server, server.makefile("rb") as stream:
            server.sendall(head + request.body)
            answer = Message(_read_head(stream))
            if request.method != "HEAD" and answer.status not in (204, 304):
                answer.body = _read_body(stream, answer.head, to_the_end=True)
            with self._lock:
                self.bytes_in += len(request.body)
                self.bytes_out += len(answer.body)
            return answer

    def _stall(self, client: socket.socket, some: bytes) -> bool:
        _send(client, some)
        self._closed.wait(_HANG_SECONDS)
        return False

    def _drip(self, client: socket.socket, head: bytes, body: bytes, delay: float) -> bool:
        client.sendall(head)
        for place in range(len(body)):
            client.sendall(body[place : place + 1])
            if self._closed.wait(delay):
                return False
        return True


def _read_head(stream: BufferedReader) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline()
        if not line:
            return b""
        head += line
    return head


def _read_body(stream: BufferedReader, head: bytes, *, to_the_end: bool = False) -> bytes:
    if re.search(rb"(?im)^transfer-encoding:\s*chunked", head):
        return _read_chunks(stream)
    length = re.search(rb"(?im)^content-length:\s*(\d+)", head)
    if length:
        return stream.read(int(length[1]))
    return stream.read() if to_the_end else b""


def _read_chunks(stream: BufferedReader) -> bytes:
    """Read a chunked body as it is."""
    body = b""
    while True:
        line = stream.readline()
        size = int(line.split(b";")[0], 16)
        body += line + stream.read(size + 2)
        if not size:
            return body


def _taken(body: bytes) -> bytes:
    etag = hashlib.md5(body, usedforsecurity=False).hexdigest()
    return f'HTTP/1.1 200 OK\r\nETag: "{etag}"\r\nContent-Length: 0\r\n\r\n'.encode()


def _error(fault: str, *, silent: bool) -> bytes:
    _, status, *code = fault.split(":")
    body = b"" if silent else _ERROR.format(code[0] if code else _CODES[int(status)]).encode()
    head = f"HTTP/1.1 {status} Injected\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _flipped(body: bytes) -> bytes:
    changed = bytearray(body)
    changed[len(changed) // 2] ^= 1
    return bytes(changed)


def _send(client: socket.socket, data: bytes, *, alive: bool = True) -> bool:
    client.sendall(data)
    return alive


def _send_and_reset(client: socket.socket, data: bytes) -> bool:
    client.sendall(data)
    time.sleep(0.02)  # so that what was sent arrives first
    return _reset(client)


def _reset(client: socket.socket) -> bool:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    return False
