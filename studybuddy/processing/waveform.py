"""The shape of a recording: its loudest moment in each of about 2,000 stretches."""

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from numpy.typing import NDArray

from studybuddy.processing.results import Derived
from studybuddy.processing.sound import packets

PEAKS = 2_000
_WINDOWS_A_SECOND = 100
_BATCH_SAMPLES = 1 << 17
_GAP_SECONDS = 0.5
_MAX_SECONDS = 7 * 24 * 3600


class Waveform:
    """The peaks of one stream, decoded a batch at a time: the whole sound is never in memory."""

    def __init__(self, container: InputContainer, stream: AudioStream) -> None:
        self._container = container
        self._stream = stream
        self._rate = stream.codec_context.sample_rate or 8000
        self._window = max(1, self._rate // _WINDOWS_A_SECOND)
        self._peaks: list[NDArray[np.float32]] = []
        self._frames: list[AudioFrame] = []
        self._waiting = self._samples = 0
        self._rest = np.zeros(0, np.float32)
        self._start: float | None = None
        self.damaged = False

    @property
    def duration_ms(self) -> int:
        """How long the sound is that could be decoded."""
        return round(self._samples * 1000 / self._rate)

    def read(self) -> Iterator[float]:
        """Decode the stream; yield how much of the file is done."""
        for done, packet in packets(self._container, self._stream):
            self._decode(packet)
            yield done
        self._flush()
        if len(self._rest):
            self._peaks.append(np.array([self._rest.max()], np.float32))

    def write(self, into: Path) -> Derived:
        file = into / "peaks.json"
        content = {"version": 1, "duration_ms": self.duration_ms, "peaks": self._reduced()}
        file.write_text(json.dumps(content, separators=(",", ":")), "utf-8")
        return Derived("peaks", file, "application/json")

    def _decode(self, packet: "Packet[AudioStream]") -> None:
        try:
            frames = packet.decode()
        except FFmpegError:
            self.damaged = True
            return
        if frames:
            self._fill_gap(frames[0])
        for frame in frames:
            self._frames.append(frame)
            self._waiting += frame.samples
        if self._waiting >= _BATCH_SAMPLES:
            self._flush()

    def _fill_gap(self, frame: AudioFrame) -> None:
        """Keep peaks at their times where a recorder has left silence out."""
        if frame.time is None:
            return
        if self._start is None:
            self._start = frame.time
        gap = frame.time - self._start - (self._samples + self._waiting) / self._rate
        if _GAP_SECONDS < gap < _MAX_SECONDS - self.duration_ms / 1000:
            self._flush()
            self._add(np.zeros(round(gap * self._rate), np.float32))

    def _flush(self) -> None:
        # All at once: a call for each frame takes longer than decoding it.
        for (_, channels), frames in groupby(self._frames, key=_shape):
            self._add(_loudness(frames, channels))
        self._frames.clear()
        self._waiting = 0

    def _add(self, loudness: NDArray[np.float32]) -> None:
        self._samples += len(loudness)
        loudness = np.concatenate([self._rest, loudness])
        whole = len(loudness) // self._window * self._window
        self._peaks.append(loudness[:whole].reshape(-1, self._window).max(axis=1))
        self._rest = loudness[whole:]

    def _reduced(self) -> list[int]:
        """Return about 2,000 peaks, each 0 to 255."""
        peaks = np.concatenate(self._peaks) if self._peaks else np.zeros(1, np.float32)
        starts = np.unique(np.linspace(0, len(peaks), min(PEAKS, len(peaks)), endpoint=False, dtype=np.int64))
        highest = np.maximum.reduceat(peaks, starts)
        return [int(peak) for peak in np.clip(np.rint(highest * 255), 0, 255)]


def _shape(frame: AudioFrame) -> tuple[str, int]:
    return frame.format.name, frame.layout.nb_channels


def _loudness(frames: Iterable[AudioFrame], channels: int) -> NDArray[np.float32]:
    """Return the largest magnitude of all channels at each sample, 0 to 1; the frames are of one shape."""
    samples: NDArray[Any] = np.concatenate([frame.to_ndarray() for frame in frames], axis=1)
    if len(samples) != channels:  # one sample of each channel after another
        samples = samples.reshape(-1, channels).T
    if samples.dtype == np.uint8:
        samples = samples.astype(np.int16) - 128
        scale = 128.0
    elif np.issubdtype(samples.dtype, np.integer):
        scale = float(np.iinfo(samples.dtype).max) + 1
        samples = samples.astype(np.float32)  # the lowest integer has no magnitude of its own type
    else:
        scale = 1.0
    loudest: NDArray[np.float32] = np.abs(samples).max(axis=0).astype(np.float32)
    loudest /= np.float32(scale)
    return np.nan_to_num(loudest, copy=False, posinf=1.0)
