"""Requests to Supabase Storage: with the key, with deadlines, and with every key exactly as it is."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from urllib3 import BaseHTTPResponse, Timeout, connection_from_url
from urllib3.exceptions import ReadTimeoutError

from studybuddy.drivers.counters import Counted, Counter
from studybuddy.drivers.retrying import retrying
from studybuddy.drivers.supabase.errors import ErrorTable, Refusal, client_errors
from studybuddy.errors import StorageError, UnsupportedError
from studybuddy.settings.places import SupabaseSettings
from studybuddy.units import KIB, MIB

T = TypeVar("T")
_ROOT = "/storage/v1"
_CONNECTIONS = 32
_PIECE_BYTES = 64 * KIB
_MAX_JSON_BYTES = 64 * MIB  # a page of a thousand rows has less than one


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long to wait, in seconds."""

    connect: float = 3.0
    answer: float = 8.0  # to a request, and to each next piece of a body: a database stands behind every answer
    retry: float = 5.0  # no new attempt begins later than this after the first
    page: float = 60.0  # for a whole page of a list
    standstill: float = 30.0  # a read that got hardly a byte for this long is given up


class Client:
    """Asks one project for one bucket's things. Safe to use from several threads."""

    def __init__(self, settings: SupabaseSettings, deadlines: Deadlines, counter: Counter) -> None:
        self.deadlines = deadlines
        self.counter = counter
        self.host = urlsplit(settings.url).netloc
        self.bucket = settings.bucket
        key = settings.service_key.reveal()
        # The new keys (sb_secret_...) are taken from `apikey`, the old ones from `Authorization`.
        self._headers = {"Authorization": f"Bearer {key}", "apikey": key, "Accept-Encoding": "identity"}
        # One host's pool and a bare path: only so urllib3 leaves `.`, `..` and `//` in a path alone.
        self._pool = connection_from_url(settings.url, maxsize=_CONNECTIONS)
        self._errors = ErrorTable(settings)

    def call(self, call: Callable[[], T], what: str, *, key: str = "") -> T:
        """Ask, again and again for `deadlines.retry`; every error is one of ours."""

        def ours(error: Exception) -> StorageError:
            return self.error(error, what, key=key)

        return retrying(call, ours, clients_errors=client_errors, seconds=self.deadlines.retry)

    def error(self, error: Exception, what: str, *, key: str = "") -> StorageError:
        """Return our error for what `ask` raised."""
        return self._errors.ours(error, what=what, key=key)

    def json(self, method: str, path: str, what: str, *, body: object = None) -> Any:
        """Return what an answer holds."""

        def ask() -> bytes:
            return self._whole(self.ask(method, path, body=body), _MAX_JSON_BYTES)

        try:
            return json.loads(self.call(ask, what))
        except ValueError:
            raise self._errors.not_supabase(what) from None

    def expect_bucket(self) -> None:
        """Raise when there is no bucket: a missing one lists as an empty one, and its objects are only not found."""
        self.json("GET", f"/bucket/{segment(self.bucket)}", "Looking for the bucket")

    def ask(
        self, method: str, path: str, *, body: object = None, headers: Mapping[str, str] | None = None
    ) -> BaseHTTPResponse:
        """Send one request; return its answer, whose body is still to be read, or raise what client_errors() names."""
        self.counter.count(_COUNTED[method])
        answer = self._pool.urlopen(
            method,
            _ROOT + path,
            body=None if body is None else json.dumps(body).encode(),
            headers={**self._headers, **(headers or {}), **({} if body is None else {"Content-Type": _JSON})},
            timeout=Timeout(connect=self.deadlines.connect, read=self.deadlines.answer),
            redirect=False,
            retries=False,
            preload_content=False,
            decode_content=False,
        )
        if answer.status >= 300:
            raise Refusal(answer.status, self._whole(answer, _PIECE_BYTES))
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            answer.close()
            raise UnsupportedError(f"{self.host} sends packed bytes, although it was asked for plain ones")
        return answer

    def object_path(self, key: str) -> str:
        """Return the path of an object, its key exactly as it is."""
        return f"/object/authenticated/{segment(self.bucket)}/" + "/".join(map(segment, key.split("/")))

    def list_path(self, route: str) -> str:
        """Return the path of a list of the bucket."""
        return f"/object/{route}/{segment(self.bucket)}"

    def _whole(self, answer: BaseHTTPResponse, limit: int) -> bytes:
        give_up = time.monotonic() + self.deadlines.page
        body = bytearray()
        while len(body) < limit and (piece := answer.read1(_PIECE_BYTES)):
            body += piece
            self.counter.count("received", len(piece))
            if time.monotonic() > give_up:
                answer.close()
                raise ReadTimeoutError(self._pool, "", "the answer does not end")
        drop(answer)
        return bytes(body)


_JSON = "application/json"
_COUNTED: dict[str, Counted] = {"GET": "get", "HEAD": "head", "POST": "list"}  # nothing else is asked for by POST


def segment(text: str) -> str:
    """Return one part of a path; a part of dots is written so that nothing on the way takes it for a way up."""
    return text.replace(".", "%2E") if text in {".", ".."} else quote(text, safe="")


def drop(answer: BaseHTTPResponse) -> None:
    """Let go of an answer; its connection lives on when all of it was read."""
    if answer.length_remaining != 0:
        answer.close()
    answer.release_conn()
