"""What people type: titles, subjects, notes, tags and dates, checked and tidied."""

from collections.abc import Iterable
from datetime import date

from studybuddy.errors import InvalidInputError

MAX_TITLE = 300  # characters, as all below
MAX_SUBJECT = 120
MAX_DESCRIPTION = 100_000
MAX_NOTE = 20_000  # at one moment of a recording
MAX_CARD_SIDE = 20_000
MAX_TAGS = 50
MAX_TAG = 60


def title(text: str) -> str:
    """Return a title in one line without edges; raise InvalidInputError when it is empty or too long."""
    tidy = _one_line(text)
    if not tidy:
        raise InvalidInputError("The title is empty", fix="Give it a title.")
    return _at_most(tidy, MAX_TITLE, "title")


def subject(text: str) -> str:
    """Return a subject in one line; it may be empty."""
    return _at_most(_one_line(text), MAX_SUBJECT, "subject")


def description(text: str) -> str:
    """Return notes as they were typed, but for NULs."""
    return _at_most(_valid(text).replace("\x00", ""), MAX_DESCRIPTION, "notes")


def note(text: str) -> str:
    """Return a note without blank edges; raise InvalidInputError when nothing is left, or too much."""
    tidy = _valid(text).replace("\x00", "").strip()
    if not tidy:
        raise InvalidInputError("The note is empty", fix="Write something, or delete it.")
    return _at_most(tidy, MAX_NOTE, "note")


def card_side(text: str, side: str) -> str:
    """Return the front or the back of a card without blank edges; raise InvalidInputError when nothing is left."""
    tidy = _valid(text).replace("\x00", "").strip()
    if not tidy:
        raise InvalidInputError(f"The {side} of the card is empty", fix="Write something on both sides.")
    return _at_most(tidy, MAX_CARD_SIDE, f"card's {side}")


def bookmark(text: str) -> str:
    """Return a bookmark's name in one line; it may be empty."""
    return _at_most(_one_line(text), MAX_TITLE, "bookmark")


def tags(names: Iterable[str]) -> tuple[str, ...]:
    """Return tags without doubles (whatever their case), in the order given."""
    tidy = {name.casefold(): name for name in reversed([_tag(name) for name in names]) if name}
    if len(tidy) > MAX_TAGS:
        raise InvalidInputError(f"{len(tidy)} tags are more than {MAX_TAGS}", fix="Use fewer tags.")
    return tuple(reversed(tidy.values()))


def day(text: str) -> str:
    """Return a date as YYYY-MM-DD; raise InvalidInputError for anything else."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise InvalidInputError(f"{text[:40]!r} is not a date", fix="Write it as YYYY-MM-DD.") from error


def _tag(name: str) -> str:
    return _at_most(_one_line(name).lstrip("#"), MAX_TAG, "tag")


def _one_line(text: str) -> str:
    return " ".join(_valid(text).replace("\x00", "").split())


def _valid(text: str) -> str:
    # A lone surrogate is no text: SQLite refuses it.
    return text.encode("utf-8", "replace").decode()


def _at_most(text: str, limit: int, what: str) -> str:
    if len(text) > limit:
        raise InvalidInputError(f"The {what} has {len(text):,} characters; {limit:,} fit", fix="Shorten it.")
    return text
