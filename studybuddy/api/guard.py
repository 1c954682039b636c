"""Who may ask: no page of another site, and no name that somebody pointed at this computer (DNS rebinding)."""

import ipaddress
from collections.abc import Callable, Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from studybuddy.api.errors import HttpError, answer

_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class Guard:
    """Middleware over the whole app; `allowed_hosts` gives the settings' own names of this server."""

    def __init__(self, app: ASGIApp, allowed_hosts: Callable[[], Collection[str]]) -> None:
        self._app = app
        self._allowed_hosts = allowed_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        try:
            check(scope.get("method", "GET"), Headers(scope=scope), self._allowed_hosts())
        except HttpError as error:
            # For a websocket this is a refused handshake: the server knows `websocket.http.response`.
            await answer(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def check(method: str, headers: Headers, allowed_hosts: Collection[str]) -> None:
    """Raise HttpError (403) for a request under a foreign name or from another site's page."""
    host = headers.get("host", "")
    if not _is_ours(_name(host), allowed_hosts):
        raise HttpError(
            403, "foreign_host", f"This server does not answer under the name {host[:80]!r}",
            fix="Open it as localhost or by its address, or name it in STUDY_BUDDY_HOSTS.",
        )  # fmt: skip
    if method not in _SAFE_METHODS and _is_cross_site(headers, host, allowed_hosts):
        raise HttpError(
            403, "cross_site", "A page of another site may not change anything here",
            fix="Use Study Buddy's own pages, or a program that sends no Origin.",
        )  # fmt: skip


def _is_ours(name: str, allowed_hosts: Collection[str]) -> bool:
    if name == "localhost" or name in allowed_hosts:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_cross_site(headers: Headers, host: str, allowed_hosts: Collection[str]) -> bool:
    # Browsers send Sec-Fetch-Site to localhost and over TLS; no script can forge it. It counts "same-site" by the
    # name alone, so another port of this computer is refused here too. Programs send neither header.
    fetch_site = headers.get("sec-fetch-site")
    if fetch_site is not None:
        return fetch_site not in {"same-origin", "none"}
    origin = headers.get("origin")
    if origin is None:
        return False
    try:
        place = urlsplit(origin)
    except ValueError:
        return True
    return place.netloc.lower() != host.lower() and (place.hostname or "") not in allowed_hosts


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
