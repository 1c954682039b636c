"""The page Cards: made, asked, answered, taken back, changed and deleted."""

from pathlib import Path

from playwright.sync_api import Browser, Page, expect
from streamlit.testing.v1 import AppTest

from studybuddy import server
from studybuddy.catalog.cards import Card
from studybuddy.library import Library
from tests import patient
from tests.pages.server import running

pytest_plugins = ("tests.pages.chromium",)


def opened(app: AppTest, session_id: int | None = None) -> AppTest:
    app.switch_page("cards.py")
    if session_id is not None:
        app.query_params["session"] = str(session_id)
    app.run()
    assert not app.exception
    return app


def press(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label.startswith(label)).click().run()
    assert not app.exception


def shown(app: AppTest) -> str:
    return " ".join(element.value for element in (*app.markdown, *app.caption))


def card(library: Library, front: str = "What splits water?") -> Card:
    session_id = library.create_session("Botany").id
    return server.wiring().cards.add(front, "Photosystem II", session_id=session_id)


def test_without_cards_the_page_says_what_they_are_for(app: AppTest, library: Library) -> None:
    assert "No cards yet" in shown(opened(app))


def test_a_card_is_asked_then_answered_and_is_not_due_any_more(app: AppTest, library: Library) -> None:
    card(library)
    opened(app)
    assert "Photosystem" not in shown(app)
    press(app, "Show the answer")
    assert "Photosystem II" in shown(app)
    press(app, "Easy")
    assert "Nothing to review now" in shown(app)


def test_the_list_shows_formulas_as_the_card_does(app: AppTest, library: Library) -> None:
    card(library, "What is $\\eta$\nof *this*, for $5?")
    assert "**What is $\\eta$ of \\*this\\*\\, for \\$5\\?**" in shown(opened(app))


def test_the_lines_of_an_answer_stay_lines(app: AppTest, library: Library) -> None:
    session_id = library.create_session("Botany").id
    server.wiring().cards.add("What is $x$?", "one\n# two\n$y$ of *z*", session_id=session_id)
    opened(app)
    assert "#### What is $x$\\?" in shown(app)
    press(app, "Show the answer")
    assert "one  \n\\# two  \n$y$ of \\*z\\*" in shown(app)


def test_of_two_sessions_of_one_title_the_chosen_one_gets_the_card(app: AppTest, library: Library) -> None:
    first, second = library.create_session("Botany"), library.create_session("Botany")
    press(opened(app), "Make a card")
    box = next(box for box in app.selectbox if box.label == "Session")
    assert sorted(box.options) == ["Botany", f"Botany · no. {min(first.id, second.id)}"]


def test_the_last_answer_can_be_taken_back(app: AppTest, library: Library) -> None:
    before = card(library)
    opened(app)
    press(app, "Show the answer")
    press(app, "Easy")
    press(app, "Undo")
    assert server.wiring().cards.get(before.id) == before
    assert "1 card to review now" in shown(app)


def test_the_page_of_one_session_asks_only_its_cards(app: AppTest, library: Library) -> None:
    card(library)
    other = card(library, "Which pigment")
    opened(app, other.session_id)
    assert "1 card to review now" in shown(app)
    assert "Which pigment" in shown(app)
    assert "What splits water?" not in shown(app)


def test_an_address_that_names_no_session_says_so(app: AppTest, library: Library) -> None:
    app.switch_page("cards.py")
    app.query_params["session"] = "x"
    app.run()
    assert "names no session" in app.error[0].value


def test_a_card_is_made_in_a_browser_and_reviewed_by_keys(browser: Browser, tmp_path: Path) -> None:
    with running(tmp_path) as at, browser.new_page() as page:
        patient.post(f"{at.url}/api/v1/sessions", json={"title": "Botany"}).raise_for_status()
        page.goto(f"{at.url}/cards")
        page.get_by_role("button", name="Make a card").click()
        page.get_by_label("Front").fill("What splits water?")
        page.get_by_label("Back").fill("Photosystem II")
        page.get_by_role("button", name="Make the card").click()
        show = page.get_by_role("button", name="Show the answer")
        expect(show).to_have_count(1)
        expect(page.get_by_role("dialog")).to_have_count(0)
        press_key(page, "Space", shows="Photosystem II")
        expect(page.get_by_role("button", name="Easy")).to_have_count(1)
        press_key(page, "4", shows="Nothing to review now")


def press_key(page: Page, key: str, *, shows: str) -> None:
    """Press a key until it shows something: a button is there a moment before it listens to its key."""
    for _ in range(30):
        page.keyboard.press(key)
        try:
            expect(page.get_by_text(shows)).to_be_visible(timeout=2_000)
        except AssertionError:
            continue
        return
    raise AssertionError(f"{key} shows no “{shows}”")
