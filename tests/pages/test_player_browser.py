"""The player in a real Chromium: seeking, keys, the place of last time, notes, loops, a broken storage."""

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, ElementHandle, Locator, expect

from tests import samples
from tests.pages.server import Server, running
from tests.pages.test_journeys import Tab, make_session, tab

LECTURE_S = 1200
WORDS = ("a wave", "une particule éclairée", "both of them")

pytest_plugins = ("tests.pages.chromium",)


@pytest.fixture(scope="module", autouse=True)
def patience() -> Iterator[None]:
    """Wait longer than for other pages: on a busy computer, sound and pages take their time."""
    expect.set_options(timeout=30_000)
    yield
    expect.set_options(timeout=5000)


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
    lectures = httpx.get(f"{server.url}/api/v1/sessions/{session_id}").json()["lectures"]
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
    session = httpx.get(f"{server.url}/api/v1/sessions/{session_id}").json()
    ids = {file["kind"]: int(file["id"]) for file in session["files"]}
    deadline = time.monotonic() + 120
    while not httpx.get(f"{server.url}/api/v1/files/{ids['audio']}/cues").json()["cues"]:
        assert time.monotonic() < deadline, "no transcript"
        time.sleep(0.2)
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


def test_a_click_on_the_waveform_and_keys_go_elsewhere_and_the_place_is_kept(at: Tab, recording: int) -> None:
    desk = Desk(at, f"/view?file={recording}")
    desk.clock("0:00")
    box = desk.page.locator(".wave").bounding_box()
    assert box is not None
    desk.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 20)
    desk.clock("(9:5[89]|10:0[01])")
    desk.press("ArrowRight", "Shift+ArrowLeft")
    desk.clock("10:(0[89]|1[01])")
    desk.page.locator(".wave").focus()
    with desk.page.expect_response(lambda answer: answer.url.endswith("/position") and answer.status == 204):
        desk.press("End", "PageDown")
    desk.clock("19:00")
    desk.page.reload()
    desk.settle()
    desk.clock("19:00")
    expect(desk.page.get_by_text("Goes on at 19:00")).to_be_visible()
    desk.button("From the beginning").click()
    desk.clock("0:00")


def test_the_address_names_the_second_and_the_speed_stays(at: Tab, recording: int) -> None:
    desk = Desk(at, f"/view?file={recording}&t=754")
    desk.clock("12:34")
    desk.press("]", "]")
    with desk.page.expect_response(lambda answer: answer.url.endswith("/position") and answer.status == 204):
        desk.press(" ")
        desk.until("sound => !sound.paused && sound.currentTime > 754 && sound.playbackRate === 1.25")
        desk.press(" ")
    desk.until("sound => sound.paused")
    desk.page.reload()
    desk.settle()
    desk.until("sound => sound.playbackRate === 1.25")
    desk.clock("12:34")


def test_notes_and_bookmarks_are_made_changed_and_deleted_in_place(at: Tab, recording: int) -> None:
    desk = Desk(at, f"/view?file={recording}&t=754")
    desk.press("n")
    desk.page.keyboard.type("entropy grows, not b l n")
    desk.page.reload()  # what is being written outlives the tab
    desk.settle()
    desk.page.get_by_role("tab", name="Notes").click()
    note = desk.page.get_by_label("Note at 12:34")
    expect(note).to_have_value("entropy grows, not b l n")
    note.press("Shift+Enter")
    note.press_sequentially("ask")
    note.press("Enter")
    marks = desk.page.locator(".mark")
    expect(marks).to_have_text(re.compile("12:34.*entropy grows, not b l n\nask", re.DOTALL))
    desk.page.locator(".wave").focus()
    desk.press("Home", "b")
    expect(marks).to_have_count(2)
    desk.button("Name the bookmark").click()
    desk.page.get_by_label("Name of the bookmark at 0:00").fill("begin")
    desk.press("Enter")
    expect(marks.first).to_contain_text("begin")
    expect(desk.page.get_by_role("tab", name="Notes (2)")).to_be_visible()
    desk.button("Delete the note").click()
    expect(marks).to_have_count(1)
    desk.button("Undo").click()
    expect(marks).to_have_count(2)
    desk.button("Play from 12:34").click()
    desk.clock("12:34")
    with desk.page.expect_download() as download:
        desk.page.get_by_role("link", name="Markdown").click()
    assert "Bookmark begin" in download.value.path().read_text("utf-8")


