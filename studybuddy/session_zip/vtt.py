"""Transcripts as WebVTT, which players know; read back word for word."""

import re
from collections.abc import Iterable, Iterator
from html import unescape

from studybuddy.errors import InvalidInputError
from studybuddy.processing.results import Cue

SUFFIX = ".vtt"
_HEAD = "WEBVTT"
_TIMES = re.compile(r"(\d+):(\d\d):(\d\d)\.(\d{3}) --> (\d+):(\d\d):(\d\d)\.(\d{3})")
_SPECIAL = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_LINE_ENDS = re.compile(r"\r\n?|\n")


def dumped(cues: Iterable[Cue]) -> bytes:
    """Return cues as a WebVTT file."""
    blocks = [_HEAD, *(f"{_clock(cue.start_ms)} --> {_clock(cue.end_ms)}\n{_escaped(cue.text)}" for cue in cues)]
    return ("\n\n".join(blocks) + "\n").encode()


def loaded(content: bytes) -> Iterator[Cue]:
    """Yield the cues of a file that `dumped` made; raise InvalidInputError for another."""
    head, *blocks = content.decode("utf-8", "replace").split("\n\n")
    if head.strip() != _HEAD:
        raise InvalidInputError("A transcript in the zip is no WebVTT", fix="Take the zip as it was exported.")
    for block in blocks:
        times, _, text = block.rstrip("\n").partition("\n")
        found = _TIMES.fullmatch(times)
        if found:
            start, end = _ms(*found.groups()[:4]), _ms(*found.groups()[4:])
            yield Cue(start, max(start, end), unescape(text))


def _escaped(text: str) -> str:
    # An empty line would end the caption.
    lines = [line for line in _LINE_ENDS.split(text) if line.strip()]
    return "\n".join(lines).translate(_SPECIAL)


def _clock(at_ms: int) -> str:
    seconds, ms = divmod(at_ms, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{ms:03d}"


def _ms(hours: str, minutes: str, seconds: str, ms: str) -> int:
    return ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(ms)
