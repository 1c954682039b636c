"""The list of sessions: search, filters, page by page."""

import pytest
from streamlit.testing.v1 import AppTest

from studybuddy.library import Library
from tests.pages.shown import labels, opened, press, said


def sessions_listed(app: AppTest) -> list[str]:
    """Return the links of a list, without the strip's."""
    return labels(app, "page_link")[1:]


def test_sessions_are_found_by_what_is_typed(app: AppTest, library: Library) -> None:
    library.create_session("Optics", tags=["exam"])
    library.create_session("Botany")
    opened(app, "sessions.py")
    assert sessions_listed(app) == ["**Botany**", "**Optics**"]
    app.text_input(key="query").set_value("opt").run()
    assert sessions_listed(app) == ["**Optics**"]


def test_a_click_whose_address_comes_with_what_was_typed_is_followed(app: AppTest, library: Library) -> None:
    session = library.create_session("Waves")
    opened(app, "sessions.py", id=str(session.id))
    assert (app.title[0].value, app.query_params) == ("Sessions", {})
    app.query_params["id"] = str(session.id)
    app.text_input(key="query").set_value("wav").run()
    assert not app.exception
    assert app.title[0].value == "Waves"
    assert app.query_params == {"id": str(session.id)}


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


@pytest.mark.parametrize("page", ["sessions.py", "search.py"])
def test_filters_that_are_not_there_any_more_are_dropped_with_their_address(
    app: AppTest, library: Library, page: str
) -> None:
    library.create_session("Optics", subject="Physics")
    opened(app, page, tag="gone", subject="Physics", since="nonsense", id="1")
    assert app.query_params == {"subject": "Physics"}
    assert app.expander[0].label == "Filters · 1 set"
    library.update_session(1, subject="")
    app.run()
    assert (app.query_params, app.expander[0].label) == ({}, "Filters")


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
