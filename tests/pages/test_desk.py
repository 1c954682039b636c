"""Home as a desk; what a session's page shows of what was read in its files; a session out as a zip and in again."""

from pathlib import Path

from playwright.sync_api import Browser, expect
from streamlit.testing.v1 import AppTest

from studybuddy import server
from studybuddy.catalog import contents
from studybuddy.catalog.migrations import Scope
from studybuddy.errors import UnavailableError
from studybuddy.library import Library
from studybuddy.processing.results import Page
from tests import patient, samples
from tests.pages.conftest import put
from tests.pages.server import running
from tests.pages.shown import labels, said
from tests.pages.walking import make_session
from tests.waiting import awaited

pytest_plugins = ("tests.pages.chromium",)


def test_home_begins_with_what_to_do_next(app: AppTest, library: Library) -> None:
    session = library.create_session("Optics")
    for front in ("One", "Two"):
        server.wiring().cards.add(front, "back", session_id=session.id)
    app.run()
    assert not app.exception
    assert "**2 cards to review**" in said(app)
    app.button(key="review").click().run()
    assert "Cards" in [title.value for title in app.title]


def test_home_is_quiet_where_nothing_is_due(app: AppTest, library: Library) -> None:
    library.create_session("Optics")
    app.run()
    assert "review" not in said(app)
    assert "does not answer" not in said(app)


def test_home_tells_which_storage_does_not_answer(app: AppTest, library: Library) -> None:
    library.create_session("Optics")
    local = library.storages().local
    server.wiring().pauses.begin(local.id, UnavailableError("No answer within 3 s"))
    app.run()
    assert "**this computer does not answer.** No answer within 3 s." in said(app)


def test_home_leads_to_a_move_that_waits_to_go_on(app: AppTest, library: Library, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "storages.toml").write_text(f'[disk]\nkind = "local"\nfolder = "{tmp_path}/disk"\n')
    server.close()
    library = server.wiring().library
    put(library, library.create_session("Optics").id, "prism.txt", b"words")
    number = server.wiring().migrations.plan("local", "disk", Scope()).migration.id
    assert "A move" not in said(app.run())
    with library.catalog.write() as db:
        db.execute("UPDATE migrations SET state = 'paused', goes_on = 1")
    text = said(app.run())
    assert "**A move waits to go on, 1 file is left:** ● this computer → ● this computer · disk." in text
    assert "It goes on by itself when the storage answers." in text
    server.wiring().migrations.run(number)
    assert "A move" not in said(app.run())


def test_what_is_typed_on_home_is_searched(app: AppTest, library: Library) -> None:
    put(library, library.create_session("Optics").id, "prism.txt", b"words")
    app.run()
    app.text_input(key="home-search").set_value("prism").run()
    assert not app.exception
    assert app.query_params["q"] in ("prism", ["prism"])
    assert "in Optics" in said(app)


def test_a_session_shows_the_text_of_a_file_page_by_page(app: AppTest, library: Library) -> None:
    session = library.create_session("Optics")
    file = put(library, session.id, "slides.pdf", samples.pdf("light"))
    with library.catalog.write() as db:
        contents.replace(db, file.id, [Page(1, "first"), Page(3, "third")])
    app.query_params["id"] = str(session.id)
    app.switch_page("session.py").run()
    app.button(key=f"open-{file.id}").click().run()
    assert "first" in [code.value for code in app.code]
    for number, text in (3, "third"), (2, None):
        app.number_input(key=f"text-{file.id}").set_value(number).run()
        assert not app.exception
        assert [code.value for code in app.code] == ([text] if text else [])
    assert "No text was found on this page." in said(app)


def test_a_session_names_its_cards(app: AppTest, library: Library) -> None:
    session = library.create_session("Optics")
    app.query_params["id"] = str(session.id)
    app.switch_page("session.py").run()
    assert "card" not in " ".join(labels(app, "page_link"))
    server.wiring().cards.add("One", "back", session_id=session.id)
    app.run()
    assert "1 card to review" in labels(app, "page_link")


def test_a_session_goes_out_as_a_zip_and_comes_in_again(browser: Browser, tmp_path: Path) -> None:
    with running(tmp_path) as running_server:
        make_session(running_server, "Optics", {"slides.pdf": samples.pdf("light"), "leaf.png": samples.png(80, 60)})
        page = browser.new_page(accept_downloads=True)
        processing = f"{running_server.url}/api/v1/processing"
        awaited(lambda: patient.get(processing).json()["counts"]["done"] == 2)
        page.goto(f"{running_server.url}/session?id=1")
        expect(page.locator("img[src*='/thumbnail']").first).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("link", name="Export").click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        assert path.name == "Optics.zip"
        broken = tmp_path / "broken.zip"
        broken.write_bytes(path.read_bytes()[:-30])

        page.goto(f"{running_server.url}/sessions")
        page.get_by_text("Bring in a session from a zip").click()
        expect(page.get_by_role("button", name="Choose the zip")).to_be_visible()
        page.locator("input[type=file]").set_input_files(broken)
        expect(page.get_by_text("That is no whole zip")).to_be_visible()
        page.locator("input[type=file]").set_input_files(path)
        expect(page.get_by_text("The session is here, as it was.")).to_be_visible()
        expect(page).to_have_url(f"{running_server.url}/session?id=2")
        expect(page.get_by_text("slides.pdf")).to_have_count(1)
        page.close()
