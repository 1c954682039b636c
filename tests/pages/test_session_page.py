"""A session's page: its lectures and files, and what is done with them."""

import pytest
from streamlit.testing.v1 import AppTest

from studybuddy import server
from studybuddy.catalog import arrivals
from studybuddy.errors import UnavailableError
from studybuddy.library import Library
from tests import samples
from tests.pages.conftest import put
from tests.pages.shown import found, labels, opened, press, said


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
        ("empty.md", b"", "caption"),
        ("leaf.png", samples.png(8, 8), "image"),
        ("paper.pdf", samples.pdf("light"), "bidi_component"),
    ],
    ids=["markdown", "text", "table", "empty", "image", "pdf"],
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
    (search,) = [link.proto for link in found(app, "page_link") if link.proto.label == "Search here"]
    assert search.query_string == f"in_session={session.id}&q="
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


def test_a_session_that_is_still_coming_in_says_so(app: AppTest, library: Library) -> None:
    session = library.create_session("Botany")
    with library.catalog.write() as db:
        arrivals.begin(db, session.id, writer="another", sha256s=[])
    opened(app, "session.py", id=str(session.id))
    assert "still coming in" in app.info[0].value
    with library.catalog.write() as db:
        arrivals.end(db, session.id)
    app.run()
    assert not app.info
