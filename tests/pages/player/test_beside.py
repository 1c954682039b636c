"""What stands beside a recording in a real Chromium: notes, bookmarks, the transcript, pages, cards."""

import re

from playwright.sync_api import Locator, expect

from tests import patient
from tests.pages.player.conftest import Desk
from tests.pages.server import Server
from tests.pages.walking import Tab

pytest_plugins = ("tests.pages.chromium",)


def test_notes_and_bookmarks_are_made_changed_and_deleted_in_place(at: Tab, recording: int) -> None:
    desk = Desk(at, f"/view?file={recording}&t=754")
    write_note(desk)
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


def write_note(desk: Desk) -> None:
    """Write a note at 12:34, with the tab loaded anew in its middle: what is being written outlives it."""
    desk.press("n")
    desk.page.keyboard.type("entropy grows, not b l n")
    desk.page.reload()
    desk.settle()
    desk.page.get_by_role("tab", name="Notes").click()
    note = desk.page.get_by_label("Note at 12:34")
    expect(note).to_have_value("entropy grows, not b l n")
    note.press("Shift+Enter")
    note.press_sequentially("ask")
    note.press("Enter")


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
    pin_two_pages(desk, slide)
    desk.button("12:40 → page 7").click()
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


def pin_two_pages(desk: Desk, slide: Locator) -> None:
    """Pin page 7 to the second that plays, and page 2 to the begin."""
    for _ in range(6):
        desk.button("Next page").click()
    expect(slide).to_have_attribute("alt", "Page 7 of slides.pdf")
    desk.button("Show page 7 from 12:40 on").click()
    expect(desk.page.get_by_text("Page 7 is shown from 12:40 on.")).to_be_visible()
    desk.page.locator(".wave").focus()
    desk.press("Home")
    desk.page.get_by_label("Page", exact=True).fill("2")
    desk.press("Enter")
    expect(slide).to_have_attribute("alt", "Page 2 of slides.pdf")
    desk.button("Show page 2 from 0:00 on").click()


def test_a_document_opens_at_its_page(at: Tab, lecture: tuple[int, int]) -> None:
    at.open(f"/view?file={lecture[1]}&page=7")
    slide = at.page.get_by_role("img", name="Page ")
    expect(slide).to_have_attribute("alt", "Page 7 of slides.pdf")
    at.page.wait_for_function("picture => picture.naturalWidth > 800", arg=slide.element_handle())
    at.page.keyboard.press("ArrowRight")
    expect(slide).to_have_attribute("alt", "Page 8 of slides.pdf")
    at.page.get_by_label("Page", exact=True).fill("99")
    at.page.keyboard.press("Enter")
    expect(slide).to_have_attribute("alt", "Page 9 of slides.pdf")
    at.page.get_by_text("Text of this page").click()
    expect(at.page.locator("details .words")).to_contain_text("Light")


def test_a_card_is_made_of_what_is_said(at: Tab, lecture: tuple[int, int], server: Server) -> None:
    audio, _ = lecture
    desk = Desk(at, f"/view?file={audio}&t=12")
    expect(desk.page.locator(".cue[aria-current]")).to_contain_text("Sentence 2")
    desk.button("Make a card").click()
    expect(desk.page.get_by_label("Back", exact=True)).to_have_value("Sentence 2: une particule éclairée")
    desk.page.get_by_label("Front", exact=True).fill("What is light?")
    desk.button("Make the card").click()
    expect(desk.page.get_by_text("The card is made")).to_be_visible()
    cards = patient.get(f"{server.url}/api/v1/cards").json()["cards"]
    made = [(card["at_ms"], card["front"]) for card in cards if card["file_id"] == audio]
    assert made == [(10_000, "What is light?")]
