"""The place on a recording's page where its transcript is asked for."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from streamlit.testing.v1 import AppTest

from studybuddy import server
from studybuddy.library import Library
from tests import samples
from tests.pages.conftest import put
from tests.pages.server import running
from tests.pages.shown import labels, opened, press, said
from tests.pages.test_view_page import player
from tests.pages.walking import make_session, tab
from tests.servers.speech import Answer, speech_server

pytest_plugins = ("tests.pages.chromium",)


def test_without_a_service_the_page_says_how_to_get_a_transcript(app: AppTest, library: Library) -> None:
    file = put(library, library.create_session("Optics").id, "a.wav", samples.wav(1))
    opened(app, "view.py", file=str(file.id))
    assert "`TRANSCRIBE_URL`" in said(app)
    assert "Make a transcript" not in labels(app)


def test_a_transcript_is_made_by_a_click_and_shown(
    app: AppTest, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = put(library, library.create_session("Optics").id, "a.wav", samples.wav(1))
    server.close()
    with speech_server() as speech:
        monkeypatch.setenv("TRANSCRIBE_URL", speech.url)
        speech.answers.append(Answer(401))
        transcriber = server.wiring().new_transcriber()
        opened(app, "view.py", file=str(file.id))
        assert player(app)["has_times"] is None
        press(app, "Make a transcript")
        assert "Make a transcript" not in labels(app)
        transcriber.run()
        app.run()
        assert "No transcript was made. 127.0.0.1" in said(app)
        press(app, "Try again")
        transcriber.run()
        transcriber.close()
        app.run()
        assert player(app)["has_times"] is True
        assert "Try again" not in labels(app)


def test_the_page_reading_lists_what_is_made_and_what_failed(
    app: AppTest, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = library.create_session("Optics").id
    files = [put(library, session, f"{number}.wav", samples.wav(number)) for number in (1, 2)]
    server.close()
    with speech_server() as speech:
        monkeypatch.setenv("TRANSCRIBE_URL", speech.url)
        speech.answers.append(Answer(401))
        ours = server.wiring()
        opened(app, "reading.py")
        assert "Transcripts" not in [head.value for head in app.subheader]
        ours.transcriptions.ask([file.id for file in files])
        transcriber = ours.new_transcriber()
        transcriber.run([files[0].id])
        app.run()
        assert "Transcripts" in [head.value for head in app.subheader]
        assert "Could not be made. 127.0.0.1" in said(app)
        assert labels(app).count("Try again") == 1
        press(app, "Try again")
        assert "Could not be made. 127" not in said(app)
        transcriber.run()
        transcriber.close()
        app.run()
        assert "Transcripts" not in [head.value for head in app.subheader]


def test_a_click_in_the_browser_has_a_transcript_made(browser: Browser, tmp_path: Path) -> None:
    """One that fails first is on the page Reading too, and made from there."""
    with speech_server() as speech, running(tmp_path, TRANSCRIBE_URL=speech.url, STUDY_BUDDY_WORKERS="1") as at_work:
        speech.answers.append(Answer(401))
        make_session(at_work, "Optics", {"talk.wav": samples.wav(3)})
        with tab(browser, at_work) as at:
            at.open("/view?file=1")
            at.button("Make a transcript").click()
            expect(at.page.get_by_text("No transcript was made.")).to_be_visible()
            at.open("/reading")
            expect(at.page.get_by_text("Could not be made.")).to_be_visible()
            at.button("Try again").click()
            expect(at.page.get_by_text("Could not be made.")).to_have_count(0)
            expect(at.page.get_by_role("heading", name="Transcripts")).to_have_count(0)
            at.open("/view?file=1")
            expect(at.page.locator(".cue")).to_have_text(["0:01window 2"])
            expect(at.button("Make a transcript")).to_have_count(0)
    assert len(speech.asked) == 2
