"""A speech service on this computer that takes OpenAI's requests, and says what a test tells it to."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.servers.threads import in_thread

KEY = "sk-test-0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked."""

    path: str
    key: str
    fields: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Speech:
    """The service, seen from a test. `answers` come first, then `say` what was heard in each window."""

    url: str
    asked: list[Request] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    say: Callable[[int], Answer] = lambda number: Answer(
        body={"text": "", "segments": [{"start": 1.0, "end": 2.5, "text": f" window {number} "}]}
    )


class _Server(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.speech = Speech(f"http://127.0.0.1:{self.server_port}/v1")


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        speech = self.server.speech
        speech.asked.append(Request(self.path, self.headers.get("Authorization", ""), self._fields()))
        answer = speech.answers.pop(0) if speech.answers else speech.say(len(speech.asked))
        content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in {"Content-Length": str(len(content)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _fields(self) -> dict[str, bytes]:
        """Read what was sent as a form."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        whole = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode() + body
        return {
            str(part.get_param("name", header="Content-Disposition")): part.get_payload(decode=True)  # type: ignore[misc]
            for part in BytesParser().parsebytes(whole).walk()
            if not part.is_multipart()
        }

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def speech_server() -> Iterator[Speech]:
    """Serve until the block ends."""
    server = _Server()
    with in_thread(server):
        yield server.speech
