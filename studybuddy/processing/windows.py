"""A recording cut into windows of some minutes, as a speech model takes them. Runs in the child process only."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.error import FFmpegError
from numpy.typing import NDArray

from studybuddy.kinds import extension_of
from studybuddy.processing.results import Progress, Result
from studybuddy.processing.sound import opened, packets, sound
from studybuddy.processing.source import Source

HERTZ = 16_000
_MS = HERTZ // 1000  # samples
_WINDOW = 600 * HERTZ  # FLAC of so much is always below the 25 MB that services take
_SEARCHED = 30 * HERTZ  # for the quietest place at a window's end
_QUIET = HERTZ // 2
_STEP = HERTZ // 20

Samples = NDArray[np.int16]


def extract(source: Path, *, kind: str, content_type: str, name: str, into: Path) -> Iterator[Result]:
    """Write `START-END.flac` for each window into `into`, both in milliseconds."""
    start = 0
    for done, samples in _windows(Source(source, extension_of(content_type), into)):
        end = start + len(samples)
        _write(into / f"{start // _MS:010}-{end // _MS:010}.flac", samples)
        start = end
        yield Progress(done)


def _windows(source: Source) -> Iterator[tuple[float, Samples]]:
    """Yield the sound in windows that end where it is quiet, each with how much of the file is done."""
    waiting: list[Samples] = []
    count = 0
    for done, samples in _decoded(source):
        waiting.append(samples)
        count += len(samples)
        if count >= _WINDOW:
            whole = np.concatenate(waiting)
            at = _quietest(whole)
            yield done, whole[:at]
            waiting, count = [whole[at:]], len(whole) - at
    if count:
        yield 1.0, np.concatenate(waiting)


def _decoded(source: Source) -> Iterator[tuple[float, Samples]]:
    with opened(source) as container:
        resampler = AudioResampler(format="s16", layout="mono", rate=HERTZ)
        for done, packet in packets(container, sound(container, source)):
            try:
                frames = packet.decode()
            except FFmpegError:
                continue  # a damaged part
            for frame in frames:
                frame.pts = None
                yield from ((done, _samples(piece)) for piece in resampler.resample(frame))
        yield from ((1.0, _samples(piece)) for piece in resampler.resample(None))


def _samples(frame: AudioFrame) -> Samples:
    return frame.to_ndarray().reshape(-1).astype(np.int16, copy=False)


def _quietest(samples: Samples) -> int:
    """Return a whole millisecond in the last seconds at which a word is hardly cut through."""
    first = len(samples) - _SEARCHED
    loudness = np.abs(samples[first:].astype(np.float32)).reshape(-1) if first > 0 else np.zeros(0, np.float32)
    starts = range(0, len(loudness) - _QUIET, _STEP)
    if not starts:
        return len(samples) // _MS * _MS
    quietest = min(starts, key=lambda at: float(loudness[at : at + _QUIET].sum()))
    return (first + quietest + _QUIET // 2) // _MS * _MS


def _write(path: Path, samples: Samples) -> None:
    with av.open(str(path), "w", format="flac") as target:
        track = target.add_stream("flac", rate=HERTZ, layout="mono")
        for at in range(0, len(samples), HERTZ):
            frame = AudioFrame.from_ndarray(samples[None, at : at + HERTZ], format="s16", layout="mono")
            frame.sample_rate = HERTZ
            target.mux(track.encode(frame))
        target.mux(track.encode(None))
