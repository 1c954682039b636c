"""Jupyter notebooks: what stands in their cells, and what those printed."""

import json
from collections.abc import Iterator
from typing import Any

from studybuddy.processing.decoding import decoded
from studybuddy.processing.parts import numbered, parts
from studybuddy.processing.results import Result
from studybuddy.processing.source import Source, damaged, too_large
from studybuddy.processing.texts import MAX_TEXT_BYTES, beginning


def read(source: Source) -> Iterator[Result]:
    if source.size > MAX_TEXT_BYTES:
        raise too_large("The notebook is larger than is read here")
    try:
        book = json.loads(decoded(beginning(source)))
    except (ValueError, RecursionError) as error:
        raise damaged(source, because="its JSON ends too early or is wrong") from error
    yield from numbered(parts("\n\n".join(_cells(book))))


def _cells(book: Any) -> Iterator[str]:
    sheets = _list(_get(book, "worksheets"))  # of notebooks before 2015
    for cell in _list(_get(book, "cells")) + [cell for sheet in sheets for cell in _list(_get(sheet, "cells"))]:
        yield _text(_get(cell, "source") or _get(cell, "input"))
        for output in _list(_get(cell, "outputs")):
            yield _text(_get(output, "text") or _get(_get(output, "data"), "text/plain"))


def _get(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    """Return a text that is written as one, or as a list of lines."""
    return value if isinstance(value, str) else "".join(line for line in _list(value) if isinstance(line, str))
