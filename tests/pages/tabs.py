"""A browser tab as the tests use it, and files to add."""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Locator, Page

from tests import patient
from tests.pages.server import PATIENCE_MS, Server


@dataclass
class Tab:
    """One browser tab on a session of its own."""

    page: Page
    context: BrowserContext
    server: Server
    session_id: int
    requested: list[str] = field(default_factory=list)
    devtools: CDPSession | None = None

    def open(self, query: str | None = None) -> None:
        self.page.goto(f"{self.server.url}/?{query or f'session={self.session_id}'}")
        self.wait_for("Choose files")

    def add(self, *paths: Path) -> None:
        self.page.locator("input[type=file][multiple]").set_input_files(list(paths))

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def rows(self) -> Locator:
        return self.page.locator(".row")

    def row(self, name: str) -> Locator:
        return self.rows().filter(has_text=name)

    def wait_for(self, text: str | re.Pattern[str]) -> None:
        self.page.get_by_text(text).first.wait_for()

    def percent(self) -> int:
        return int(self.page.locator(".row .bar").first.get_attribute("aria-valuenow") or 0)

    def wait_until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while not condition():
            assert time.monotonic() < deadline, f"never came true; the page says:\n{self.text()}"
            self.page.wait_for_timeout(50)

    def text(self) -> str:
        return self.page.locator(".uploader").inner_text()

    def slow_down(self, bytes_per_second: int, *, offline: bool = False) -> None:
        """Let the browser send only so fast, or nothing at all."""
        if self.devtools is None:
            self.devtools = self.context.new_cdp_session(self.page)
            self.devtools.send("Network.enable")
        speeds = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_second}
        self.devtools.send("Network.emulateNetworkConditions", {"offline": offline, **speeds})

    def files(self) -> dict[str, int]:
        """Return the names and sizes of the session's files."""
        answer = patient.get(f"{self.server.url}/api/v1/sessions/{self.session_id}").json()
        return {file["name"]: file["size"] for file in answer["files"]}

    def received_bytes(self) -> int:
        count: int = patient.get(f"{self.server.url}/received").json()["bytes"]
        return count


@contextmanager
def tab_on(server: Server, browser: Browser, **options: Any) -> Iterator[Tab]:
    """Open a tab on a new session; a mistake of the page's scripts fails the test."""
    session = patient.post(f"{server.url}/api/v1/sessions", json={"title": f"Session {time.time_ns()}"}).json()
    context = browser.new_context(**{"viewport": {"width": 1000, "height": 900}, **options})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    tab = Tab(page, context, server, session["id"])
    mistakes: list[str] = []
    page.on("pageerror", lambda error: mistakes.append(str(error)))
    page.on("request", lambda request: tab.requested.append(request.url))
    page.on("dialog", lambda dialog: dialog.accept())
    yield tab
    context.close()
    assert not mistakes


def make(folder: Path, *names: str, size: int = 3000) -> list[Path]:
    """Make files of random text, so that none is another's duplicate."""
    for name in names:
        (folder / name).write_bytes(os.urandom(size // 2).hex().encode())
    return [folder / name for name in names]


def drop(tab: Tab, *paths: Path) -> None:
    """Drop files and folders as a person does: with real entries, which scripts cannot make."""
    box = tab.page.locator(".zone").bounding_box()
    assert box is not None
    devtools = tab.context.new_cdp_session(tab.page)
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + 20}
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        devtools.send("Input.dispatchDragEvent", {"type": kind, **at, "data": data})
