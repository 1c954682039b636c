"""The HTTP API: one module a resource. Everything is told by `/api/v1/openapi.json`.

The resources are loaded at the first request to one of them: no page waits for them.
"""

from collections.abc import Callable
from functools import cached_property

from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route, Router
from starlette.types import Receive, Scope, Send

from studybuddy.api.guard import Guard
from studybuddy.wiring import Wiring

__all__ = ["middleware", "routes"]

# All of each, also where there is nothing: Streamlit would answer with its page and 200.
_PATHS = ("/api", "/api/{rest:path}", "/lectures/{rest:path}", "/healthz")


def routes(wiring: Callable[[], Wiring]) -> list[BaseRoute]:
    """Return the routes of the API; `wiring` is asked at the first request, not before."""
    api = _Api(wiring)
    return [Route(path, api) for path in _PATHS]


def middleware(wiring: Callable[[], Wiring]) -> list[Middleware]:
    """Return what must stand before the whole app, its pages and websockets included."""
    return [Middleware(Guard, allowed_hosts=lambda: wiring().settings.allowed_hosts)]


class _Api:
    """The API as one ASGI app."""

    def __init__(self, wiring: Callable[[], Wiring]) -> None:
        self._wiring = wiring

    @cached_property
    def _router(self) -> Router:
        from studybuddy.api import resources  # noqa: PLC0415

        return Router(resources.routes(self._wiring), redirect_slashes=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._router(scope, receive, send)
