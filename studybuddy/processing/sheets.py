"""Excel workbooks: the text of each sheet, row by row."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from zipfile import ZipFile

from openpyxl import load_workbook

from studybuddy.processing.archives import archive, properties
from studybuddy.processing.bounds import MAX_PAGE_CHARACTERS
from studybuddy.processing.results import Facts, Page, Progress, Remark, Result
from studybuddy.processing.source import Source, too_large
from studybuddy.units import MIB

MAX_CELLS = 1_000_000
_MAX_STRINGS_BYTES = 64 * MIB
"""All texts of a workbook stand in one part, which is held in memory."""


def read(source: Source) -> Iterator[Result]:
    with archive(source) as opened:
        _look(opened)
        facts = properties(opened, "docProps/core.xml")
    yield from _sheets(source)
    if facts:
        yield facts


def _look(opened: ZipFile) -> None:
    for entry in opened.infolist():
        if entry.filename == "xl/sharedStrings.xml" and entry.file_size > _MAX_STRINGS_BYTES:
            raise too_large("The workbook holds more text than is read here")
        if entry.filename.endswith(".xml") and b"<!DOCTYPE" in opened.open(entry).read(1024):
            raise too_large("It holds a document type definition, which no program for documents writes")


def _sheets(source: Source) -> Iterator[Result]:
    book = load_workbook(source.path, read_only=True, data_only=True, keep_links=False)
    try:
        sheets = book.worksheets
        room = MAX_CELLS
        for number, sheet in enumerate(sheets, start=1):
            sheet.reset_dimensions()  # else one that claims a million empty rows is filled with them
            text, cells = _text(sheet.iter_rows(values_only=True), room)
            room -= cells
            yield Page(number, f"{sheet.title}\n{text}")
            yield Progress(number / len(sheets))
        if room <= 0:
            yield Remark(f"Only the first {MAX_CELLS:,} cells were read")
        yield Facts({"pages": len(sheets)})
    finally:
        book.close()


def _text(rows: Iterable[tuple[object, ...]], room: int) -> tuple[str, int]:
    """Return the rows' words, and how many cells they took, empty ones counted."""
    lines: list[str] = []
    cells = characters = 0
    for row in rows:
        if cells >= room or characters > MAX_PAGE_CHARACTERS:
            break
        cells += len(row)
        line = "\t".join(map(_cell, row)).strip()
        if line:
            lines.append(line)
            characters += len(line) + 1
    return "\n".join(lines), cells


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)
