"""A person's way through the app in a real Chromium: a tab, and steps that many tests take."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, Response, expect

from tests import patient
from tests.pages.server import PATIENCE_MS, Server
from tests.servers.rclone import ACCESS_KEY, SECRET_KEY

BUCKET = "study-buddy-journey"


@dataclass
class Tab:
    """One browser tab that notes every request that leaves for another server, and every range that was answered."""

    page: Page
    server: Server
    foreign: list[str] = field(default_factory=list)
    ranges: list[int] = field(default_factory=list)

    def open(self, path: str) -> None:
        self.page.goto(f"{self.server.url}{path}")
        self.page.get_by_test_id("stHeading").first.wait_for()

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def note(self, response: Response) -> None:
        if response.url.endswith("/content"):
            self.ranges.append(response.status)


@contextmanager
def tab(browser: Browser, server: Server, *, width: int = 1280, scheme: str = "light") -> Iterator[Tab]:
    dark = "dark" if scheme == "dark" else "light"
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=dark)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    opened = Tab(page, server)
    own = (server.url, "data:", "blob:", server.url.replace("http", "ws"))
    page.on("request", lambda request: None if request.url.startswith(own) else opened.foreign.append(request.url))
    page.on("response", opened.note)
    yield opened
    assert opened.foreign == []
    context.close()


def find(tab: Tab, query: str, title: str) -> None:
    tab.open("/sessions")
    tab.page.get_by_test_id("stMain").get_by_label("Search").press_sequentially(query, delay=20)
    expect(tab.page).to_have_url(re.compile(f"query={query}"))
    # While the list is drawn anew, a session may stand there twice.
    tab.page.get_by_test_id("stMain").get_by_role("link", name=title).first.click()
    expect(tab.page.get_by_role("heading", name=title)).to_be_visible()


def play_from_the_middle(tab: Tab, title: str, *, seconds: int) -> None:
    """Play the one lecture of the session that is open, and come back to it."""
    tab.ranges.clear()
    tab.button("Play").click()
    sound = tab.page.locator("audio").element_handle()
    tab.page.wait_for_function(f"sound => sound.duration > {seconds - 5}", arg=sound)
    sound.evaluate(f"sound => {{ sound.currentTime = {seconds // 2} }}")
    tab.page.wait_for_function(f"sound => sound.currentTime > {seconds // 2} && !sound.paused", arg=sound)
    assert 206 in tab.ranges
    tab.page.go_back()
    expect(tab.page.get_by_role("heading", name=title)).to_be_visible()


def at_rest(tab: Tab) -> None:
    """Wait until the page is drawn to its end."""
    expect(tab.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def add_files(tab: Tab, *paths: Path) -> None:
    """Choose files on the page Add. While it is drawn, Playwright may choose them a second time in a new uploader."""
    at_rest(tab)
    expect(tab.button("Choose files")).to_be_enabled()
    tab.page.locator("input[type=file][multiple]:not([webkitdirectory])").set_input_files(paths)


def row(tab: Tab, name: str) -> Locator:
    """Return the innermost part of the page that holds a file's name and its buttons."""
    at_rest(tab)  # while a list is drawn anew, a row may still have the link of the one that it was before
    download = tab.page.get_by_role("link", name="Download")
    found = tab.page.locator("div", has=tab.page.get_by_text(name, exact=True)).filter(has=download).last
    expect(found.get_by_role("link", name="Download")).to_have_count(1)
    return found


def downloaded(tab: Tab, name: str) -> str:
    with tab.page.expect_download() as download:
        row(tab, name).get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == name
    return sha256(download.value.path())


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def in_s3(endpoint: str) -> dict[str, Any]:
    return {
        "STORAGE": "S3",
        "STUDY_BUDDY_BUCKET_NAME": BUCKET,
        "S3_ENDPOINT_URL": endpoint,
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    }


def make_session(server: Server, title: str, files: dict[str, bytes]) -> int:
    """Make a session by the HTTP API."""
    made = patient.post(f"{server.url}/api/v1/sessions", json={"title": title}).raise_for_status().json()
    session_id = int(made["id"])
    for name, content in files.items():
        patient.post(
            f"{server.url}/api/v1/sessions/{session_id}/files", files={"file": (name, content)}
        ).raise_for_status()
    return session_id
