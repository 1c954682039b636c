"""Whose captions are whose, as files come, go, move and are renamed."""

import pytest

from studybuddy.catalog.contents import Spoken
from studybuddy.catalog.records import File
from studybuddy.processing.results import Cue
from studybuddy.processing.transcripts import pair
from tests.processing.rig import SOUND, Rig

SAID = [Cue(0, 1000, "hello")]
VTT = "WEBVTT\n!cue 0 1000 hello\n"


def spoken(*names: str) -> list[Spoken]:
    return [
        Spoken(number, "caption" if name.endswith(("vtt", "srt")) else "audio", name)
        for number, name in enumerate(names, 1)
    ]


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
