"""Playing in a real Chromium: seeking, keys, the place of last time, loops, a finger, a broken storage."""

import shutil
from pathlib import Path

from playwright.sync_api import Browser, expect

from studybuddy.units import clock_text
from tests.pages.player.conftest import Desk
from tests.pages.server import Server
from tests.pages.walking import Tab, tab

pytest_plugins = ("tests.pages.chromium",)


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
    stopped_at = clock_text(int(1000 * desk.sound().evaluate("sound => sound.currentTime")))
    desk.clock(stopped_at)
    desk.page.reload()
    desk.settle()
    desk.until("sound => sound.playbackRate === 1.25")
    desk.clock(stopped_at)


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
