"""Cursors: where the next part of a list begins, opaque to those who hand them back."""

import base64
import binascii
import json

from studybuddy.catalog.words import storable
from studybuddy.errors import InvalidInputError

_MAX_LENGTH = 2000  # characters
_MAX_INTEGER = 2**63 - 1

Value = str | int


def encode(order: str, *values: Value) -> str:
    """Return the cursor of a row: the list's order, then the values that it is sorted by."""
    text = json.dumps([order, *values], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str, order: str, *types: type[Value]) -> list[Value]:
    """Return a cursor's values; raise InvalidInputError unless it comes from a list in this order."""
    try:
        if len(cursor) > _MAX_LENGTH:
            raise ValueError("too long")
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        found = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError, binascii.Error) as error:
        raise _not_ours(cursor) from error
    if not isinstance(found, list) or found[:1] != [order] or [type(value) for value in found[1:]] != list(types):
        raise _not_ours(cursor)
    values: list[Value] = found[1:]
    if not all(_storable(value) for value in values):
        raise _not_ours(cursor)
    return values


def _storable(value: Value) -> bool:
    if isinstance(value, int):
        return abs(value) <= _MAX_INTEGER
    return value == storable(value)


def _not_ours(cursor: str) -> InvalidInputError:
    return InvalidInputError(
        f"{cursor[:40]!r} does not mark a place in this list", fix="Begin with the first page: leave out `after`."
    )
