"""Folded texts: their words, and where in the original text each character comes from."""

import re
from bisect import bisect_right

from studybuddy.catalog.folding import NOT_ASCII, UNSPACED, folded

_TOKEN = re.compile(rf"([{UNSPACED}]+)|(?:(?![{UNSPACED}_])\w)+")
# A character with the marks behind it, and a Korean syllable in its parts.
_CLUSTER = re.compile(
    "(?s).[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\u3099\u309a\uff9e\uff9f\u1160-\u11ff]*"
)
_REST = re.compile(rf"(?:(?![{UNSPACED}_])\w)*")


def tokens(text: str) -> list[tuple[str, bool]]:
    """Return the words of a folded text in their order, each with whether it is a run of unspaced characters."""
    return [(found[0], found[1] is not None) for found in _TOKEN.finditer(text)]


def rest_of_word(text: str, at: int) -> int:
    """Return where the word ends that goes on at a place of a folded text."""
    found = _REST.match(text, at)
    return found.end() if found else at


def ends_word(text: str, at: int) -> bool:
    """Tell whether a letter of a word, not of a run of unspaced characters, stands before a place."""
    return at > 0 and rest_of_word(text, at - 1) > at - 1


class Folded:
    """A text folded, that knows where each of its characters comes from."""

    def __init__(self, original: str) -> None:
        self._original = original
        # The stretches of the folded text: where each begins, where in the original, and there each of its characters
        # (none: as many as here).
        self._starts: list[int] = [0]
        self._origins: list[tuple[int, list[int]]] = [(0, [])]
        self.text = original.lower() if original.isascii() else self._fold()

    def place(self, at: int) -> int:
        """Return where in the original text a character of the folded one stands, or the end."""
        if at >= len(self.text):
            return len(self._original)
        stretch = bisect_right(self._starts, at) - 1
        begin, each = self._origins[stretch]
        inside = at - self._starts[stretch]
        return each[inside] if each else begin + inside

    def _fold(self) -> str:
        parts, end, length = [], 0, 0
        for found in NOT_ASCII.finditer(self._original):
            piece = folded(found[0])
            parts += [self._original[end : found.start()], piece]
            length += found.start() - end
            self._note(length, found.start(), _origins(found[0], piece, found.start()))
            length += len(piece)
            end = found.end()
            self._note(length, end, [])
        return "".join([*parts, self._original[end:]]).lower()

    def _note(self, start: int, begin: int, each: list[int]) -> None:
        self._starts.append(start)
        self._origins.append((begin, each))


def _origins(piece: str, folded_piece: str, begin: int) -> list[int]:
    if len(piece) == len(folded_piece):
        return []
    origins = [begin + found.start() for found in _CLUSTER.finditer(piece) for _ in folded(found[0])]
    # Else something folds together in a way that is not known here: near enough for a snippet.
    return origins if len(origins) == len(folded_piece) else [begin] * len(folded_piece)
