"""Captions: what is said when. What has no time that can be read is told, not dropped in silence."""

import io
import re
from collections.abc import Iterator

from webvtt import WebVTT
from webvtt.errors import MalformedFileError
from webvtt.models import Caption

from studybuddy.processing.decoding import decoded
from studybuddy.processing.results import Cue, Remark, Result
from studybuddy.processing.source import Source, damaged
from studybuddy.processing.texts import beginning, rest
from studybuddy.units import count_text

_TIME = r"(?:\d{1,4}:)?([0-5]?\d):([0-5]?\d)[.,]\d{1,3}"
_TIMES = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?!\d)")
_ARROW = "-->"
_LINES_TOLD = 5


def read(source: Source) -> Iterator[Result]:
    lines = decoded(beginning(source)).splitlines()
    unreadable = [number for number, line in enumerate(lines, start=1) if _ARROW in line and not _TIMES.match(line)]
    try:
        captions = _captions(lines)
    except MalformedFileError as error:
        raise damaged(source) from error
    turned = 0
    for caption in captions:
        start, end = caption.start_time.in_milliseconds(), caption.end_time.in_milliseconds()
        turned += end < start
        yield Cue(start, end, caption.text)
    yield from _remarks(len(captions), unreadable, turned)
    yield from rest(source)


def _captions(lines: list[str]) -> list[Caption]:
    while lines and not lines[0].strip():
        del lines[0]
    if len(lines) > 1 and lines[0].strip().isdecimal() and _ARROW in lines[1]:
        # Only as SRT may a caption hold an empty line.
        return WebVTT.from_buffer(io.StringIO("\n".join(lines)), format="srt").captions
    if not lines or not lines[0].startswith("WEBVTT"):
        lines = ["WEBVTT", "", *lines]
    return WebVTT.from_string(
        "\n".join(line.replace(",", ".") if _TIMES.match(line) else line for line in lines)
    ).captions


def _remarks(found: int, unreadable: list[int], turned: int) -> Iterator[Remark]:
    if not found:
        yield Remark("There are no captions in it")
    if unreadable:
        listed = ", ".join(map(str, unreadable[:_LINES_TOLD])) + (", ..." if len(unreadable) > _LINES_TOLD else "")
        noun = count_text(len(unreadable), "caption has a time", "captions have times")
        yield Remark(f"{noun} that cannot be read, and were left out: line {listed}")
    if turned:
        noun = count_text(turned, "caption ends before it begins", "captions end before they begin")
        yield Remark(f"{noun}: only the beginning counts")
