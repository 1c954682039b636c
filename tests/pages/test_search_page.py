"""The page Search: what it finds, where each hit leads, and what it says when there is nothing."""

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from studybuddy.catalog.records import File
from studybuddy.library import Library
from tests import samples
from tests.pages.conftest import put
from tests.pages.shown import FORMULA, labels, opened, press, said
from tests.search.conftest import speak, write_pages


@pytest.fixture
def slides(library: Library) -> File:
    session = library.create_session("Physics", subject="Science", tags=["exam"])
    file = put(library, session.id, "slides.pdf", samples.pdf("light", pages=3))
    with library.catalog.write() as db:
        write_pages(db, file.id, ["heat", "nothing", f"all about entropy {FORMULA} **bold** :material/home:"])
    return file


def links(app: AppTest) -> list[tuple[str, str]]:
    """Return where the links of the results lead: page and query."""
    found = [element.proto for element in app.get("page_link")]
    pages = [(proto.page.rpartition("/")[2], proto.query_string) for proto in found]
    return [(page, query) for page, query in pages[1:] if page != "reading"]


def test_a_word_is_found_as_it_is_typed_and_the_hit_leads_to_its_page(app: AppTest, slides: File) -> None:
    opened(app, "search.py")
    assert "Finds words in titles" in said(app)
    app.text_input(key="search-box").set_value("entro").run()
    assert not app.exception
    assert ":yellow-background[**entropy**]" in said(app)
    assert links(app) == [("view", f"file={slides.id}&page=3")] * 2
    assert "in Physics · Science" in said(app)


def test_a_click_whose_address_comes_with_what_was_typed_is_followed(app: AppTest, slides: File) -> None:
    opened(app, "search.py", q="entrop")
    app.query_params.update({"file": str(slides.id), "page": "3"})
    app.text_input(key="search-box").set_value("entropy").run()
    assert not app.exception
    assert app.title[0].value == "slides\\.pdf"
    assert app.query_params == {"file": str(slides.id), "page": "3"}


def test_an_address_of_another_page_without_a_click_stays_on_the_search(app: AppTest, slides: File) -> None:
    opened(app, "search.py", q="entropy", file=str(slides.id), id="1")
    assert app.title[0].value == "Search"
    assert ":yellow-background[**entropy**]" in said(app)
    assert app.query_params == {"q": "entropy"}


def test_texts_stay_text(app: AppTest, slides: File) -> None:
    opened(app, "search.py", q="entropy")
    shown = next(str(element.value) for element in app.markdown if "entropy" in str(element.value))
    assert "\\*\\*bold\\*\\*" in shown
    assert "\\$" in shown
    assert "![" not in shown


def test_a_recording_opens_three_seconds_before_the_word(app: AppTest, library: Library, slides: File) -> None:
    spoken = put(library, slides.session_id, "talk.m4a", samples.m4a(60))
    with library.catalog.write() as db:
        speak(db, spoken.id, ["so", "and", "then", "comes", "inertia"])
    opened(app, "search.py", q="inertia")
    assert links(app) == [("view", f"file={spoken.id}&t=13")] * 2
    assert ":green-badge[0:16]" in labels(app, "page_link")


def test_the_other_places_in_a_file_are_folded_and_all_are_a_click_away(app: AppTest, library: Library) -> None:
    session = library.create_session("Physics")
    file = put(library, session.id, "slides.pdf", samples.pdf("light", pages=9))
    with library.catalog.write() as db:
        write_pages(db, file.id, ["heat"] * 9)
    opened(app, "search.py", q="heat")
    assert [expander.label for expander in app.expander][1:] == ["8 more in this file"]
    assert links(app)[-1] == ("search", f"q=heat&in_file={file.id}")
    opened(app, "search.py", q="heat", in_file=str(file.id))
    assert "Only in **slides.pdf**" in said(app)
    assert [query for _, query in links(app)][1:] == [f"file={file.id}&page={page}" for page in range(1, 10)]
    press(app, "Search everywhere")
    assert "Only in" not in said(app)


def test_filters_narrow_and_a_way_out_is_offered_when_nothing_is_left(app: AppTest, slides: File) -> None:
    opened(app, "search.py", q="entropy", kind="audio")
    assert "Nothing is found" not in said(app), "no recording is there, so there is no such choice"
    opened(app, "search.py", q="entropy", tag="exam")
    assert links(app)
    app.selectbox(key="tag").set_value(None).run()
    app.date_input(key="until").set_value(date(2020, 1, 1)).run()
    assert "Nothing is found" in said(app)
    press(app, "Search without filters")
    assert links(app)


@pytest.mark.parametrize("place", ["in_session", "in_file"])
def test_a_place_that_is_not_there_any_more_is_dropped_with_its_address(app: AppTest, slides: File, place: str) -> None:
    opened(app, "search.py", q="entropy", **{place: "99"})
    assert app.query_params == {"q": "entropy"}
    assert "Only in" not in said(app)
    assert links(app)


def test_what_cannot_be_found_is_said_plainly(app: AppTest, slides: File) -> None:
    opened(app, "search.py", q="xylophone")
    assert "Nothing is found" in said(app)
    assert "1 file is still being read" in said(app)
    app.text_input(key="search-box").set_value("-x").run()
    assert "There is no word to look for yet" in said(app)


def test_a_session_is_found_by_its_notes(app: AppTest, library: Library) -> None:
    session = library.create_session("Physics", description="bring a calculator")
    opened(app, "search.py", q="calculator")
    assert links(app) == [("session", f"id={session.id}")] * 2
    assert ":green-badge[Notes]" in labels(app, "page_link")
