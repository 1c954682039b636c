"""The uploader alone, on the real API, with a count of the bytes that came. Run by the browser tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.components import component_files
from studybuddy import server
from studybuddy.api import middleware, routes

received = {"bytes": 0, "requests": 0}


class Counting:
    """Counts what is sent to the resumable uploads."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not scope.get("path", "").startswith("/api/v1/uploads") or scope["method"] not in {"POST", "PATCH"}:
            await self._app(scope, receive, send)
            return
        received["requests"] += 1

        async def counted() -> Message:
            message = await receive()
            received["bytes"] += len(message.get("body", b""))
            return message

        await self._app(scope, counted, send)


async def show_received(_: Request) -> JSONResponse:
    return JSONResponse(received)


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[dict[str, Any]]:
    server.wiring().start()
    try:
        yield {}
    finally:
        server.close()


app = st.App(
    "page.py",
    routes=[component_files(), Route("/received", show_received), *routes(server.wiring)],
    middleware=[Middleware(Counting), *middleware(server.wiring)],
    lifespan=lifespan,
)
