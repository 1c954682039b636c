"""Folded texts: their words, and where in the original text each character comes from."""

import re
from bisect import bisect_right
from functools import cached_property

from studybuddy.catalog.folding import NOT_ASCII, UNSPACED, fold, folded

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
        self.text = fold(original)

    def span(self, begin: int, end: int) -> tuple[int, int]:
        """Return where in the original text a part of the folded one stands."""
        if len(self.text) == len(self._original) and fold(self._original[begin:end]) == self.text[begin:end]:
            return begin, end
        return self._place(begin), self._place(end)

    def _place(self, at: int) -> int:
        if at >= len(self.text):
            return len(self._original)
        starts, origins = self._stretches
        stretch = bisect_right(starts, at) - 1
        begin, each = origins[stretch]
        inside = at - starts[stretch]
        return each[inside] if each else begin + inside

    @cached_property
    def _stretches(self) -> tuple[list[int], list[tuple[int, list[int]]]]:
        # Where each stretch of the folded text begins; where that is in the original, and there each of its characters
        # (none: as many as here).
        starts, origins = [0], [(0, list[int]())]
        end = length = 0
        for found in NOT_ASCII.finditer(self._original):
            piece = folded(found[0])
            length += found.start() - end
            end = found.end()
            starts += [length, length + len(piece)]
            origins += [(found.start(), _origins(found[0], piece, found.start())), (end, [])]
            length += len(piece)
        return starts, origins


def _origins(piece: str, folded_piece: str, begin: int) -> list[int]:
    if len(piece) == len(folded_piece):
        return []
    origins = [begin + found.start() for found in _CLUSTER.finditer(piece) for _ in folded(found[0])]
    # Else something folds together in a way that is not known here: near enough for a snippet.
    return origins if len(origins) == len(folded_piece) else [begin] * len(folded_piece)
