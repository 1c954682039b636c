"""The piece of a text that shows best what was found in it, with the words that were found marked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from studybuddy.search.folded import Folded, ends_word, rest_of_word
from studybuddy.search.query import Term

_BEFORE, _LONG = 60, 220  # characters
_LOOKED_AT = 2000  # places in one text where something is found
_SPACES = re.compile(r"\s+")
_EDGE = 25  # characters: a word that is cut is left out, unless it is longer


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text, and whether it is what was asked for."""

    text: str
    found: bool


@dataclass(frozen=True, slots=True)
class Snippet:
    """A part of a text in pieces, and where in the text its first found word stands (None: nothing is found)."""

    pieces: tuple[Piece, ...]
    at: int | None


class Place(NamedTuple):
    """Where a term stands in a text: from `begin` to `end` as it is written."""

    begin: int
    end: int
    term: int  # its number
    is_whole: bool  # not only the start of a word


def snippet(text: str, terms: Sequence[Term]) -> Snippet:
    """Return the part of a text in which most of the terms stand, with what was found marked."""
    places = _places(text, terms)
    if not places:
        return Snippet((Piece(_tidy(text[: _cut(text, _LONG)]), found=False),), None)
    best = _best(places)
    begin = _begin(text, max(0, best.begin - _BEFORE))
    end = _cut(text, max(begin + _LONG, best.end))
    inside = [place for place in places if place.begin >= begin and place.end <= end]
    return Snippet(_pieces(text, begin, end, inside), best.begin)


def marked(text: str, terms: Sequence[Term]) -> tuple[Piece, ...]:
    """Return a whole text, with what was found marked."""
    return _pieces(text, 0, len(text), _places(text, terms))


def terms_in(text: str, terms: Sequence[Term]) -> int:
    """Return how many of the terms stand in a text."""
    return len({place.term for place in _places(text, terms)})


def share(text: str, terms: Sequence[Term]) -> float:
    """Return how much of a title was asked for, from 0 to 1; a word that was only begun counts half."""
    asked = sum((place.end - place.begin) / (1 if place.is_whole else 2) for place in _places(text, terms))
    return asked / max(1, len(text))


def _places(text: str, terms: Sequence[Term]) -> list[Place]:
    """Return where the terms stand, in order and without overlaps."""
    # The longest first: where a phrase begins with another term, all of it is marked.
    ordered = sorted(terms, key=lambda term: len(term.pattern), reverse=True)
    folded = Folded(text)
    found: list[Place] = []
    for match in _pattern(tuple(term.pattern for term in ordered)).finditer(folded.text):
        number = (match.lastindex or 1) - 1
        end = _end(folded.text, match, ordered[number])
        if end:
            found.append(Place(*folded.span(match.start(), end), number, end == match.end()))
        if len(found) == _LOOKED_AT:
            break
    return found


@lru_cache(maxsize=64)
def _pattern(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"({pattern})" for pattern in patterns))


def _end(folded: str, match: re.Match[str], term: Term) -> int:
    """Return where a match ends, with the rest of a word that it begins; 0 when it is only a part of a word."""
    (_, begins_with_run), (_, ends_with_run) = term.tokens[0], term.tokens[-1]
    if not begins_with_run and ends_word(folded, match.start()):
        return 0
    if ends_with_run:
        return match.end()
    rest = rest_of_word(folded, match.end())
    return rest if term.is_start or rest == match.end() else 0


def _best(places: Sequence[Place]) -> Place:
    """Return the first place of the stretch that holds most different terms."""
    best, most = places[0], 0
    for number, first in enumerate(places[:500]):
        near = places[number : number + 30]
        terms = {place.term for place in near if place.end <= first.begin + _LONG - _BEFORE}
        if len(terms) > most:
            best, most = first, len(terms)
    return best


def _begin(text: str, at: int) -> int:
    # At a word's beginning.
    if at == 0:
        return 0
    space = _SPACES.search(text, at, at + _EDGE)
    return space.end() if space else at


def _cut(text: str, end: int) -> int:
    if end >= len(text):
        return len(text)
    space = max(text.rfind(" ", end - _EDGE, end + 1), text.rfind("\n", end - _EDGE, end + 1))
    return space if space > 0 else end


def _pieces(text: str, begin: int, end: int, places: Sequence[Place]) -> tuple[Piece, ...]:
    pieces, done = [], begin
    for place in places:
        pieces += [
            Piece(_tidy(text[done : place.begin]), found=False),
            Piece(_tidy(text[place.begin : place.end]), found=True),
        ]
        done = place.end
    pieces.append(Piece(_tidy(text[done:end]), found=False))
    if begin > 0:
        pieces[0] = Piece(f"…{pieces[0].text}", found=False)
    if end < len(text):
        pieces[-1] = Piece(f"{pieces[-1].text}…", found=False)
    return tuple(piece for piece in pieces if piece.text)


def _tidy(text: str) -> str:
    return _SPACES.sub(" ", text.replace("\x00", ""))
