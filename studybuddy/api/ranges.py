"""Which bytes of a file a request wants, and whether it wants any (RFC 9110, sections 13 and 14)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Literal

from starlette.datastructures import Headers

_ONE_RANGE = re.compile(r"bytes\s*=\s*(?:(\d{1,18})\s*-\s*(\d{0,18})|-\s*(\d{1,18}))\s*", re.ASCII | re.IGNORECASE)
_TAG = re.compile(r'(?:W/)?"[^"]*"')

Condition = Literal["go on", "not modified", "failed"]


class UnsatisfiableError(Exception):
    """Raised when a range has no byte in common with the file."""


@dataclass(frozen=True, slots=True)
class Version:
    """What tells one state of a file from another."""

    etag: str  # with its quotes
    modified_at: datetime

    @property
    def http_date(self) -> str:
        return format_datetime(self.modified_at.astimezone(UTC), usegmt=True)


def condition(headers: Headers, version: Version) -> Condition:
    """Look at the preconditions of a request, in the order that the standard gives."""
    if_match = headers.get("if-match")
    if if_match is not None:
        if not _names(if_match, version.etag, weak=False):
            return "failed"
    elif _before(headers.get("if-unmodified-since"), version) is True:
        return "failed"
    if_none_match = headers.get("if-none-match")
    if if_none_match is not None:
        return "not modified" if _names(if_none_match, version.etag, weak=True) else "go on"
    return "not modified" if _before(headers.get("if-modified-since"), version) is False else "go on"


def wanted_range(headers: Headers, size: int, version: Version) -> tuple[int, int] | None:
    """Return the half-open range that is asked for, or None for the whole.

    Several ranges, another unit, a malformed range and a stale If-Range all mean the whole.
    """
    match = _ONE_RANGE.fullmatch(headers.get("range", "").strip())
    if match is None or not _is_current(headers.get("if-range"), version):
        return None
    first, last, suffix = match.groups()
    if suffix is not None:
        start, stop = max(size - int(suffix), 0), size
    else:
        start = int(first)
        stop = min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    if start >= size or start >= stop:
        raise UnsatisfiableError
    return start, stop


def _is_current(if_range: str | None, version: Version) -> bool:
    return if_range is None or if_range.strip() in {version.etag, version.http_date}


def _names(header: str, etag: str, *, weak: bool) -> bool:
    if header.strip() == "*":
        return True
    tags: list[str] = _TAG.findall(header)
    return etag in ([tag.removeprefix("W/") for tag in tags] if weak else tags)


def _before(header: str | None, version: Version) -> bool | None:
    """Tell whether a time in a header lies before the file's; None when there is none."""
    if header is None:
        return None
    try:
        moment = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment < version.modified_at.replace(microsecond=0)
