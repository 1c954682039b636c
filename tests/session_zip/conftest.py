"""Two libraries, and a session with something of everything in the first."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from studybuddy.catalog import contents
from studybuddy.processing import transcripts
from studybuddy.session_zip import vtt
from studybuddy.wiring import Wiring
from tests import samples
from tests.session_zip.zips import CUES, add, open_at


@pytest.fixture
def wiring(tmp_path: Path) -> Iterator[Wiring]:
    opened = open_at(tmp_path / "one")
    yield opened
    opened.close()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Wiring]:
    opened = open_at(tmp_path / "two")
    yield opened
    opened.close()


@pytest.fixture
def session_id(wiring: Wiring) -> int:
    """A session with something of everything."""
    made = wiring.library.create_session("Heat: 1/2", subject="Physics", description="# Hi\n\n* there", tags=["b", "a"])
    recording = add(wiring, "week 1.wav", samples.wav(5, hertz=100))
    slides = add(wiring, "slides.pdf", samples.pdf("Slides"))
    add(wiring, "slides.pdf", samples.pdf("Other slides"))
    add(wiring, "../con.txt", b"words " * 50_000)
    add(wiring, "empty", b"")
    captions = add(wiring, "week 1.vtt", vtt.dumped(CUES))
    wiring.library.create_lecture(made.id, "To be recorded", recorded_on="2026-01-31")
    wiring.listening.add_mark("note", recording, at_ms=1500, text="Ask\n\n*why*")
    wiring.listening.add_mark("bookmark", recording, at_ms=2500)
    wiring.listening.pin(recording, document_id=slides, page=3, at_ms=2000)
    wiring.cards.answer(wiring.cards.add("What is heat?", "Energy", file_id=slides, page=3).id, "good")
    wiring.cards.add("By hand", "Yes", session_id=made.id)
    with wiring.catalog.write() as db:
        contents.replace(db, captions, CUES)
        transcripts.settle(db, made.id)
    return made.id
