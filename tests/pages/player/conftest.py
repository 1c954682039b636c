"""The player in a real Chromium, with a recording and a lecture to play."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ElementHandle, Locator, expect

from tests import patient, samples
from tests.pages.server import Server, running
from tests.pages.walking import Tab, make_session, tab
from tests.waiting import awaited

LECTURE_S = 1200
WORDS = ("a wave", "une particule éclairée", "both of them")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("player")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    with running(folder) as server:
        yield server


@pytest.fixture
def recording(server: Server) -> int:
    """The id of a lecture of 20 minutes, in a session of its own."""
    session_id = make_session(server, "Heat", {"unit 3.wav": samples.long_wav(LECTURE_S)})
    lectures = patient.get(f"{server.url}/api/v1/sessions/{session_id}").json()["lectures"]
    file_id: int = lectures[0]["audio_file_id"]
    return file_id


@pytest.fixture
def lecture(server: Server) -> tuple[int, int]:
    """The ids of a lecture with a transcript, and of its slides."""
    said = "".join(
        f"{clock(at)} --> {clock(at + 5)}\nSentence {at // 5}: {WORDS[at % 3]}\n\n" for at in range(0, 1200, 5)
    )
    session_id = make_session(
        server, "Light",
        {"unit 4.wav": samples.long_wav(LECTURE_S), "unit 4.vtt": f"WEBVTT\n\n{said}".encode(),
         "slides.pdf": samples.pdf("Light", pages=9)},
    )  # fmt: skip
    session = patient.get(f"{server.url}/api/v1/sessions/{session_id}").json()
    ids = {file["kind"]: int(file["id"]) for file in session["files"]}
    awaited(lambda: patient.get(f"{server.url}/api/v1/files/{ids['audio']}/cues").json()["cues"])
    return ids["audio"], ids["document"]


def clock(second: int) -> str:
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}.000"


class Desk:
    """The player on its page."""

    def __init__(self, at: Tab, address: str) -> None:
        self.at = at
        self.page = at.page
        at.open(address)
        self.settle()

    def settle(self) -> None:
        """Wait until the recording can be sought in, and its place of last time is known."""
        expect(self.page.locator(".wave")).to_be_visible()
        expect(self.page.locator(".clock")).to_contain_text("/ 20:00")
        self.until("sound => sound.readyState > 0 && !sound.seeking")

    def sound(self) -> ElementHandle:
        return self.page.locator("audio").element_handle()

    def until(self, test: str) -> None:
        self.page.wait_for_function(test, arg=self.sound())

    def clock(self, text: str) -> None:
        expect(self.page.locator(".clock")).to_have_text(re.compile(f"^{text} /"))

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def button(self, name: str) -> Locator:
        return self.page.locator(".desk").get_by_role("button", name=name)


@pytest.fixture
def at(browser: Browser, server: Server) -> Iterator[Tab]:
    with tab(browser, server) as at:
        yield at
