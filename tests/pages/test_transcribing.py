"""The place on a recording's page where its transcript is asked for."""

import pytest
from streamlit.testing.v1 import AppTest

from studybuddy import server
from studybuddy.library import Library
from tests import samples
from tests.pages.conftest import put
from tests.pages.test_pages import labels, opened, press, said
from tests.pages.test_view_page import player
from tests.servers.speech import Answer, speech_server


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
