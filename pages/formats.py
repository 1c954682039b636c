"""How things look in words: names that stay text, sizes, times, kinds."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from unicodedata import east_asian_width

import streamlit as st

from studybuddy.cards import formulas
from studybuddy.kinds import Kind
from studybuddy.names import shown_name
from studybuddy.units import count_text, parse_time

KINDS: dict[Kind, tuple[str, str]] = {
    "document": (":material/description:", "Documents"),
    "audio": (":material/graphic_eq:", "Recordings"),
    "image": (":material/image:", "Images"),
    "caption": (":material/subtitles:", "Captions"),
    "other": (":material/draft:", "Other files"),
}
LOCAL_SYMBOL, REMOTE_SYMBOL = "●", "▲"

# An invisible character that joins words.
_JOINER = "\u2060"
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# What Streamlit looks for in the text that is left after Markdown: icons, emoji, addresses, arrows, dashes.
_LATE = re.compile(
    r"(:(?=[\w+-]+:|material/|streamlit:)|(?<=http):|(?<=https):|www(?=\.)|@(?=\w)|(?:(?<=\s)|^)[<>~-](?=[>=-]))",
    re.IGNORECASE,
)


def plain(text: str) -> str:
    """Return text so that Markdown shows it as it is: no formatting, no formula, no picture, no link."""
    joined = _LATE.sub(rf"\1{_JOINER}", " ".join(text.split()))
    return _PUNCTUATION.sub(r"\\\1", joined)


def lines(text: str) -> str:
    """Return text so that Markdown shows its lines as they are, and only its formulas (`$x$`) as formulas."""
    return "  \n".join(_line(line.expandtabs(4)) for line in text.splitlines())


def _line(line: str) -> str:
    text = line.lstrip(" ")
    shown = (part if is_formula else spaced(part) for part, is_formula in formulas.parts(text))
    return "\u00a0" * (len(line) - len(text)) + "".join(shown)


def line(text: str, *, width: int) -> str:
    """Return the beginning of a text on one line of Markdown, with its formulas as formulas: none is cut in two."""
    shown, left = "", width
    for part, is_formula in formulas.parts(" ".join(text.split())):
        fits = _columns(part) <= left or (is_formula and not shown)
        if not fits:
            return f"{shown.rstrip()}…" if is_formula else f"{shown}{spaced(shortened(part, width=left))}"
        shown += part if is_formula else spaced(part)
        left -= _columns(part)
    return shown


def spaced(text: str) -> str:
    """Return a part of a text like `plain`, with a space at each end where it has one."""
    shown = plain(text)
    return f"{' ' if text[:1].isspace() else ''}{shown}{' ' if text[-1:].isspace() and shown else ''}"


def name(text: str) -> str:
    """Return the name of a file, ready for Markdown."""
    return plain(shown_name(text))


def without_pictures(markdown: str) -> str:
    """Return somebody's Markdown with its pictures as links, so that looking at it asks no other server."""
    return markdown.replace("![", f"!{_JOINER}[")


def badges(tags: Iterable[str]) -> str:
    """Return tags as Markdown."""
    return " ".join(f":gray-badge[{plain(tag)}]" for tag in tags)


def shortened(text: str, *, width: int) -> str:
    """Cut a title to so many columns, of which a Chinese or Japanese character takes two."""
    for end, character in enumerate(text):
        width -= _columns(character)
        if width < 0:
            return f"{text[:end].rstrip()}…"
    return text


def _columns(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def joined(parts: Iterable[str]) -> str:
    """Join the parts that say something by middle dots."""
    return " · ".join(part for part in parts if part)


def counts(file_count: int, lecture_count: int) -> str:
    """Say what a session holds."""
    lectures = count_text(lecture_count, "lecture") if lecture_count else ""
    return joined([count_text(file_count, "file"), lectures])


def local_time(text: str) -> datetime:
    """Turn our UTC text into the time of the clock beside the browser."""
    behind_minutes = st.context.timezone_offset or 0
    return parse_time(text) - timedelta(minutes=behind_minutes)


def when(text: str) -> str:
    """Say a moment of the past for people: today 14:05, yesterday, 25 Sep 2026."""
    moment = local_time(text)
    today = datetime.now(UTC) - timedelta(minutes=st.context.timezone_offset or 0)
    days = (today.date() - moment.date()).days
    if days == 0:
        return f"today {moment:%H:%M}"
    return "yesterday" if days == 1 else day(moment.date().isoformat())


def day(text: str) -> str:
    """Say a date for people: 25 Sep 2026."""
    moment = datetime.fromisoformat(text)
    return f"{moment.day} {moment:%b %Y}"
