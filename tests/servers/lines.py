"""Servers on this computer whose every byte a test decides: a scripted one, and a proxy as networks have them."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass(slots=True)
class Lines:
    """A server, seen from a test."""

    url: str
    heads: list[str] = field(default_factory=list)  # of all requests
    connections: int = 0


def head_of(line: socket.socket) -> str:
    """Read a request's head; nothing when the other side has closed."""
    found = b""
    while not found.endswith(b"\r\n\r\n") and (byte := line.recv(1)):
        found += byte
    return found.decode()


@contextmanager
def line_server(serve: Callable[[Lines, socket.socket], object]) -> Iterator[Lines]:
    """Let `serve` answer each connection, in a thread of its own; then it is closed."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        lines = Lines(f"http://127.0.0.1:{server.getsockname()[1]}")

        def answer(line: socket.socket) -> None:
            with line, suppress(OSError):
                serve(lines, line)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    line, _ = server.accept()
                    lines.connections += 1
                    threading.Thread(target=answer, args=[line], daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield lines


def pass_on(lines: Lines, line: socket.socket) -> None:
    """Serve as a proxy: pass one request on, or a whole connection that is asked for."""
    head = head_of(line)
    lines.heads.append(head)
    method, target, _ = head.split(" ", 2)
    parts = urlsplit(f"//{target}" if method == "CONNECT" else target)
    with socket.create_connection((parts.hostname or "", parts.port or 80)) as there:
        if method == "CONNECT":
            line.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            threading.Thread(target=_pump, args=[line, there], daemon=True).start()
        else:
            there.sendall(head.replace(f"{parts.scheme}://{parts.netloc}", "", 1).encode())
        _pump(there, line)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
