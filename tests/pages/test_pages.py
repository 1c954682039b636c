"""Each page as it comes out of the library: full, empty, and when something is wrong."""

import json
import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.formats import plain, shortened, without_pictures
from studybuddy import server
from studybuddy.errors import UnavailableError
from studybuddy.library import Library
from tests import samples
from tests.pages.conftest import put

FORMULA, PICTURE = "$\\href{javascript:alert(1)}{x}$", "<img src=x onerror=alert(1)>.pdf"


def found(app: AppTest, kind: str) -> list[Any]:
    return list(app.get(kind))


def opened(app: AppTest, page: str, **query: str) -> AppTest:
    app.run()
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page(page).run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    """Return all words of a page, without the escapes of Markdown."""
    parts: Iterable[str] = (
        str(element.value) for kind in ("title", "subheader", "markdown", "caption", "error", "code", "warning")
        for element in found(app, kind) if element.value is not None
    )  # fmt: skip
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", "\n".join(parts)).replace("\u2060", "")


def labels(app: AppTest, kind: str = "button") -> list[str]:
    return [re.sub(r"\\(.)", r"\1", str(element.label)) for element in found(app, kind)]


def sessions_listed(app: AppTest) -> list[str]:
    """Return the links of a list, without the strip's."""
    return labels(app, "page_link")[1:]


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def test_home_welcomes_where_nothing_is(app: AppTest) -> None:
    app.run()
    assert not app.exception
    assert "Welcome to Study Buddy" in said(app)
    assert labels(app, "page_link")[0] == ":small[New files go to: **● this computer**]"
    assert "Add the first files" in labels(app)


def test_home_tells_what_is_here(app: AppTest, library: Library) -> None:
    session = library.create_session("Optics", subject="Physics")
    put(library, session.id, "slides.pdf", samples.pdf("light"))
    put(library, session.id, "lecture.m4a", samples.m4a(7200))
    app.run()
    assert not app.exception
    told = {metric.label: metric.value for metric in app.metric}
    assert told["Sessions"] == "1"
    assert told["Files"] == "2"
    assert told["Recordings"] == "2 h 00 min"
    assert "**Optics**" in labels(app, "page_link")
    assert "Physics · 2 files · 1 lecture" in said(app)


def test_home_names_what_waits_for_another_storage(app: AppTest, library: Library) -> None:
    session = library.create_session("Optics")
    file = put(library, session.id, "slides.pdf", samples.pdf("light"))
    with library.catalog.write() as db:
        db.execute("UPDATE files SET wanted_storage_id = 1, wanted_reason = 'no answer' WHERE id = ?", [file.id])
    app.run()
    assert "1 file saved on this computer, meant for this computer.** no answer. They move there" in said(app)


