"""Spoken lectures with their captions: by espeak-ng where it is installed, else tones of the same length."""

import shutil
import subprocess
import tempfile
import wave
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import av
import numpy as np
from av.audio.stream import AudioStream
from numpy.typing import NDArray

HERTZ = 22_050
_PAUSE_S = 0.25
_TONE_S = 1.2

Samples = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence of a lecture."""

    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Lecture:
    """What was said, and how it sounds."""

    sentences: tuple[Said, ...]
    samples: Samples


# Codec, container and samples a second by the file's extension.
_CODERS = {
    "m4a": ("aac", "mp4", 22_050),
    "mp3": ("libmp3lame", "mp3", 22_050),
    "wav": ("pcm_s16le", "wav", 22_050),
    "flac": ("flac", "flac", 22_050),
    "ogg": ("libopus", "ogg", 48_000),
    "opus": ("libopus", "opus", 48_000),
    "aac": ("aac", "adts", 22_050),
    "webm": ("libopus", "webm", 48_000),
    "mka": ("libopus", "matroska", 48_000),
    "amr": ("libopencore_amrnb", "amr", 8_000),
    "wma": ("wmav2", "asf", 22_050),
    "caf": ("pcm_s16be", "caf", 22_050),
    "aiff": ("pcm_s16be", "aiff", 22_050),
}
RECORDINGS = tuple(_CODERS)


def lecture(sentences: Sequence[str], *, quick: bool = False) -> Lecture:
    """Say sentences one after another."""
    say = _spoken if shutil.which("espeak-ng") and not quick else _tone
    pause = np.zeros(round(_PAUSE_S * HERTZ), np.int16)
    said: list[Said] = []
    pieces: list[Samples] = []
    at = 0
    for text in sentences:
        sound = say(text)
        said.append(Said(text, at * 1000 // HERTZ, (at + len(sound)) * 1000 // HERTZ))
        pieces += [sound, pause]
        at += len(sound) + len(pause)
    return Lecture(tuple(said), np.concatenate(pieces))


def write_recording(file: Path, samples: Samples, *, tags: Mapping[str, str] | None = None) -> None:
    """Write a recording as its name's extension says; a WebM as a browser records it, without its length."""
    codec, container, hertz = _CODERS[file.suffix[1:]]
    with file.open("wb") as stream:
        target = _Unseekable(stream) if file.suffix == ".webm" else str(file)
        with av.open(target, "w", format=container) as opened:
            track = cast(AudioStream, opened.add_stream(codec, rate=hertz))
            track.layout = "mono"
            opened.metadata.update(tags or {})
            track.bit_rate = 12_200 if container == "amr" else 48_000
            frame = av.AudioFrame.from_ndarray(samples[np.newaxis], format="s16", layout="mono")
            frame.sample_rate = HERTZ
            size = track.codec_context.frame_size or 1024
            resampler = av.AudioResampler(format=track.format, layout="mono", rate=hertz, frame_size=size)
            for piece in [*resampler.resample(frame), *resampler.resample(None)]:
                opened.mux(track.encode(piece))
            opened.mux(track.encode(None))


def vtt(spoken: Lecture) -> str:
    """Return the captions as WebVTT."""
    return "WEBVTT\n\n" + "\n".join(f"{_time(s.start_ms)} --> {_time(s.end_ms)}\n{s.text}\n" for s in spoken.sentences)


def srt(spoken: Lecture) -> str:
    """Return the captions as SRT."""
    cues = (
        f"{number}\n{_time(s.start_ms, ',')} --> {_time(s.end_ms, ',')}\n{s.text}\n"
        for number, s in enumerate(spoken.sentences, start=1)
    )
    return "\n".join(cues)


def tone(seconds: float) -> Samples:
    """Return a tone that grows and falls."""
    at = np.arange(round(seconds * HERTZ)) / HERTZ
    loudness = 3000 + 20_000 * np.abs(np.sin(np.pi * at / max(seconds, 0.1)))
    return (loudness * np.sin(2 * np.pi * 220 * at)).astype(np.int16)


class _Unseekable:
    """A stream that can only be written on, as a browser's recorder writes."""

    def __init__(self, stream: BinaryIO) -> None:
        self.write: Callable[[bytes], int] = stream.write


def _tone(text: str) -> Samples:
    return tone(_TONE_S)


def _spoken(text: str) -> Samples:
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        subprocess.run(["espeak-ng", "-w", file.name, text], check=True, capture_output=True)
        with wave.open(file.name) as sound:
            assert sound.getframerate() == HERTZ
            return np.frombuffer(sound.readframes(sound.getnframes()), np.int16)


def _time(at_ms: int, point: str = ".") -> str:
    seconds, ms = divmod(at_ms, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{point}{ms:03d}"
