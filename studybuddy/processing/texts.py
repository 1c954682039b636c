"""Plain texts, Markdown and tables, whatever their encoding."""

from collections.abc import Iterator

from studybuddy.processing.decoding import decoded
from studybuddy.processing.parts import numbered, parts
from studybuddy.processing.results import Remark, Result
from studybuddy.processing.source import Source
from studybuddy.units import MIB, size_text

MAX_TEXT_BYTES = 32 * MIB


def read(source: Source) -> Iterator[Result]:
    content = beginning(source)
    yield from numbered(parts(decoded(content)))
    yield from rest(source)


def beginning(source: Source) -> bytes:
    """Return as much of a text as is read."""
    with source.path.open("rb") as stream:
        return stream.read(MAX_TEXT_BYTES)


def rest(source: Source) -> Iterator[Remark]:
    """Say when there is more than is read."""
    if source.size > MAX_TEXT_BYTES:
        yield Remark(f"Only the first {size_text(MAX_TEXT_BYTES)} were read")
