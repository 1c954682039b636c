"""Positions, notes, bookmarks and pins: kept, changed, and never lost with what they belong to by mistake."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from studybuddy.adding.new_files import NewFile
from studybuddy.catalog import lectures
from studybuddy.catalog.records import File
from studybuddy.errors import ConflictError, InvalidInputError, NotFoundError
from studybuddy.listening.listening import Listening
from studybuddy.settings import load_settings
from studybuddy.wiring import Wiring, open_all
from tests import samples


@pytest.fixture
def wiring(tmp_path: Path) -> Iterator[Wiring]:
    environ = {"UPLOADS_DIR": f"{tmp_path}/uploads", "STUDY_BUDDY_DATA": f"{tmp_path}/data"}
    opened = open_all(load_settings(environ, env_file=tmp_path / "no.env"))
    opened.library.create_session("Thermodynamics")
    yield opened
    opened.close()


@pytest.fixture
def listening(wiring: Wiring) -> Listening:
    return wiring.listening


def recording(wiring: Wiring, name: str = "lecture 3.wav", *, seconds: float = 60, hertz: int = 100) -> File:
    return wiring.library.add(io.BytesIO(samples.wav(seconds, hertz=hertz)), NewFile(name, 1)).file


def slides(wiring: Wiring) -> File:
    return wiring.library.add(io.BytesIO(samples.pdf("Slides")), NewFile("slides.pdf", 1)).file


def test_a_recording_goes_on_where_it_was_left(wiring: Wiring, listening: Listening) -> None:
    file = recording(wiring)
    first = listening.position(file.id)
    assert (first.at_ms, first.duration_ms, first.rate_percent) == (0, 60_000, 100)
    listening.keep_position(file.id, at_ms=9000, rate_percent=150)
    listening.keep_position(file.id, at_ms=12_340, rate_percent=150)
    kept = listening.position(file.id)
    assert (kept.at_ms, kept.duration_ms, kept.rate_percent) == (12_340, 60_000, 150)


def test_the_speed_is_the_person_s_in_every_recording(wiring: Wiring, listening: Listening) -> None:
    one, two = recording(wiring), recording(wiring, "lecture 4.wav", hertz=101)
    listening.keep_position(one.id, at_ms=0, rate_percent=175)
    assert listening.position(two.id).rate_percent == 175


def test_what_can_be_gone_on_with_leaves_out_what_was_heard_or_thrown_away(
    wiring: Wiring, listening: Listening
) -> None:
    left, heard, trashed, last = (recording(wiring, f"{name}.wav", hertz=100 + name) for name in range(4))
    for file, at_ms in ((left, 30_000), (heard, 50_000), (trashed, 20_000), (last, 1000)):
        listening.keep_position(file.id, at_ms=at_ms)
    wiring.library.trash_file(trashed.id)
    found = listening.unfinished(limit=10)
    assert [one.position.file_id for one in found] == [last.id, left.id]
    assert (found[1].title, found[1].session, found[1].position.at_ms) == ("0", "Thermodynamics", 30_000)
    assert len(listening.unfinished(limit=1)) == 1


def test_only_recordings_are_listened_to(wiring: Wiring, listening: Listening) -> None:
    document = slides(wiring)
    for attempt in (
        lambda: listening.keep_position(document.id, at_ms=0),
        lambda: listening.add_mark("note", document.id, at_ms=0, text="no"),
        lambda: listening.pin(document.id, document_id=document.id, page=1, at_ms=0),
    ):
        with pytest.raises(ConflictError, match="is no recording"):
            attempt()
    with pytest.raises(NotFoundError):
        listening.keep_position(999, at_ms=0)


def test_notes_are_tidied_listed_by_moment_changed_and_deleted(wiring: Wiring, listening: Listening) -> None:
    file = recording(wiring)
    later = listening.add_mark("note", file.id, at_ms=754_000, text="  entropy\n\ngrows \x00")
    listening.add_mark("note", file.id, at_ms=1000, text="first")
    listening.add_mark("bookmark", file.id, at_ms=2000)
    first = listening.marks("note", file.id, limit=1)
    rest = listening.marks("note", file.id, limit=5, after=first.next)
    assert [mark.text for mark in (*first.rows, *rest.rows)] == ["first", "entropy\n\ngrows"]
    assert rest.next is None
    changed = listening.change_mark("note", later.id, at_ms=500)
    assert (changed.at_ms, changed.text) == (500, "entropy\n\ngrows")
    assert listening.change_mark("note", later.id, text="less").text == "less"
    listening.delete_mark("note", later.id)
    with pytest.raises(NotFoundError):
        listening.change_mark("note", later.id, text="gone")
    assert len(listening.marks("bookmark", file.id).rows) == 1


@pytest.mark.parametrize("text", ["", " \n ", "x" * 20_001])
def test_a_note_that_says_nothing_or_too_much_is_refused(wiring: Wiring, listening: Listening, text: str) -> None:
    file = recording(wiring)
    with pytest.raises(InvalidInputError):
        listening.add_mark("note", file.id, at_ms=0, text=text)


def test_notes_outlive_their_recording_and_go_over_to_the_lecture_s_next(wiring: Wiring, listening: Listening) -> None:
    file = recording(wiring)
    listening.add_mark("note", file.id, at_ms=4000, text="kept")
    listening.add_mark("bookmark", file.id, at_ms=5000, text="kept too")
    wiring.library.trash_file(file.id)
    wiring.library.purge_file(file.id)
    with wiring.catalog.read() as db:
        (lecture,) = lectures.in_session(db, 1)
    assert lecture.audio_file_id is None
    again = wiring.library.add(
        io.BytesIO(samples.wav(2, hertz=110)), NewFile("again.wav", 1, lecture_id=lecture.id)
    ).file
    assert [mark.text for mark in listening.marks("note", again.id).rows] == ["kept"]
    assert [mark.text for mark in listening.marks("bookmark", again.id).rows] == ["kept too"]


def test_notes_of_a_double_go_over_to_the_file_that_stays(wiring: Wiring, listening: Listening) -> None:
    one, double = recording(wiring), recording(wiring, "the same.wav")
    listening.add_mark("note", double.id, at_ms=4000, text="kept")
    wiring.library.create_session("Other")
    wiring.library.move_file(double.id, 2)
    wiring.library.use_existing(double.id, one.id)
    assert [mark.text for mark in listening.marks("note", one.id).rows] == ["kept"]


def test_a_page_is_pinned_to_a_moment_once(wiring: Wiring, listening: Listening) -> None:
    file, document = recording(wiring), slides(wiring)
    first = listening.pin(file.id, document_id=document.id, page=7, at_ms=760_000)
    again = listening.pin(file.id, document_id=document.id, page=8, at_ms=760_000)
    listening.pin(file.id, document_id=document.id, page=1, at_ms=0)
    assert first.id == again.id
    assert [(pin.at_ms, pin.page) for pin in listening.pins(file.id)] == [(0, 1), (760_000, 8)]
    assert listening.pins(file.id, document_id=999) == []
    listening.unpin(again.id)
    assert len(listening.pins(file.id, document_id=document.id)) == 1
    with pytest.raises(NotFoundError):
        listening.unpin(again.id)
