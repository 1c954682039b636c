"""The pages Add, Trash and Settings as they come out of the library; no page names another server."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from studybuddy import server
from studybuddy.library import Library
from tests import samples
from tests.pages.conftest import put
from tests.pages.shown import labels, opened, press, said


def test_add_takes_the_session_of_the_address(app: AppTest, library: Library) -> None:
    session = library.create_session("Optics")
    opened(app, "upload.py", session=str(session.id))
    assert app.selectbox(key="add_session").value == session.id
    assert "**Open “Optics”**" in labels(app, "page_link")


def test_add_leads_to_the_sessions_that_folders_became(app: AppTest, library: Library) -> None:
    trip, trashed = library.create_session("Field trip"), library.create_session("Trashed")
    library.trash_session(trashed.id)
    app.session_state["add_of_folders"] = [trip.id, trashed.id, 999]
    opened(app, "upload.py")
    assert labels(app, "page_link")[-1] == "**Open “Field trip”, made of a folder**"


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


def test_no_page_names_another_server() -> None:
    for page in Path(__file__).parents[2].joinpath("pages").glob("*.py"):
        assert not re.search(r"https?://(?!localhost|study\.example\.org)", page.read_text()), page
