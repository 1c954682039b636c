"""A session leaves as a zip and comes back the same; what cannot go is told."""

import re
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from studybuddy.catalog import contents, files, plain_transcripts
from studybuddy.errors import ConflictError, IntegrityError, NotFoundError
from studybuddy.processing import transcripts
from studybuddy.processing.results import Cue, Page
from studybuddy.session_zip import packing
from studybuddy.session_zip.looking import look
from studybuddy.wiring import Wiring
from tests import samples
from tests.session_zip.zips import CUES, add, brought, exported, told


def test_a_session_comes_back_the_same_elsewhere(
    wiring: Wiring, other: Wiring, session_id: int, tmp_path: Path
) -> None:
    path = exported(wiring, session_id, tmp_path / "heat.zip")
    came = brought(other, path)
    assert (came.failed, came.marks, came.lost_marks, came.cards) == ([], 2, 0, 2)
    before = told(wiring, session_id)
    assert told(other, came.session.id) == before
    assert before["cues"]["week 1.wav"] == tuple(CUES)
    assert [guid.guid for guid in other.cards.page().rows] == [guid.guid for guid in wiring.cards.page().rows]


def test_beside_the_first_it_is_a_session_of_its_own_and_says_what_is_here_twice(
    wiring: Wiring, session_id: int, tmp_path: Path
) -> None:
    before = told(wiring, session_id)
    came = brought(wiring, exported(wiring, session_id, tmp_path / "heat.zip"))
    assert told(wiring, came.session.id) == told(wiring, session_id) == before
    twice = [added.duplicates[0].session_id for added in came.added if added.file.size]
    assert twice == [session_id] * 5
    assert len({card.guid for card in wiring.cards.page().rows}) == 4


def test_the_zip_opens_anywhere(wiring: Wiring, session_id: int, tmp_path: Path) -> None:
    with zipfile.ZipFile(exported(wiring, session_id, tmp_path / "heat.zip")) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        ways = {info.filename: info.compress_type for info in archive.infolist()}
        assert b"Ask" in archive.read("notes.md")
        assert b"What is heat?" in archive.read("cards.csv")
        assert "größer" in archive.read("transcripts/week 1.vtt").decode()
    assert {"files/slides.pdf", "files/slides (2).pdf", "files/.._con.txt"} <= set(names)
    assert (ways["files/week 1.wav"], ways["files/.._con.txt"]) == (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def test_it_is_never_whole_in_memory(wiring: Wiring, tmp_path: Path) -> None:
    wiring.library.create_session("Large")
    for number in range(6):
        add(wiring, f"{number}.bin", bytes([number]) * 8_000_000)
    made = packing.pieces(wiring.library, look(wiring.library, 1))
    tracemalloc.start()
    size = sum(map(len, made))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 48_000_000
    assert peak < 8_000_000


def test_what_was_read_in_a_recording_comes_back_as_captions(wiring: Wiring, other: Wiring, tmp_path: Path) -> None:
    wiring.library.create_session("Heat")
    recording = add(wiring, "talk.wav", samples.wav(5, hertz=100))
    with wiring.catalog.write() as db:
        contents.replace(db, recording, CUES)
    came = brought(other, exported(wiring, 1, tmp_path / "heat.zip"))
    said = told(other, came.session.id)
    assert said["cues"]["talk.wav"] == tuple(CUES)
    assert [file[0] for file in said["files"]] == ["talk.vtt", "talk.wav"]


def test_a_transcript_without_times_goes_as_text_and_comes_back(wiring: Wiring, other: Wiring, tmp_path: Path) -> None:
    wiring.library.create_session("Heat")
    add(wiring, "talk.wav", samples.wav(5, hertz=100))
    text = add(wiring, "talk.txt", b"One.\n\nTwo,\nthree.\n")
    with wiring.catalog.write() as db:
        contents.replace(db, text, [Page(1, "One.\n\nTwo,\nthree.")])
        transcripts.settle(db, 1)
    path = exported(wiring, 1, tmp_path / "heat.zip")
    assert zipfile.ZipFile(path).read("transcripts/talk.txt") == b"One.\n\nTwo,\nthree.\n"
    came = brought(other, path)
    before = told(wiring, 1)
    assert before["cues"]["talk.wav"] == (Cue(0, 0, "One."), Cue(0, 0, "Two,\nthree."))
    assert (told(other, came.session.id), came.failed) == (before, [])
    with other.catalog.read() as db:
        timed = [plain_transcripts.has_times(db, one.file.id) for one in came.added if one.file.kind == "audio"]
    assert timed == [False]


def test_what_cannot_be_exported_is_told(wiring: Wiring, session_id: int) -> None:
    with pytest.raises(NotFoundError):
        look(wiring.library, 99)
    with wiring.catalog.read() as db:
        slides = files.in_session(db, session_id)[0]
    here = wiring.library.here(slides.id)
    assert here is not None
    here.chmod(0o600)
    here.write_bytes(b"x" * slides.size)
    with pytest.raises(IntegrityError, match=re.escape(slides.name)):
        list(packing.pieces(wiring.library, look(wiring.library, session_id)))
    wiring.library.trash_session(session_id)
    with pytest.raises(ConflictError, match="in the trash"):
        look(wiring.library, session_id)
