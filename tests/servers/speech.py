"""A speech service on this computer that takes OpenAI's requests, and says what a test tells it to."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

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


@contextmanager
def speech_server() -> Iterator[Speech]:
    """Serve until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            whole = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode() + body
            parts = BytesParser().parsebytes(whole).walk()
            fields = {
                str(part.get_param("name", header="Content-Disposition")): part.get_payload(decode=True)
                for part in parts
                if not part.is_multipart()
            }
            speech.asked.append(Request(self.path, self.headers.get("Authorization", ""), fields))  # type: ignore[arg-type]
            answer = speech.answers.pop(0) if speech.answers else speech.say(len(speech.asked))
            content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(content)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    speech = Speech(f"http://127.0.0.1:{server.server_port}/v1")
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    try:
        yield speech
    finally:
        server.shutdown()
        server.server_close()
