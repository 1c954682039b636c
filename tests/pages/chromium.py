"""A real Chromium, and the uploader alone on a real server."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.pages.server import PATIENCE_MS, UPLOADER_APP, Server, running
from tests.pages.tabs import Tab, tab_on

_CHROMIUM = "/usr/bin/chromium"
# What Playwright says when a page was drawn anew between its look and its click, or did not hear the click, or the
# computer was too busy.
_DRAWN_ANEW = (
    "strict mode violation", "Element is not attached", "element was detached", "Timeout .* exceeded",
    "Locator expected", "Page URL expected", "never came true",
)  # fmt: skip
_FLAGS = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Try a test in the browser once more when a click met a page that was being drawn anew; the run's end lists it.

    What a test compares by itself (bytes, hashes, requests, what the catalog says) is not tried again.
    """
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=list(_DRAWN_ANEW)))
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(600))  # both tries together


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not shutil.which(_CHROMIUM):
        pytest.skip(f"needs Chromium at {_CHROMIUM}")
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def uploader_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("server"), script=UPLOADER_APP, MAX_UPLOAD_MB="200") as server:
        yield server


@pytest.fixture
def tab(uploader_server: Server, browser: Browser) -> Iterator[Tab]:
    """A tab with the uploader on a new session."""
    with tab_on(uploader_server, browser, permissions=["microphone"]) as tab:
        tab.open()
        yield tab
