"""A copy that browsers play, made only of recordings that they do not."""

from collections.abc import Iterator

import av
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.error import FFmpegError

from studybuddy.kinds import FORMATS
from studybuddy.processing.results import Derived, Result
from studybuddy.processing.sound import opened, packets, sound, steps
from studybuddy.processing.source import Source

_PLAYED = {
    "m4a": frozenset(("aac", "mp3", "opus", "flac")),
    "mp3": frozenset(("mp3",)),
    "wav": frozenset(("pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_mulaw", "pcm_alaw")),
    "flac": frozenset(("flac",)),
    "ogg": frozenset(("opus", "vorbis", "flac")),
    "aac": frozenset(("aac",)),
    "webm": frozenset(("opus", "vorbis")),
}
"""What browsers play, by format and codec."""

_REPACKED = {"aac": "m4a", "opus": "webm", "vorbis": "webm", "mp3": "mp3"}
"""Where sound that browsers know goes, byte for byte, when only its container is strange to them."""

_WRITERS = {"m4a": "mp4", "webm": "webm", "mp3": "mp3"}
_HERTZ = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
_AAC_SAMPLES = 1024
_BITS_A_CHANNEL = 64_000
DECODED = 0.6
"""The share of the work that comes before, when a copy is made."""


def playable_copy(source: Source, *, codec: str, has_duration: bool) -> Iterator[Result]:
    """Make the copy if one is needed; nobody can seek in what does not say how long it is."""
    extension = "ogg" if source.extension == "opus" else source.extension
    if codec in _PLAYED.get(extension, ()) and has_duration:
        return
    made = _REPACKED.get(codec, "m4a")
    file = source.into / f"playable.{made}"
    # Bit-exact: a recording read twice gives the same copy, without the time and random numbers of its making.
    options = {"fflags": "+bitexact"} | ({"movflags": "+faststart"} if made == "m4a" else {})
    with av.open(str(file), "w", format=_WRITERS[made], options=options) as target:
        yield from steps((_repack if codec in _REPACKED else _encode)(source, target), start=DECODED, end=1.0)
    yield Derived("playable", file, FORMATS[made].content_type)


def _repack(source: Source, target: OutputContainer) -> Iterator[float]:
    with opened(source) as container:
        stream = sound(container, source)
        track = target.add_stream_from_template(stream)
        for done, packet in packets(container, stream):
            if packet.dts is not None:
                packet.stream = track
                target.mux(packet)
            yield done


def _encode(source: Source, target: OutputContainer) -> Iterator[float]:
    with opened(source) as container:
        stream = sound(container, source)
        track, resampler = _track(stream, target)
        for done, packet in packets(container, stream):
            try:
                frames = packet.decode()
            except FFmpegError:
                continue  # a damaged part: told already
            for frame in frames:
                frame.pts = None  # counted anew, for what was left out leaves no hole
                for piece in resampler.resample(frame):
                    target.mux(track.encode(piece))
            yield done
        for piece in resampler.resample(None):
            target.mux(track.encode(piece))
        target.mux(track.encode(None))


def _track(stream: AudioStream, target: OutputContainer) -> tuple[AudioStream, AudioResampler]:
    """Return the new stream, and what turns sound into what it takes."""
    context = stream.codec_context
    rate = max((hertz for hertz in _HERTZ if hertz <= context.sample_rate), default=_HERTZ[0])
    channels = 1 if context.channels == 1 else 2
    track = target.add_stream("aac", rate=rate)
    track.layout = "mono" if channels == 1 else "stereo"
    track.bit_rate = _BITS_A_CHANNEL * channels
    return track, AudioResampler(format="fltp", layout=track.layout, rate=rate, frame_size=_AAC_SAMPLES)