def test_a_loop_goes_back_to_its_begin(at: Tab, recording: int) -> None:
    desk = Desk(at, f"/view?file={recording}&t=100")
    desk.press("l", "Shift+ArrowRight")
    desk.clock("1:45")
    desk.press("l")
    expect(desk.button("Leave the loop")).to_contain_text("1:40–1:45")
    desk.clock("1:40")
    desk.press("Shift+ArrowRight", "[", " ")
    desk.until("sound => sound.currentTime >= 100 && sound.currentTime < 104")
    desk.press("l")
    expect(desk.button("Begin a loop here")).to_contain_text("Loop")


def test_a_link_leads_to_the_moment_and_a_list_tells_the_keys(browser: Browser, server: Server, recording: int) -> None:
    with tab(browser, server) as at:
        at.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        desk = Desk(at, f"/view?file={recording}&t=754")
        desk.button("Copy a link").click()
        expect(desk.page.get_by_text("The link to 12:34 is copied.")).to_be_visible()
        assert desk.page.evaluate("navigator.clipboard.readText()") == f"{server.url}/view?file={recording}&t=754"
        desk.press("?")
        expect(desk.page.get_by_text("bookmark at this moment")).to_be_visible()


def test_the_transcript_follows_jumps_and_is_searched_within(at: Tab, lecture: tuple[int, int]) -> None:
    desk = Desk(at, f"/view?file={lecture[0]}&t=754")
    now = desk.page.locator(".cue[aria-current]")
    expect(now).to_have_text(re.compile("12:30.*Sentence 150"))
    expect(now).to_be_in_viewport()
    desk.page.get_by_text("Sentence 148", exact=False).click()
    desk.clock("12:20")
    expect(now).to_contain_text("Sentence 148")
    desk.page.locator(".wave").focus()
    desk.press("End", "PageDown")
    expect(now).to_contain_text("Sentence 228")
    expect(now).to_be_in_viewport()
    desk.press("Home")
    desk.page.locator(".cues").hover()
    desk.page.mouse.wheel(0, 3000)
    expect(now).not_to_be_in_viewport()
    desk.button("Back to what is said now").click()
    expect(now).to_be_in_viewport()
    desk.page.get_by_label("Find in the transcript").fill("Eclairee")
    expect(desk.page.get_by_text("80 lines", exact=True)).to_be_visible()
    expect(desk.page.locator(".cue:visible").first).to_contain_text("particule éclairée")
    desk.page.get_by_label("Find in the transcript").fill("SENTENCE 239")
    expect(desk.page.locator(".cue mark")).to_have_text("Sentence 239")
    desk.page.locator(".cue mark").click()
    desk.clock("19:55")


def test_pages_turn_at_their_pins_and_only_while_they_follow(at: Tab, lecture: tuple[int, int]) -> None:
    desk = Desk(at, f"/view?file={lecture[0]}&t=760&beside={lecture[1]}")
    page, slide = desk.page, desk.page.get_by_role("img", name="Page ")
    expect(slide).to_have_attribute("alt", "Page 1 of slides.pdf")
    for _ in range(6):
        desk.button("Next page").click()
    expect(slide).to_have_attribute("alt", "Page 7 of slides.pdf")
    desk.button("Show page 7 from 12:40 on").click()
    expect(page.get_by_text("Page 7 is shown from 12:40 on.")).to_be_visible()
    page.locator(".wave").focus()
    desk.press("Home")
    page.get_by_label("Page", exact=True).fill("2")
    desk.press("Enter")
    expect(slide).to_have_attribute("alt", "Page 2 of slides.pdf")
    desk.button("Show page 2 from 0:00 on").click()
    desk.button(
        "12:40 → page 7",
    ).click()
    expect(slide).to_have_attribute("alt", "Page 7 of slides.pdf")
    desk.page.locator("audio").evaluate("sound => { sound.currentTime = 759 }")
    expect(slide).to_have_attribute("alt", "Page 2 of slides.pdf")
    page.locator(".wave").focus()
    desk.press(" ")
    expect(slide).to_have_attribute("alt", "Page 7 of slides.pdf")
    desk.press(" ")
    page.get_by_label("Turn the pages as it plays").uncheck()
    page.locator(".wave").focus()
    desk.press("Home")
    desk.clock("0:00")
    expect(slide).to_have_attribute("alt", "Page 7 of slides.pdf")
    desk.button("Unpin page 2 from 0:00").click()
    expect(page.locator(".pins li")).to_have_count(1)


