"""What a child process tells, as lines of JSON. None of it is trusted: a file may have taken the child over."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

from studybuddy.processing.results import Cue, Derived, DerivedName, Facts, Page, Progress, Remark, Result

MAX_LINE_BYTES = 32 * 1024 * 1024  # of one result, as JSON
_MAX_NUMBER = 2**53
_MAX_REMARK, _MAX_NAME, _MAX_VALUE, _MAX_VALUES = 1000, 100, 2000, 100
_NAMES: tuple[str, ...] = get_args(DerivedName)


class BrokenAnswerError(ValueError):
    """Raised when a child says something that it never should."""


def encode(result: Result) -> bytes:
    """Return a result as one line."""
    match result:
        case Page(number, text):
            told: list[Any] = ["page", number, text]
        case Cue(start_ms, end_ms, text):
            told = ["cue", start_ms, end_ms, text]
        case Facts(values):
            told = ["facts", dict(values)]
        case Derived(name, file, content_type):
            told = ["derived", name, str(file), content_type]
        case Progress(done):
            told = ["progress", done]
        case Remark(text):
            told = ["remark", text]
    return line(told)


def line(told: object) -> bytes:
    """Return anything as one line of JSON."""
    return json.dumps(told, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def parse(text: bytes) -> Any:
    """Return what a line tells."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BrokenAnswerError(f"no JSON: {text[:80]!r}") from error


def decode(text: bytes) -> Result:
    """Return the result in a line; raise BrokenAnswerError for what is none."""
    told = parse(text)
    try:
        return _SHAPES[told[0]](*told[1:])
    except (TypeError, KeyError, IndexError, ValueError) as error:
        raise BrokenAnswerError(f"no result: {text[:80]!r}") from error


def _page(number: object, text: object) -> Page:
    return Page(_integer(number, at_least=1), _text(text))


def _cue(start_ms: object, end_ms: object, text: object) -> Cue:
    start = _integer(start_ms)
    return Cue(start, _integer(end_ms, at_least=start), _text(text))


def _facts(values: object) -> Facts:
    if not isinstance(values, Mapping) or len(values) > _MAX_VALUES:
        raise ValueError("no facts")
    return Facts({_text(name)[:_MAX_NAME]: _value(value) for name, value in values.items()})


def _derived(name: object, file: object, content_type: object) -> Derived:
    if name not in _NAMES:
        raise ValueError("no such name")
    return Derived(name, Path(_text(file)), _text(content_type))  # type: ignore[arg-type]


def _progress(done: object) -> Progress:
    if not isinstance(done, int | float) or not 0 <= done <= 1:
        raise ValueError("no share")
    return Progress(float(done))


def _remark(text: object) -> Remark:
    return Remark(_text(text)[:_MAX_REMARK])


def _integer(value: object, *, at_least: int = 0) -> int:
    if type(value) is not int or not at_least <= value < _MAX_NUMBER:
        raise ValueError("no number")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _value(value: object) -> str | int | float:
    if isinstance(value, str):
        return value[:_MAX_VALUE]
    if isinstance(value, int | float) and abs(value) < _MAX_NUMBER:  # no NaN, which is no JSON
        return value
    raise ValueError("no fact")


_SHAPES: Mapping[str, Callable[..., Result]] = {
    "page": _page, "cue": _cue, "facts": _facts, "derived": _derived, "progress": _progress, "remark": _remark,
}  # fmt: skip
