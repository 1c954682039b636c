"""The home page as it comes out of the library: full, empty, and when something is wrong."""

import sqlite3
from contextlib import closing

from streamlit.testing.v1 import AppTest

from studybuddy.library import Library
from tests import samples
from tests.pages.conftest import put
from tests.pages.shown import labels, said


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
