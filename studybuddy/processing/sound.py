"""Recordings, opened with the one reader that fits them."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet

from studybuddy.processing.results import Progress, UnreadableError
from studybuddy.processing.source import Source, damaged

# FFmpeg's readers. Never guessed: some that it would guess open other files and addresses.
_READERS: Mapping[str, str] = MappingProxyType(
    {
        **{"m4a": "mov", "mp3": "mp3", "wav": "wav", "flac": "flac", "ogg": "ogg", "opus": "ogg", "aac": "aac"},
        **{"webm": "matroska", "mka": "matroska", "amr": "amr", "wma": "asf", "caf": "caf", "aiff": "aiff"},
    }
)

_STEP = 0.02


def opened(source: Source) -> InputContainer:
    """Open a recording; whoever asks closes it."""
    av.logging.set_level(av.logging.PANIC)
    try:
        return av.open(
            str(source.path),
            format=_READERS[source.extension],
            options={"protocol_whitelist": "file"},
            metadata_errors="replace",
        )
    except (av.error.InvalidDataError, av.error.EOFError) as error:
        raise damaged(source) from error


def sound(container: InputContainer, source: Source) -> AudioStream:
    """Return the first stream of sound, decoded on one thread: each more takes 8 MiB of addresses and no less time."""
    for stream in container.streams.audio:
        stream.codec_context.thread_count = 1
        return stream
    raise UnreadableError(f"It is {source.words} without sound", fix="Add the recording that has it.")


def packets(container: InputContainer, stream: AudioStream) -> Iterator[tuple[float, "Packet[AudioStream]"]]:
    """Yield a stream's packets, each with how much of the file is read, until it ends or is cut off."""
    size = max(container.size, 1)
    try:
        for packet in container.demux(stream):
            yield min((packet.pos or 0) / size, 1.0), packet
    except FFmpegError:
        return


def steps(done: Iterable[float], *, start: float, end: float) -> Iterator[Progress]:
    """Tell the progress of one part of the work, a step at a time."""
    told = 0.0
    for share in done:
        if share >= told + _STEP:
            told = share
            yield Progress(start + share * (end - start))
