"""A file on a page of its own, and what there is to go on with on the home page."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages import links
from studybuddy import server
from studybuddy.library import Library
from tests import samples
from tests.pages.conftest import put
from tests.pages.shown import found, labels, opened, press, said


def player(app: AppTest) -> dict[str, Any]:
    """Return what the page tells the player."""
    (component,) = found(app, "bidi_component")
    told: dict[str, Any] = json.loads(component.proto.json)
    return told


def test_a_link_names_the_place() -> None:
    assert links.view(7).href == "view?file=7"
    assert links.view(7, second=754, beside=9, page=3).query == {"file": "7", "t": "754", "beside": "9", "page": "3"}


def test_a_recording_begins_at_the_second_of_the_address(app: AppTest, library: Library) -> None:
    session = library.create_session("Optics")
    file = put(library, session.id, "Lecture 1.m4a", samples.m4a(5280))
    opened(app, "view.py", file=str(file.id), t="754")
    told = player(app)
    assert (told["file"], told["start"], told["title"], told["session"]) == (file.id, 754, "Lecture 1", "Optics")
    assert (told["duration_ms"], told["autoplay"], told["document"]) == (5_280_000, False, None)
    assert "Lecture 1" in said(app)


@pytest.mark.parametrize("second", ["", "-5", "1e3", "999999999999999999999", "٣"])
def test_a_moment_that_is_none_is_left_out(app: AppTest, library: Library, second: str) -> None:
    file = put(library, library.create_session("Optics").id, "a.wav", samples.wav(1))
    opened(app, "view.py", file=str(file.id), t=second)
    assert player(app)["start"] is None


def test_play_leads_to_the_player_which_begins_at_once(app: AppTest, library: Library) -> None:
    session = library.create_session("Optics")
    file = put(library, session.id, "Lecture 1.m4a", samples.m4a(5280))
    opened(app, "session.py", id=str(session.id))
    press(app, "Play")
    assert (player(app)["file"], player(app)["autoplay"]) == (file.id, True)


def test_the_document_with_pinned_pages_is_beside_the_recording_until_another_is_chosen(
    app: AppTest, library: Library
) -> None:
    session = library.create_session("Optics")
    file = put(library, session.id, "Lecture 1.m4a", samples.m4a(5280))
    slides = put(library, session.id, "slides.pdf", samples.pdf("light"))
    talk = put(library, session.id, "talk.pptx", samples.pptx("light"))
    server.wiring().listening.pin(file.id, document_id=slides.id, page=3, at_ms=1000)
    opened(app, "view.py", file=str(file.id))
    assert player(app)["document"] == {"id": slides.id, "name": "slides.pdf", "has_pictures": True, "page": None}
    app.selectbox[0].select(talk.id).run()
    assert player(app)["document"]["has_pictures"] is False
    assert app.query_params["beside"] == str(talk.id)
    app.selectbox[0].select(0).run()
    assert player(app)["document"] is None


def test_a_document_of_another_session_stands_beside_it_when_the_address_says_so(
    app: AppTest, library: Library
) -> None:
    file = put(library, library.create_session("Optics").id, "a.wav", samples.wav(1))
    other = put(library, library.create_session("Other").id, "slides.pdf", samples.pdf("light"))
    app.query_params["page"] = "4"
    opened(app, "view.py", file=str(file.id), beside=str(other.id))
    assert player(app)["document"] == {"id": other.id, "name": "slides.pdf", "has_pictures": True, "page": 4}
    opened(app, "view.py", file=str(file.id), beside=str(file.id))
    assert player(app)["document"] is None


def test_a_picture_is_shown_or_at_least_a_small_one_of_it(app: AppTest, library: Library) -> None:
    session = library.create_session("Optics").id
    files = [put(library, session, f"leaf.{kind}", samples.images()[f"leaf.{kind}"]) for kind in ("svg", "tiff")]
    worker = server.wiring().new_worker()
    worker.run()
    worker.close()
    shown = []
    for file in files:
        opened(app, "view.py", file=str(file.id))
        shown += [one.proto.imgs[0].url for one in found(app, "image")]
    assert [url.partition("/api/v1/")[2] for url in shown] == [
        f"files/{files[0].id}/content", f"files/{files[1].id}/thumbnail",
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_plain_text_is_shown_whatever_wrote_it(app: AppTest, library: Library, encoding: str) -> None:
    file = put(library, library.create_session("Optics").id, "a.txt", "élasticité, größer".encode(encoding))
    opened(app, "view.py", file=str(file.id))
    assert "élasticité, größer" in [code.value for code in app.code]


def test_what_is_not_there_and_what_is_in_the_trash_is_told(app: AppTest, library: Library) -> None:
    opened(app, "view.py", file="99")
    assert "There is no file 99" in said(app)
    opened(app, "view.py", file="x")
    assert "names no file" in said(app)
    file = put(library, library.create_session("Optics").id, "a.wav", samples.wav(1))
    library.trash_file(file.id)
    opened(app, "view.py", file=str(file.id))
    assert "in the trash" in said(app)
    assert not found(app, "bidi_component")


def test_home_offers_what_was_not_heard_to_its_end(app: AppTest, library: Library) -> None:
    session = library.create_session("Optics")
    file = put(library, session.id, "Lecture 1.m4a", samples.m4a(5280))
    app.run()
    assert "Go on listening" not in said(app)
    server.wiring().listening.keep_position(file.id, at_ms=2_480_000)
    app.run()
    assert "41:20 of 1:28:00 · Optics" in said(app)
    press(app, next(label for label in labels(app) if label == "**Lecture 1**"))
    assert player(app)["file"] == file.id


def test_a_session_offers_its_notes_and_says_which_wait_for_a_recording(app: AppTest, library: Library) -> None:
    session = library.create_session("Optics")
    file = put(library, session.id, "Lecture 1.m4a", samples.m4a(5280))
    opened(app, "session.py", id=str(session.id))
    assert "All notes" not in said(app)
    server.wiring().listening.add_mark("note", file.id, at_ms=0, text="light")
    app.run()
    assert f"/api/v1/sessions/{session.id}/notes/export?format=csv" in said(app)
    library.trash_file(file.id)
    library.purge_file(file.id)
    app.run()
    assert "no recording · 1 note or bookmark kept for the next" in said(app)


def test_the_way_back_finds_the_session_although_the_address_lost_it(app: AppTest, library: Library) -> None:
    session = library.create_session("Optics")
    opened(app, "session.py", id=str(session.id))
    del app.query_params["id"]
    app.query_params["file"] = "7"
    app.run()
    assert "Optics" in said(app)
    assert app.query_params["id"] == str(session.id)
