"""Recordings: their length is what can be heard, their waveform has about 2,000 peaks, and browsers can play them."""

import io
import json
from pathlib import Path

import av
import numpy as np
import pytest

from studybuddy.processing.results import Result, UnreadableError
from tests.library.sounds import HERTZ, tone, write_recording
from tests.processing.test_extract import derived, facts, read, remarks


def recorded(folder: Path, name: str, *, seconds: float = 20) -> bytes:
    write_recording(folder / name, tone(seconds))
    return (folder / name).read_bytes()


def peaks(results: list[Result]) -> list[int]:
    made = derived(results, "peaks")
    assert made
    found: list[int] = json.loads(made.file.read_text())["peaks"]
    return found


def test_a_waveform_shows_where_it_is_loud(tmp_path: Path) -> None:
    recorded(tmp_path, "lecture.flac", seconds=60)
    found = peaks(read(tmp_path / "lecture.flac"))
    assert len(found) == 2000
    loudest = (3000 + 20_000) / 32_768 * 255
    assert found[1000] == pytest.approx(loudest, abs=3) and found[5] < 0.3 * loudest


def test_a_recording_of_two_sides_shows_the_louder_one(tmp_path: Path) -> None:
    left, right = np.zeros(HERTZ * 5, np.int16), np.full(HERTZ * 5, -32_768, np.int16)
    with av.open(str(tmp_path / "stereo.wav"), "w", format="wav") as target:
        track = target.add_stream("pcm_s16le", rate=HERTZ)
        track.layout = "stereo"
        frame = av.AudioFrame.from_ndarray(np.stack([left, right], axis=1).reshape(1, -1), "s16", "stereo")
        frame.sample_rate = HERTZ
        target.mux([*track.encode(frame), *track.encode(None)])
    results = read(tmp_path / "stereo.wav")
    assert set(peaks(results)) == {255}
    assert facts(results)["channels"] == 2 and facts(results)["duration_ms"] == 5000


@pytest.mark.parametrize("extension", ["mp3", "flac"])
def test_a_recording_that_was_cut_off_is_as_long_as_it_sounds(tmp_path: Path, extension: str) -> None:
    whole = recorded(tmp_path, f"lecture.{extension}")
    cut = tmp_path / f"cut.{extension}"
    cut.write_bytes(whole[: len(whole) // 2])
    results = read(cut)
    assert facts(results)["duration_ms"] == pytest.approx(10_000, abs=1500)
    assert any(remark.endswith("though it should last until 0:20: the end is missing") for remark in remarks(results))


def test_what_a_browser_records_gets_a_copy_that_says_how_long_it_is(tmp_path: Path) -> None:
    recorded(tmp_path, "lecture.webm")
    with av.open(str(tmp_path / "lecture.webm")) as live:
        assert live.duration is None
    results = read(tmp_path / "lecture.webm")
    assert facts(results)["duration_ms"] == pytest.approx(20_000, abs=100)
    copy = derived(results, "playable")
    assert copy and copy.content_type == "audio/webm"
    with av.open(str(copy.file)) as playable:
        assert playable.duration == pytest.approx(20_000_000, abs=100_000)


@pytest.mark.parametrize("extension", ["wma", "amr", "caf", "aiff"])
def test_what_browsers_do_not_play_gets_a_copy_that_they_do(tmp_path: Path, extension: str) -> None:
    recorded(tmp_path, f"lecture.{extension}")
    copy = derived(read(tmp_path / f"lecture.{extension}"), "playable")
    assert copy and copy.content_type == "audio/mp4"
    with av.open(str(copy.file)) as playable:
        assert playable.streams.audio[0].codec_context.name == "aac"
        assert playable.duration == pytest.approx(20_000_000, abs=200_000)


@pytest.mark.parametrize("name", ["lecture.ogg", "lecture.mp3", "lecture.m4a", "lecture.flac"])
def test_tags_are_told_wherever_they_stand(tmp_path: Path, name: str) -> None:
    write_recording(tmp_path / name, tone(1), tags={"title": "Light", "artist": "A. Teacher"})
    found = facts(read(tmp_path / name))
    assert (found["title"], found["artist"]) == ("Light", "A. Teacher")


def test_a_recording_of_a_video_recorder_without_sound_is_told(tmp_path: Path) -> None:
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as target:
        track = target.add_stream("mpeg4", rate=1)
        track.width, track.height, track.pix_fmt = 16, 16, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), "rgb24")
        target.mux([*track.encode(frame), *track.encode(None)])
    (tmp_path / "silent.m4a").write_bytes(out.getvalue().replace(b"isom", b"M4A ", 1))
    with pytest.raises(UnreadableError, match="without sound"):
        read(tmp_path / "silent.m4a")
