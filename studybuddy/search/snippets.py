"""The piece of a text that shows best what was found in it, with the words that were found marked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

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


Place = tuple[int, int, int]  # begin and end in the original text, and the number of the term


def snippet(text: str, terms: Sequence[Term]) -> Snippet:
    """Return the part of a text in which most of the terms stand, with what was found marked."""
    places = _places(text, terms)
    if not places:
        return Snippet((Piece(_tidy(text[: _cut(text, _LONG)]), found=False),), None)
    first = _best(places)
    begin = _begin(text, max(0, places[first][0] - _BEFORE))
    end = _cut(text, max(begin + _LONG, places[first][1]))
    return Snippet(_pieces(text, begin, end, [place for place in places[first:] if place[1] <= end]), places[first][0])


def marked(text: str, terms: Sequence[Term]) -> tuple[Piece, ...]:
    """Return a whole text, with what was found marked."""
    return _pieces(text, 0, len(text), _places(text, terms))


def terms_in(text: str, terms: Sequence[Term]) -> int:
    """Return how many of the terms stand in a text."""
    return len({number for _, _, number in _places(text, terms)})


def share(text: str, terms: Sequence[Term]) -> float:
    """Return how much of a title was asked for, from 0 to 1."""
    places = _places(text, terms)
    return sum(end - begin for begin, end, _ in places) / max(1, len(text))


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
            found.append((folded.place(match.start()), folded.place(end), number))
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


def _best(places: Sequence[Place]) -> int:
    """Return the first place of the stretch that holds most different terms."""
    best, most = 0, 0
    for first, (begin, _, _) in enumerate(places[:500]):
        terms = {number for start, end, number in places[first : first + 30] if end <= begin + _LONG - _BEFORE}
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
    for start, stop, _ in places:
        pieces += [Piece(_tidy(text[done:start]), found=False), Piece(_tidy(text[start:stop]), found=True)]
        done = stop
    pieces.append(Piece(_tidy(text[done:end]), found=False))
    if begin > 0:
        pieces[0] = Piece(f"…{pieces[0].text}", found=False)
    if end < len(text):
        pieces[-1] = Piece(f"{pieces[-1].text}…", found=False)
    return tuple(piece for piece in pieces if piece.text)


def _tidy(text: str) -> str:
    return _SPACES.sub(" ", text.replace("\x00", ""))
