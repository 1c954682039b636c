"""Files behind http(s) addresses: fetched from public hosts only, also behind redirects, with limits."""

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urljoin

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.exceptions import ConnectTimeoutError, HTTPError, LocationParseError, NewConnectionError, SSLError
from urllib3.util import Url, parse_url

from studybuddy.drivers import public
from studybuddy.drivers.retrying import retrying
from studybuddy.errors import (
    InvalidInputError,
    ObjectNotFoundError,
    PermissionDeniedError,
    StorageError,
    UnavailableError,
    UnsupportedError,
)
from studybuddy.units import KIB

_MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_PIECE_BYTES = 256 * KIB
_PROGRESS_BYTES = 64 * KIB  # less in the time of a standstill is a drip, which must not hold a reader for ever
_HEADERS = {"Accept-Encoding": "identity", "Accept": "*/*", "User-Agent": "StudyBuddy"}


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long to wait, in seconds."""

    connect: float = 5.0
    answer: float = 15.0  # to a request, and to each next piece of a body
    retry: float = 5.0  # no new attempt begins later than this after the first
    standstill: float = 30.0  # a body of which hardly a byte came for this long is given up
    whole: float = 6 * 3600.0  # so is one that takes longer


class Fetched:
    """The body of an answer, and what its headers tell."""

    def __init__(self, answer: BaseHTTPResponse, host: str, name: str, deadlines: Deadlines) -> None:
        self._answer = answer
        self._host = host
        self._deadlines = deadlines
        self._began = self._since = time.monotonic()
        self._came = 0  # bytes since then
        length = answer.headers.get("Content-Length", "")
        self.size = int(length) if length.isdigit() else None
        self.name = _told_name(answer.headers.get("Content-Disposition", "")) or name
        self.modified_at = _time(answer.headers.get("Last-Modified", ""))

    def read(self, size: int = -1, /) -> bytes:
        if size < 0:
            return b"".join(iter(lambda: self.read(_PIECE_BYTES), b""))
        try:
            piece = self._answer.read1(min(size, _PIECE_BYTES)) or b""
        except HTTPError as error:
            raise _ours(error, self._host) from error
        self._watch(len(piece))
        return piece

    def _watch(self, size: int) -> None:
        now = time.monotonic()
        self._came += size
        if self._came >= _PROGRESS_BYTES:
            self._since, self._came = now, 0
        if now - self._since > self._deadlines.standstill or now - self._began > self._deadlines.whole:
            raise UnavailableError(f"{self._host} is too slow")


class UrlSource:
    """Opens http(s) addresses. `allowed` hosts may be inside this network. Safe to use from several threads."""

    def __init__(
        self,
        allowed: Collection[str] = (),
        *,
        resolve: public.Resolve = public.resolve,
        deadlines: Deadlines | None = None,
    ) -> None:
        self._allowed = frozenset(allowed)
        self._resolve = resolve
        self._deadlines = deadlines or Deadlines()

    def check(self, url: str) -> None:
        """Raise what `open` would, as far as the address alone tells it: nobody is asked, not even for a name."""
        at = _parsed(url)
        public.addresses_of(_host(at), _port(at), asking=public.written, allowed=self._is_allowed(at))

    @contextmanager
    def open(self, url: str) -> Iterator[Fetched]:
        """Open what is at an address, behind up to five redirects, each of which is checked like the first.

        Raises PermissionDeniedError for a host that is not public, InvalidInputError for what is no http(s) address,
        else a StorageError. Messages name the host only: an address may hold a token.
        """
        at, name = _parsed(url), _name_in(url)
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._ask(at)
            try:
                if answer.status not in _REDIRECTS:
                    yield Fetched(answer, _host(at), name, self._deadlines)
                    return
                at = _parsed(urljoin(at.url, answer.headers.get("Location", "")))
            finally:
                answer.close()
        raise UnsupportedError(f"{_host(at)}: too many redirects")

    def _ask(self, at: Url) -> BaseHTTPResponse:
        def ours(error: Exception) -> StorageError:
            return _ours(error, _host(at))

        return retrying(lambda: self._ask_once(at), ours, clients_errors=_client_errors, seconds=self._deadlines.retry)

    def _ask_once(self, at: Url) -> BaseHTTPResponse:
        host, port = _host(at), _port(at)
        found = public.addresses_of(host, port, asking=self._resolve, allowed=self._is_allowed(at))
        failure: Exception = UnavailableError(f"{host} cannot be found")
        for address in found:
            try:
                return _checked(self._send(at, address, port))
            except (NewConnectionError, ConnectTimeoutError) as error:
                failure = error
        raise failure

    def _is_allowed(self, at: Url) -> bool:
        return _host(at).rstrip(".") in self._allowed

    def _send(self, at: Url, address: str, port: int) -> BaseHTTPResponse:
        """Connect to the address that was checked, whatever the name means by now."""
        pool: HTTPConnectionPool
        if at.scheme == "https":
            pool = HTTPSConnectionPool(address, port, server_hostname=_host(at), assert_hostname=_host(at))
        else:
            pool = HTTPConnectionPool(address, port)
        return pool.urlopen(
            "GET",
            at.request_uri,
            headers={**_HEADERS, "Host": at.netloc or ""},
            timeout=Timeout(connect=self._deadlines.connect, read=self._deadlines.answer),
            redirect=False,
            retries=False,
            preload_content=False,
            decode_content=False,
        )


class _Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


def _client_errors() -> tuple[type[Exception], ...]:
    return (_Refusal, HTTPError)


def _checked(answer: BaseHTTPResponse) -> BaseHTTPResponse:
    if answer.status != 200 and answer.status not in _REDIRECTS:
        answer.close()
        raise _Refusal(answer.status)
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        answer.close()
        raise UnsupportedError("The server sends packed bytes, although it was asked for plain ones")
    return answer


def _ours(error: Exception, host: str) -> StorageError:
    if isinstance(error, SSLError):
        return PermissionDeniedError(f"The certificate of {host} is not trusted", fix="Check the address.")
    if not isinstance(error, _Refusal):
        return UnavailableError(f"{host} does not answer, or broke off", fix="Run the import again later.")
    told = f"{host} answers {error.status}"
    if error.status in (404, 410):
        return ObjectNotFoundError(f"{told}: there is nothing at this address")
    if error.status in (401, 403):
        return PermissionDeniedError(f"{told}: it may not be read", fix="A signed address may have ended.")
    if error.status == 429 or error.status >= 500:
        return UnavailableError(f"{told}: it asks to come back later", fix="Run the import again later.")
    return UnsupportedError(f"{told} instead of a file", fix="Open the address in a browser to see what is there.")


def _parsed(url: str) -> Url:
    try:
        at = parse_url(url)
    except LocationParseError:
        at = Url()
    if at.scheme not in ("http", "https") or not at.host or at.auth is not None or "%" in at.host:
        raise InvalidInputError("It is no http:// or https:// address", fix="Correct it in its table.")
    return at._replace(fragment=None)


def _host(at: Url) -> str:
    return (at.host or "").strip("[]")


def _port(at: Url) -> int:
    return at.port or (443 if at.scheme == "https" else 80)


def _name_in(url: str) -> str:
    return unquote((parse_url(url).path or "").rpartition("/")[2])


def _told_name(disposition: str) -> str:
    message = Message()
    message["Content-Disposition"] = disposition.replace("\r", "").replace("\n", "")
    return (message.get_filename() or "").replace("\\", "/").rpartition("/")[2]


def _time(header: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(header)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
