"""Whose captions are whose, as files come, go, move and are renamed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from studybuddy.catalog import plain_transcripts, transcriptions
from studybuddy.catalog.contents import Spoken
from studybuddy.catalog.records import File
from studybuddy.kinds import Kind
from studybuddy.processing.results import Cue
from studybuddy.processing.transcripts import pair, pair_texts
from tests import samples
from tests.processing.rig import SOUND, Rig, open_rig

SAID = [Cue(0, 1000, "hello")]
VTT = "WEBVTT\n!cue 0 1000 hello\n"


KINDS: dict[str, Kind] = {"vtt": "caption", "srt": "caption", "txt": "document"}
READ = "Energy is kept.\n\nHeat flows,\nslowly.\n"
PARAGRAPHS = [Cue(0, 0, "Energy is kept."), Cue(0, 0, "Heat flows,\nslowly.")]


def spoken(*names: str) -> list[Spoken]:
    return [Spoken(number, KINDS.get(name[-3:], "audio"), name) for number, name in enumerate(names, 1)]


@pytest.mark.parametrize(
    ("names", "pairs"),
    [
        (("week 1.m4a", "week 2.m4a", "Week 1.vtt", "week 2.SRT.srt"), {3: 1, 4: 2}),
        (("week 1.m4a", "other.vtt"), {2: 1}),
        (("week 1.m4a", "other.vtt", "week 1.srt"), {3: 1}),
        (("week 1.m4a", "week 1.en.vtt", "week 1.pt-BR.vtt"), {2: 1}),
        (("week 1.m4a", "week 2.mp3", "week 1.de.vtt", "week 1.vtt"), {4: 1}),
        (("week 1.m4a", "week 2.mp3", "other.vtt"), {}),
        (("a.vtt", "b.vtt"), {}),
        (("Übung.m4a", "U\u0308bung.vtt", "x.mp3"), {2: 1}),
    ],
)
def test_a_caption_belongs_to_the_recording_of_its_name_or_to_the_only_one(
    names: tuple[str, ...], pairs: dict[int, int]
) -> None:
    assert pair(spoken(*names)) == pairs


def test_a_text_belongs_to_the_recording_of_its_name_only() -> None:
    found = spoken("week 1.m4a", "Week 1.txt", "week 1.en.txt", "notes.txt", "week 1.vtt")
    assert (pair_texts(found), pair(found)) == ({2: 1}, {5: 1})
    assert pair_texts(spoken("week 1.m4a", "notes.txt")) == {}


@pytest.fixture
def pair_of_files(rig: Rig) -> tuple[File, File]:
    caption, recording = rig.add(VTT, "week 1.vtt"), rig.add(SOUND, "week 1.mp3")
    rig.add(SOUND + "!", "week 2.mp3")
    rig.run()
    return caption, recording


def test_captions_are_what_is_said_in_their_recording(rig: Rig, pair_of_files: tuple[File, File]) -> None:
    caption, recording = pair_of_files
    assert (rig.cues(recording), rig.cues(caption)) == (SAID, [])


def test_a_recording_that_comes_later_gets_its_captions(rig: Rig) -> None:
    caption = rig.add(VTT, "week 1.vtt")
    rig.run()
    assert rig.cues(caption) == SAID
    recording = rig.add(SOUND, "week 1.mp3")
    rig.run()
    assert (rig.cues(recording), rig.cues(caption)) == (SAID, [])


def test_captions_follow_when_files_are_renamed(rig: Rig, pair_of_files: tuple[File, File]) -> None:
    caption, recording = pair_of_files
    rig.library.rename_file(caption.id, "week 2.vtt")
    rig.run()
    assert rig.cues(recording) == []
    rig.library.rename_file(recording.id, "week 0.mp3")
    rig.library.rename_file(caption.id, "week 0.vtt")
    rig.run()
    assert rig.cues(recording) == SAID


def test_captions_leave_with_a_file_that_moves_or_is_thrown_away(rig: Rig, pair_of_files: tuple[File, File]) -> None:
    caption, recording = pair_of_files
    elsewhere = rig.library.create_session("Elsewhere")
    rig.library.move_file(recording.id, elsewhere.id)
    rig.run()
    assert (rig.cues(recording), rig.cues(caption)) != (SAID, [])
    rig.library.move_file(caption.id, elsewhere.id)
    rig.run()
    assert (rig.cues(recording), rig.cues(caption)) == (SAID, [])
    rig.library.trash_file(caption.id)
    rig.run()
    assert (rig.cues(recording), rig.cues(caption)) == ([], SAID)
    rig.library.restore_file(caption.id)
    rig.run()
    assert rig.cues(recording) == SAID


def test_captions_stay_when_their_recording_is_deleted_for_good(rig: Rig, pair_of_files: tuple[File, File]) -> None:
    caption, recording = pair_of_files
    rig.library.trash_file(recording.id)
    rig.library.purge_file(recording.id)  # before anybody could settle
    assert rig.cues(caption) == SAID
    rig.run()
    assert rig.cues(rig.library.file(recording.id + 1)) == SAID  # the only recording now


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Rig]:
    """A library whose texts are read by the program's own extractor."""
    rig = open_rig(tmp_path, extractor="studybuddy.processing.extract")
    yield rig
    rig.close()


