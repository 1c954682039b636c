"""What pages do in a real Chromium: names stay text, a phone shows all, keys and addresses work."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, expect

from tests import patient, samples
from tests.pages.server import Server, running
from tests.pages.shown import FORMULA, PICTURE
from tests.pages.walking import at_rest, make_session, row, tab

pytest_plugins = ("tests.pages.chromium",)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("server")) as server:
        yield server


def new_title() -> str:
    """Return a title that no session has, also when a test is tried once more."""
    return f"Quantum {uuid4().hex[:8]}"


def test_names_stay_text(browser: Browser, server: Server) -> None:
    session_id = make_session(server, f"{FORMULA} {PICTURE}", {PICTURE: b"text", FORMULA: b"text", "a -> b.txt": b"x"})
    for width in (1280, 360):
        with tab(browser, server, width=width) as at:
            for path in ("/sessions", "/", f"/add?session={session_id}", f"/session?id={session_id}"):
                at.open(path)
                expect(
                    at.page.get_by_text("$\\href{javascript:alert(1)}{x}$").locator("visible=true").first
                ).to_be_visible()
                assert at.page.locator("img:not([src*='/thumbnail']), .katex, a[href^='javascript']").count() == 0
            expect(at.page.get_by_text(PICTURE, exact=True)).to_be_visible()
            expect(at.page.get_by_text("a -\u2060> b.txt")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path",
    ["/", "/add", "/sessions", "/trash", "/settings", "/storage", "/session?id=1", "/session?id=999", "/view?file=2"],
)
def test_a_phone_shows_every_page_whole(browser: Browser, server: Server, path: str, scheme: str) -> None:
    make_session(server, "Optics", {"slides.pdf": samples.pdf("light"), "lecture.m4a": samples.m4a(5280)})
    with tab(browser, server, width=360, scheme=scheme) as at:
        at.page.goto(f"{server.url}{path}")
        at.page.locator("[data-testid=stHeading], [data-testid=stAlert]").first.wait_for()
        at_rest(at)
        at.page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollWidth <= 360")
        at.page.wait_for_function(
            """![...document.querySelectorAll('[data-testid=stMain] button, [data-testid=stMain] a')].some(
            part => part.getBoundingClientRect().right > 361 || part.getBoundingClientRect().left < -1)"""
        )
        at.page.wait_for_function(  # else a row has a scrollbar of its own
            """![...document.querySelectorAll('[data-testid=stHorizontalBlock]')].some(
            row => row.scrollWidth > row.clientWidth + 1)"""
        )
        assert not at.page.get_by_test_id("stException").count()


def test_a_file_is_thrown_away_and_taken_back_by_keyboard(browser: Browser, server: Server) -> None:
    session_id = make_session(server, "Keys", {"slides.pdf": samples.pdf("light")})
    with tab(browser, server) as at:
        at.open(f"/session?id={session_id}")
        row(at, "slides.pdf").get_by_role("button", name="More").focus()
        at.page.keyboard.press("Enter")
        at.page.get_by_role("menuitem", name="Put in the trash").wait_for()
        while at.page.evaluate("document.activeElement.innerText.trim()") != "Put in the trash":
            at.page.keyboard.press("ArrowDown")
            at.page.wait_for_timeout(50)
        at.page.keyboard.press("Enter")
        at.button("Undo").focus()
        at.page.keyboard.press("Enter")
        expect(at.page.get_by_text("Taken back")).to_be_visible()
        expect(at.page.get_by_text("slides.pdf", exact=True)).to_be_visible()


def test_enter_saves_a_new_name(browser: Browser, server: Server) -> None:
    session_id = make_session(server, "Names", {"slides.pdf": samples.pdf("light")})
    with tab(browser, server) as at:
        at.open(f"/session?id={session_id}")
        row(at, "slides.pdf").get_by_role("button", name="More").click()
        at.page.get_by_role("menuitem", name="Rename").click()
        at.page.get_by_role("dialog").get_by_label("Name").fill("waves.pdf")
        at.page.keyboard.press("Enter")
        expect(at.page.get_by_text("waves.pdf", exact=True)).to_be_visible()
        expect(at.page.get_by_role("dialog")).to_have_count(0)


def test_taking_back_a_move_to_a_new_session_takes_the_session_away_too(browser: Browser, server: Server) -> None:
    title, session_id = new_title(), make_session(server, "From here", {"slides.pdf": samples.pdf("light")})
    with tab(browser, server) as at:
        at.open(f"/session?id={session_id}")
        row(at, "slides.pdf").get_by_role("button", name="More").click()
        at.page.get_by_role("menuitem", name="Move to another session").click()
        dialog = at.page.get_by_role("dialog")
        dialog.get_by_role("combobox").fill(title)
        at.page.get_by_text(f"Add: {title}").click()
        expect(dialog.get_by_text("is made with the first file")).to_have_count(1)
        dialog.get_by_role("button", name="Move", exact=True).click()
        expect(at.page.get_by_text("is now in")).to_be_visible()
        address = f"{server.url}/api/v1/sessions?query={title}"
        assert len(patient.get(address).json()["sessions"]) == 1
        at.button("Undo").click()
        expect(at.page.get_by_text("Taken back")).to_be_visible()
        expect(row(at, "slides.pdf")).to_have_count(1)
        assert patient.get(address).json()["sessions"] == []


def test_emptying_the_trash_asks_and_then_deletes(browser: Browser, server: Server) -> None:
    session_id = make_session(server, "To go", {"slides.pdf": samples.pdf("light")})
    patient.delete(f"{server.url}/api/v1/sessions/{session_id}").raise_for_status()
    with tab(browser, server) as at:
        at.open("/trash")
        at.button("Empty the trash").click()
        dialog = at.page.get_by_role("dialog")
        expect(dialog.get_by_text("This cannot be undone")).to_be_visible()
        dialog.get_by_role("button", name="Empty the trash").click()
        expect(at.page.get_by_text("Nothing is in the trash")).to_be_visible()
    assert patient.get(f"{server.url}/api/v1/sessions/{session_id}").status_code == 404


def test_filters_stand_in_the_address_and_survive_a_reload(browser: Browser, server: Server) -> None:
    title = new_title()
    make_session(server, title, {"slides.pdf": samples.pdf("light")})
    with tab(browser, server) as at:
        at.open(f"/sessions?query={title[:12]}&kind=Documents")
        main = at.page.get_by_test_id("stMain")
        expect(main.get_by_role("link", name=title)).to_have_count(1)
        expect(at.page.get_by_text("Filters · 1 set")).to_be_visible()
        at.page.reload()
        expect(main.get_by_role("link", name=title)).to_have_count(1)
        assert "kind=Documents" in at.page.url


def test_add_finds_a_session_that_is_like_what_was_typed(browser: Browser, server: Server) -> None:
    title = new_title()
    make_session(server, title, {})
    with tab(browser, server) as at:
        at.open("/add")
        at.page.get_by_role("combobox").first.fill(title[:12])
        at.page.get_by_text(f"Add: {title[:12]}", exact=False).click()
        at.page.get_by_role("button", name=title).click()
        expect(at.page.get_by_role("link", name=f"Open “{title}”")).to_be_visible()


def test_a_click_right_behind_what_was_typed_opens_the_session_and_the_ways_back_lead_back(
    browser: Browser, server: Server
) -> None:
    title = new_title()
    session_id = make_session(server, title, {})
    with tab(browser, server) as at:
        at.open("/sessions")
        main = at.page.get_by_test_id("stMain")
        expect(main.get_by_role("link", name=title)).to_have_count(1)
        main.get_by_label("Search").press_sequentially(title[-8:])
        main.get_by_role("link", name=title).first.click()
        expect(at.page.get_by_role("heading", name=title)).to_have_count(1)
        expect(at.page).to_have_url(f"{server.url}/session?id={session_id}")
        at_rest(at)
        at.page.get_by_test_id("stSidebar").get_by_role("link", name="Sessions").click()
        expect(at.page.get_by_role("heading", name="Sessions")).to_have_count(1)
        expect(main.get_by_label("Search")).to_have_count(1)
        at_rest(at)
        at.page.go_back()
        expect(at.page.get_by_role("heading", name=title)).to_have_count(1)
