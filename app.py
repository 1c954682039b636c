"""The server: the pages and the HTTP API in one process. Start it with `streamlit run app.py`."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st

from pages.components import component_files
from studybuddy import server
from studybuddy.api import middleware, routes
from studybuddy.errors import StudyBuddyError


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[dict[str, Any]]:
    wiring = server.wiring()
    wiring.start()
    try:
        yield {}
    finally:
        server.close()


try:
    server.wiring()
except StudyBuddyError as error:
    sys.exit(f"Study Buddy cannot start. {error}. {error.fix}")

app = st.App(
    "pages/main.py",
    routes=[component_files(), *routes(server.wiring)],
    middleware=middleware(server.wiring),
    lifespan=lifespan,
)
