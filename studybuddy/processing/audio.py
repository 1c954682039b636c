"""Recordings: how long they are and how they are coded, their waveform, and a copy that browsers play."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from studybuddy.processing.playable import DECODED, playable_copy
from studybuddy.processing.results import Facts, Remark, Result
from studybuddy.processing.sound import opened, sound, steps
from studybuddy.processing.source import Source, damaged
from studybuddy.processing.waveform import Waveform
from studybuddy.units import clock_text

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer

_TAGS = ("title", "artist", "album", "album_artist", "date", "genre", "track", "composer")


def read(source: Source) -> Iterator[Result]:
    with opened(source) as container:
        stream = sound(container, source)
        claimed_ms = _claimed_ms(container, stream)
        waveform = Waveform(container, stream)
        yield from steps(waveform.read(), start=0.0, end=DECODED)
        if not waveform.duration_ms:
            raise damaged(source, because="none of its sound can be decoded")
        bit_rate = stream.bit_rate or container.bit_rate or source.size * 8000 // waveform.duration_ms
        yield Facts({"duration_ms": waveform.duration_ms, "bit_rate": bit_rate, **_facts(stream, container)})
        yield waveform.write(source.into)
        yield from _remarks(waveform, claimed_ms)
        codec = stream.codec_context.codec.canonical_name
    yield from playable_copy(source, codec=codec, has_duration=claimed_ms is not None)


def _claimed_ms(container: InputContainer, stream: AudioStream) -> int | None:
    """Return how long it says that it is."""
    if stream.duration is not None and stream.time_base is not None:
        return round(stream.duration * stream.time_base * 1000)
    return None if container.duration is None else round(container.duration / 1000)


def _facts(stream: AudioStream, container: InputContainer) -> dict[str, str | int | float]:
    context = stream.codec_context
    facts: dict[str, str | int | float | None] = {
        "codec": context.codec.canonical_name,
        "sample_rate": context.sample_rate,
        "channels": context.channels,
    }
    # Ogg keeps them with the stream, all others with the container.
    told = {name.lower(): text for tags in (stream.metadata, container.metadata) for name, text in tags.items()}
    facts.update({name: told[name].strip()[:500] for name in _TAGS if told.get(name, "").strip()})
    return {name: value for name, value in facts.items() if value}


def _remarks(waveform: Waveform, claimed_ms: int | None) -> Iterator[Remark]:
    missing_ms = (claimed_ms or 0) - waveform.duration_ms
    if missing_ms > max(2_000, 0.02 * waveform.duration_ms):
        ends, says = clock_text(waveform.duration_ms), clock_text(claimed_ms or 0)
        yield Remark(f"The sound ends at {ends}, though it should last until {says}: the end is missing")
    if waveform.damaged:
        yield Remark("Parts of the sound are damaged and were left out")
