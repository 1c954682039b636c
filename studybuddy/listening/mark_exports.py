"""Notes and bookmarks as text that other programs read: Markdown, and CSV for spreadsheets."""

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Literal, TextIO

from studybuddy.catalog.marks import Told
from studybuddy.spreadsheets import cell
from studybuddy.units import clock_text

Form = Literal["markdown", "csv"]
TYPES: dict[Form, str] = {"markdown": "text/markdown; charset=utf-8", "csv": "text/csv; charset=utf-8"}
ENDINGS: dict[Form, str] = {"markdown": "md", "csv": "csv"}

_HEAD = ("session", "recording", "recorded_on", "at", "seconds", "kind", "text", "link")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>|~$&!])")
_LINE_START = re.compile(r"^(?:([#+\-=:])|(\d+)([.)]))")


def write(found: Iterable[Told], stream: TextIO, form: Form, *, site: str = "") -> int:
    """Write marks, in the order given; return how many. `site` is the address of the app, for links to each moment."""
    return _write_csv(found, stream, site) if form == "csv" else _write_markdown(found, stream, site)


def _write_csv(found: Iterable[Told], stream: TextIO, site: str) -> int:
    stream.write("\ufeff")  # else Excel takes it for another alphabet
    lines, count = csv.writer(stream), 0
    lines.writerow(_HEAD)
    for count, one in enumerate(found, start=1):  # noqa: B007
        texts = [cell(text) for text in (one.session, one.recording, one.recorded_on or "")]
        seconds = one.at_ms // 1000
        lines.writerow([*texts, clock_text(one.at_ms), seconds, one.kind, cell(one.text), _link(one, site)])
    return count


def _write_markdown(found: Iterable[Told], stream: TextIO, site: str) -> int:
    count = 0
    for (session, recording, recorded_on, _), marks in groupby(found, _place):
        told = f"{escaped(session)}, recorded on {recorded_on}" if recorded_on else escaped(session)
        stream.write(f"{chr(10) if count else ''}# {escaped(recording)}\n\n{told}\n\n")
        for one in marks:
            stream.writelines(_item(one, site))
            count += 1
    return count


def _place(one: Told) -> tuple[str, str, str | None, int | None]:
    return one.session, one.recording, one.recorded_on, one.file_id


def _item(one: Told, site: str) -> Iterator[str]:
    time = clock_text(one.at_ms)
    moment = f"[{time}]({_link(one, site)})" if site and one.file_id else f"**{time}**"
    first, *rest = [escaped(line) for line in one.text.splitlines()] or [""]
    yield f"- {moment} {'Bookmark ' if one.kind == 'bookmark' else ''}{first}".rstrip() + "\n"
    for line in rest:
        yield f"  {line}".rstrip() + "\n"


def escaped(line: str) -> str:
    """Return a line so that Markdown shows it as it is."""
    safe = _MARKDOWN.sub(r"\\\1", " ".join(line.split()))
    return _LINE_START.sub(lambda found: f"\\{found[1]}" if found[1] else rf"{found[2]}\{found[3]}", safe)


def _link(one: Told, site: str) -> str:
    return f"{site.rstrip('/')}/view?file={one.file_id}&t={one.at_ms // 1000}" if site and one.file_id else ""