def test_a_document_opens_at_its_page(at: Tab, lecture: tuple[int, int]) -> None:
    at.open(f"/view?file={lecture[1]}&page=7")
    slide = at.page.get_by_role("img", name="Page ")
    expect(slide).to_have_attribute("alt", "Page 7 of slides.pdf")
    assert slide.evaluate("picture => picture.naturalWidth") > 800
    at.page.keyboard.press("ArrowRight")
    expect(slide).to_have_attribute("alt", "Page 8 of slides.pdf")
    at.page.get_by_label("Page", exact=True).fill("99")
    at.page.keyboard.press("Enter")
    expect(slide).to_have_attribute("alt", "Page 9 of slides.pdf")
    at.page.get_by_text("Text of this page").click()
    expect(at.page.locator("details .words")).to_contain_text("Light")


def test_typing_elsewhere_is_no_key_of_the_player(at: Tab, recording: int) -> None:
    desk = Desk(at, f"/view?file={recording}")
    state = "sound => [sound.paused, sound.playbackRate, sound.currentTime]"
    before = desk.page.locator("audio").evaluate(state)
    desk.press("n")
    desk.page.keyboard.type("b ? [ ]")
    desk.press("Escape")
    expect(desk.page.locator(".mark")).to_have_count(0)
    expect(desk.page.locator(".notes .editor")).to_have_count(0)
    assert desk.page.locator("audio").evaluate(state) == before


def test_a_recording_whose_bytes_are_gone_says_so_and_plays_when_they_are_back(
    at: Tab, folder: Path, server: Server, recording: int
) -> None:
    uploads = folder / "uploads"
    shutil.move(uploads, folder / "away")
    try:
        at.page.goto(f"{server.url}/view?file={recording}")
        expect(at.page.get_by_role("alert")).to_contain_text("Try again")
    finally:
        shutil.rmtree(uploads, ignore_errors=True)
        shutil.move(folder / "away", uploads)
    at.page.get_by_role("button", name="Try again").click()
    expect(at.page.locator(".clock")).to_contain_text("/ 20:00")
    expect(at.page.get_by_role("alert")).to_be_hidden()


def test_a_finger_plays_and_every_button_is_large_enough(browser: Browser, server: Server, recording: int) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 800}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"{server.url}/view?file={recording}&t=30")
    expect(page.locator(".clock")).to_have_text("0:30 / 20:00")
    page.get_by_role("button", name="Ahead 15 seconds").tap()
    expect(page.locator(".clock")).to_have_text("0:45 / 20:00")
    small = """buttons => buttons.map(button => button.getBoundingClientRect()).filter(
        box => box.width && (box.height < 44 || box.width < 44 || box.right > 361)).length"""
    assert page.locator(".desk button, .desk select").evaluate_all(small) == 0
    context.close()


def test_a_card_is_made_of_what_is_said(at: Tab, lecture: tuple[int, int], server: Server) -> None:
    audio, _ = lecture
    desk = Desk(at, f"/view?file={audio}&t=12")
    expect(desk.page.locator(".cue[aria-current]")).to_contain_text("Sentence 2")
    desk.button("Make a card").click()
    expect(desk.page.get_by_label("Back", exact=True)).to_have_value("Sentence 2: une particule éclairée")
    desk.page.get_by_label("Front", exact=True).fill("What is light?")
    desk.button("Make the card").click()
    expect(desk.page.get_by_text("The card is made")).to_be_visible()
    (card,) = httpx.get(f"{server.url}/api/v1/cards").json()["cards"]
    assert (card["file_id"], card["at_ms"], card["front"]) == (audio, 10_000, "What is light?")