def times(rig: Rig, file: File) -> bool | None:
    with rig.wiring.catalog.read() as db:
        return plain_transcripts.has_times(db, file.id)


def test_a_text_of_the_recordings_name_is_its_transcript_and_stays_a_document(real: Rig) -> None:
    recording, other = (real.add_bytes(samples.wav(1), name) for name in ("week 1.wav", "week 2.wav"))
    text = real.add(READ, "week 1.txt")
    real.run()
    assert (real.cues(recording), real.cues(text), real.cues(other)) == (PARAGRAPHS, [], [])
    assert (times(real, recording), times(real, other)) == (False, None)
    assert real.pages(text) == [READ.strip()]
    real.library.rename_file(text.id, "week 2.txt")
    real.run()
    assert (real.cues(recording), real.cues(other)) == ([], PARAGRAPHS)
    real.library.trash_file(text.id)
    real.run()
    assert real.cues(other) == []
    real.library.restore_file(text.id)
    real.run()
    real.wiring.processing.again([text.id])
    real.run()
    assert real.cues(other) == PARAGRAPHS


def test_a_text_that_is_there_first_waits_for_its_recording_and_outlives_it(real: Rig) -> None:
    text = real.add("one\ntwo", "week 1.txt")
    real.run()
    recording = real.add_bytes(samples.wav(1), "week 1.wav")
    real.run()
    assert [cue.text for cue in real.cues(recording)] == ["one", "two"]
    real.library.trash_file(recording.id)
    real.library.purge_file(recording.id)
    assert (real.cues(text), real.pages(text)) == ([], ["one\ntwo"])
    back = real.add_bytes(samples.wav(2), "week 1.wav")
    real.run()
    real.library.trash_file(text.id)
    real.library.purge_file(text.id)  # before anybody could settle
    assert real.cues(back) == []


def test_captions_and_what_was_heard_stand_before_a_text(real: Rig) -> None:
    recording = real.add_bytes(samples.wav(1), "Übung 01.a.wav")
    real.run()
    real.add(READ, "u\u0308bung 01.a.en.txt")
    real.run()
    assert real.cues(recording) == PARAGRAPHS
    caption = real.add("WEBVTT\n\n00:00.000 --> 00:01.000\nhello\n", "übung 01.a.vtt")
    real.run()
    assert (real.cues(recording), times(real, recording)) == (SAID, True)
    real.library.trash_file(caption.id)
    real.run()
    assert real.cues(recording) == PARAGRAPHS
    with real.wiring.catalog.write() as db:
        db.execute("INSERT INTO spare_cues VALUES (?, 0, 1000, 'hello')", [recording.id])
        transcriptions.show(db, recording.id)
    assert (real.cues(recording), times(real, recording)) == (SAID, True)
    real.library.restore_file(caption.id)
    real.library.trash_file(caption.id)
    real.run()
    assert real.cues(recording) == SAID  # what was heard, not the text
