"""What the pages tell of the reading of files: how far it is, what failed and why, and how to try again."""

import re
from pathlib import Path

from playwright.sync_api import Browser, expect
from streamlit.testing.v1 import AppTest

from studybuddy import server
from studybuddy.library import Library
from tests import samples
from tests.pages.conftest import put
from tests.pages.server import running
from tests.pages.shown import labels, opened, press, said
from tests.pages.walking import make_session, tab
from tests.processing.rig import rig_over

pytest_plugins = ("tests.pages.chromium",)


def read_all() -> None:
    rig = rig_over(server.wiring())
    rig.run()
    rig.worker.close()


def test_home_tells_what_is_not_read_yet_and_what_cannot_be(app: AppTest, library: Library) -> None:
    session = library.create_session("Optics")
    for name, content in (("a.txt", b"light"), ("b.txt", b"!encrypted"), ("c.txt", b"!bug x")):
        put(library, session.id, name, content)
    app.run()
    assert "3 files are being read" in labels(app, "page_link")
    read_all()
    app.run()
    assert "2 files could not be read" in labels(app, "page_link")


def test_a_session_tells_it_file_by_file(app: AppTest, library: Library) -> None:
    session = library.create_session("Optics")
    put(library, session.id, "b.txt", b"!encrypted")
    put(library, session.id, "c.txt", b"light\n!remark Page 3 has no text\n")
    put(library, session.id, "d.zip", b"PK\x03\x04")
    opened(app, "session.py", id=str(session.id))
    assert said(app).count("Waits to be read") == 2
    assert "There is nothing to read in files of this kind" in said(app)
    read_all()
    app.run()
    assert "Could not be read. The document is encrypted. Save it without a password." in said(app)
    assert "1 file could not be read" in said(app)
    assert "Page 3 has no text" in said(app)
    press(app, "Try again")
    assert said(app).count("Waits to be read") == 1
    assert "1 file is being read" in said(app)


def test_what_could_not_be_read_is_listed_with_the_way_to_try_again(app: AppTest, library: Library) -> None:
    opened(app, "reading.py")
    assert "Nothing. A file that is damaged" in said(app)
    session = library.create_session("Optics")
    for number in range(3):
        put(library, session.id, f"{number}.txt", b"!encrypted")
    read_all()
    app.run()
    assert {metric.label: metric.value for metric in app.metric} == {
        "Read": "0", "To be read": "0", "Could not be read": "3", "Nothing to read": "0",
    }  # fmt: skip
    assert said(app).count("The document is encrypted. Save it without a password.") == 3
    press(app, "Try again")
    assert server.wiring().processing.status().counts["pending"] == 1
    press(app, "Try all again")
    assert server.wiring().processing.status().counts["pending"] == 3
    assert "2 files will be read again" in said(app)


def test_the_app_reads_what_is_added_while_one_looks_on(browser: Browser, tmp_path: Path) -> None:
    files = {"slides.pdf": samples.pdf("Entropy", pages=2), "torn.pdf": samples.pdf("Entropy")[:40]}
    with running(tmp_path) as at_work, tab(browser, at_work) as at:
        make_session(at_work, "Heat", files)
        at.open("/session?id=1")
        expect(at.page.get_by_text(re.compile("^.*1 file could not be read"))).to_be_visible()
        expect(at.page.get_by_text("Waits to be read")).to_have_count(0)
        at.open("/")
        at.page.get_by_text("1 file could not be read").click()
        expect(at.page.get_by_role("heading", name="Could not be read")).to_be_visible()
        expect(at.page.get_by_text("torn.pdf")).to_have_count(1)
        at.button("Try again").click()
        expect(at.page.get_by_text("torn.pdf")).to_have_count(1)