def test_home_shows_the_rest_when_the_catalog_fails(app: AppTest, library: Library) -> None:
    app.run()
    with closing(sqlite3.connect(library.catalog.path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()  # else all of it is in the log still
    library.catalog.path.write_bytes(b"no catalog at all" * 4096)
    app.run()
    assert not app.exception
    assert "is damaged or not a catalog" in said(app)
    assert "New files go to" in labels(app, "page_link")[0]


def test_sessions_are_found_by_what_is_typed(app: AppTest, library: Library) -> None:
    library.create_session("Optics", tags=["exam"])
    library.create_session("Botany")
    opened(app, "sessions.py")
    assert sessions_listed(app) == ["**Botany**", "**Optics**"]
    app.text_input(key="query").set_value("opt").run()
    assert sessions_listed(app) == ["**Optics**"]


def test_sessions_are_filtered_and_a_way_out_is_offered(app: AppTest, library: Library) -> None:
    library.create_session("Optics", subject="Physics", tags=["exam"])
    library.create_session("Botany", subject="Biology")
    opened(app, "sessions.py")
    app.selectbox(key="tag").select("exam").run()
    assert sessions_listed(app) == ["**Optics**"]
    app.selectbox(key="subject").select("Biology").run()
    assert "No session matches" in said(app)
    press(app, "Show all sessions")
    assert sessions_listed(app) == ["**Botany**", "**Optics**"]


def test_filters_are_read_from_the_address(app: AppTest, library: Library) -> None:
    library.create_session("Optics", subject="Physics")
    library.create_session("Botany", subject="Biology")
    opened(app, "sessions.py", subject="Physics")
    assert sessions_listed(app) == ["**Optics**"]


def test_sessions_come_page_by_page_and_back(app: AppTest, library: Library) -> None:
    for number in range(30):
        library.create_session(f"Session {number:02d}")
    opened(app, "sessions.py")
    first = sessions_listed(app)
    assert len(first) == 24
    press(app, "Next")
    assert len(sessions_listed(app)) == 6
    assert app.query_params["after"]
    press(app, "Previous")
    assert sessions_listed(app) == first


def test_an_address_with_a_broken_place_begins_at_the_first_page(app: AppTest, library: Library) -> None:
    library.create_session("Optics")
    opened(app, "sessions.py", after="nonsense")
    assert sessions_listed(app) == ["**Optics**"]


def test_sessions_say_how_to_begin_where_nothing_is(app: AppTest) -> None:
    opened(app, "sessions.py")
    assert "No sessions yet" in said(app)
    assert "Add the first files" in labels(app, "page_link")


def test_a_session_shows_its_lectures_and_files(app: AppTest, library: Library) -> None:
    session = library.create_session("Optics", subject="Physics", description="Read *chapter 2*.", tags=["exam"])
    put(library, session.id, "slides.pdf", samples.pdf("light"))
    put(library, session.id, "Lecture 1.m4a", samples.m4a(5280))
    opened(app, "session.py", id=str(session.id))
    text = said(app)
    assert "Optics" in text
    assert "Read *chapter 2*." in text
    assert "Lecture 1**" in text
    assert "1 h 28 min" in text
    assert "slides.pdf" in text
    assert "● this computer" in text


@pytest.mark.parametrize(
    ("file_name", "content", "kind"),
    [
        ("notes.md", b"# Light\n", "markdown"),
        ("notes.txt", b"light\n", "code"),
        ("table.csv", b"a,b,a\n1,2,3\n4,5,6\n", "dataframe"),
        ("leaf.png", samples.png(8, 8), "image"),
        ("paper.pdf", samples.pdf("light"), "bidi_component"),
    ],
    ids=["markdown", "text", "table", "image", "pdf"],
)
def test_a_file_is_shown_as_far_as_a_browser_can(
    app: AppTest, library: Library, file_name: str, content: bytes, kind: str
) -> None:
    session = library.create_session("Optics")
    put(library, session.id, file_name, content)
    opened(app, "session.py", id=str(session.id))
    before = len(found(app, kind))
    press(app, "Open")
    assert len(found(app, kind)) > before
    press(app, "Close")
    assert len(found(app, kind)) == before


def test_a_file_whose_storage_does_not_answer_says_so(app: AppTest, library: Library) -> None:
    session = library.create_session("Optics")
    file = put(library, session.id, "slides.pdf", samples.pdf("light"))
    server.wiring().pauses.begin(file.storage_id or 0, UnavailableError("The disk does not answer"))
    opened(app, "session.py", id=str(session.id))
    assert "cannot be opened now: The disk does not answer" in said(app)


def test_a_file_whose_bytes_are_gone_leaves_the_rest_of_the_page(app: AppTest, library: Library) -> None:
    session = library.create_session("Optics")
    file = put(library, session.id, "notes.txt", b"light\n")
    local = server.wiring().settings.uploads_dir
    for path in local.rglob("*.txt"):
        path.unlink()
    opened(app, "session.py", id=str(session.id))
    press(app, "Open")
    assert app.error
    assert file.name in said(app)


def test_a_file_goes_to_the_trash_and_comes_back(app: AppTest, library: Library) -> None:
    session = library.create_session("Optics")
    file = put(library, session.id, "slides.pdf", samples.pdf("light"))
    opened(app, "session.py", id=str(session.id))
    app.menu_button(key=f"more-{file.id}").click("Put in the trash").run()
    assert library.file(file.id).trashed_at is not None
    press(app, "Undo")
    assert library.file(file.id).trashed_at is None


def test_a_linked_file_says_where_it_is_kept(app: AppTest, library: Library) -> None:
    first, second = library.create_session("Optics"), library.create_session("Waves")
    kept = put(library, first.id, "slides.pdf", samples.pdf("light"))
    again = put(library, second.id, "slides again.pdf", samples.pdf("light"))
    library.use_existing(again.id, kept.id)
    opened(app, "session.py", id=str(second.id))
    assert f"kept in [Optics](session?id={first.id})" in said(app)


def test_a_session_is_edited_in_place(app: AppTest, library: Library) -> None:
    session = library.create_session("Optics")
    opened(app, "session.py", id=str(session.id))
    press(app, "Edit")
    app.text_input[0].set_value("Optics 2")
    app.text_area[0].set_value("New **notes**")
    press(app, "Save")
    assert library.session(session.id).title == "Optics 2"
    assert "New **notes**" in said(app)


def test_an_empty_title_is_refused_where_it_was_typed(app: AppTest, library: Library) -> None:
    session = library.create_session("Optics")
    opened(app, "session.py", id=str(session.id))
    press(app, "Edit")
    app.text_input[0].set_value("   ")
    press(app, "Save")
    assert "The title is empty" in said(app)
    assert library.session(session.id).title == "Optics"


def test_five_thousand_files_come_page_by_page(app: AppTest, library: Library) -> None:
    session = library.create_session("Optics")
    for number in range(27):
        put(library, session.id, f"handout {number:02d}.txt", f"{number}".encode())
    opened(app, "session.py", id=str(session.id))
    assert "handout 24.txt" in said(app)
    assert "handout 25.txt" not in said(app)
    press(app, "Next")
    assert "handout 26.txt" in said(app)
    assert "handout 24.txt" not in said(app)


@pytest.mark.parametrize("asked", ["999", "", "x", "٣", "9" * 40])
def test_a_session_that_is_not_there_gives_a_way_back(app: AppTest, asked: str) -> None:
    opened(app, "session.py", id=asked)
    assert app.error
    assert "All sessions" in labels(app, "page_link")


def test_a_session_in_the_trash_is_offered_back(app: AppTest, library: Library) -> None:
    session = library.create_session("Optics")
    library.trash_session(session.id)
    opened(app, "session.py", id=str(session.id))
    assert "in the trash" in app.warning[0].value
    press(app, "Restore it")
    assert library.session(session.id).trashed_at is None


def test_add_takes_the_session_of_the_address(app: AppTest, library: Library) -> None:
    session = library.create_session("Optics")
    opened(app, "upload.py", session=str(session.id))
    assert app.selectbox(key="add_session").value == session.id
    assert "**Open “Optics”**" in labels(app, "page_link")


def test_the_trash_tells_until_when_and_gives_back(app: AppTest, library: Library) -> None:
    session = library.create_session("Optics")
    file = put(library, session.id, "slides.pdf", samples.pdf("light"))
    library.trash_file(file.id)
    opened(app, "trash.py")
    assert "slides.pdf" in said(app)
    assert "gone for good on" in said(app)
    press(app, "Restore")
    assert library.file(file.id).trashed_at is None
    assert "Nothing is in the trash" in said(app)


def test_deleting_for_good_asks_first(app: AppTest, library: Library) -> None:
    session = library.create_session("Optics")
    put(library, session.id, "slides.pdf", samples.pdf("light"))
    library.trash_session(session.id)
    opened(app, "trash.py")
    press(app, "Delete for good")
    assert "and its 1 file" in said(app)
    assert "This cannot be undone" in said(app)
    assert library.session(session.id).trashed_at is not None


def test_settings_show_what_is_in_force_and_no_secret(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, library: Library
) -> None:
    secret = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLEEXAMPLE12")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)
    server.close()
    opened(app, "settings.py")
    text = said(app)
    assert "`` STORAGE `` **LOCAL**" in text
    assert "environment" in text
    assert "0.1.0" in text
    assert secret not in text
    assert secret[:8] not in text


@pytest.mark.parametrize("bad", [FORMULA, PICTURE, ":material/home:", "**b**", "[a](http://x.y)", "# h", "a -> b"])
def test_plain_leaves_nothing_for_markdown(bad: str) -> None:
    escaped = plain(bad)
    assert re.sub(r"\\(.)", r"\1", escaped).replace("\u2060", "") == bad
    assert not re.search(r"(?<!\\)[*_`$\[\]<>:#]", escaped)


def test_pictures_in_notes_become_links() -> None:
    assert "![" not in without_pictures("see ![x](https://example.com/x.png)")


def test_a_title_is_cut_by_what_it_takes_on_screen() -> None:
    assert shortened("Optics", width=6) == "Optics"
    assert shortened("Optics 2", width=6) == "Optics…"
    assert shortened("量子力学", width=6) == "量子力…"


def test_every_bad_name_is_shown_as_text(app: AppTest, library: Library) -> None:
    session = library.create_session(FORMULA, tags=[PICTURE], subject=FORMULA)
    for name in (FORMULA, PICTURE):
        put(library, session.id, name, b"text")
    opened(app, "session.py", id=str(session.id))
    shown = [element.value for kind in ("title", "markdown", "caption") for element in found(app, kind)]
    assert json.dumps(shown).count("href") >= 3
    assert not [text for text in shown if re.search(r"(?<!\\)[$<]", text)]


def test_no_page_names_another_server() -> None:
    for page in Path(__file__).parents[2].joinpath("pages").glob("*.py"):
        assert not re.search(r"https?://(?!localhost|study\.example\.org)", page.read_text()), page
