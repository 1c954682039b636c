"""What was found, together for each file and session, in the order in which it is shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from studybuddy.catalog.search import (
    MOST_MARKS,
    MOST_NAMES,
    MOST_SESSIONS,
    MOST_TEXTS,
    Finder,
    MarkFound,
    NameFound,
    SessionFound,
    TextFound,
)
from studybuddy.search.query import Query
from studybuddy.search.snippets import share, terms_in

Key = tuple[int, ...]
KEY_LENGTH = 6
_BY_TITLE, _BY_ABOUT, _BY_TEXT = range(3)
_FINE = 10**9  # the ranks of very common words differ by little
_Row = TypeVar("_Row")


class Place(NamedTuple):
    """A text in which something was found, and how well it fits: the lower, the better."""

    begun: int  # 1: some word that was asked for only begins one of its words
    rank: float
    text: TextFound | MarkFound

    @property
    def order(self) -> tuple[int, float]:
        """What places are sorted by."""
        return self.begun, self.rank


@dataclass(slots=True)
class Group:
    """All that was found of one file or session."""

    is_session: bool
    id: int
    title: tuple[int, int] | None = None  # `begun`, and how much of it was not asked for, in thousandths
    about: int | None = None  # of a session that was found by its title, subject or tags: `begun`
    places: list[Place] = field(default_factory=list)

    @property
    def key(self) -> Key:
        """What groups are sorted by: titles and names first, whole words first, then the best text, then the newest."""
        begun, rank = min((place.order for place in self.places), default=(0, 0.0))
        step, left = _BY_TEXT, 0
        if self.title is not None:
            step, (begun, left) = _BY_TITLE, self.title
        elif self.about is not None:
            step, begun = _BY_ABOUT, self.about
        return step, begun, left, round(rank * _FINE), -self.is_session, -self.id


@dataclass(frozen=True, slots=True)
class Ranked:
    """Groups in their order; not `complete` where only the newest of very many were ranked."""

    groups: list[Group]
    complete: bool


def ranked(finder: Finder, query: Query) -> Ranked:
    """Find everything that a query asks for."""
    groups = _Groups(query)
    complete = [
        _found(query, finder.sessions, groups.add_session, MOST_SESSIONS),
        _found(query, finder.names, groups.add_name, MOST_NAMES),
        _found(query, finder.texts, groups.add_text, MOST_TEXTS),
    ]
    _found(query, finder.marks, groups.add_mark, MOST_MARKS)
    return Ranked(sorted(groups.groups.values(), key=lambda group: group.key), all(complete))


def _found(
    query: Query, find: Callable[[str], Sequence[_Row]], add: Callable[[_Row, int], None], most: int
) -> bool:  # fmt: skip
    """Find rows and add them, those with whole words first; tell whether these are all that there are."""
    for begun, match in enumerate(query.matches):
        rows = find(match)
        for row in rows:
            add(row, begun)
        if len(rows) >= most:
            return False
    return True


class _Groups:
    """Gathers what is found."""

    def __init__(self, query: Query) -> None:
        self.groups: dict[tuple[bool, int], Group] = {}
        self._terms = query.wanted

    def add_session(self, session: SessionFound, begun: int) -> None:
        group = self._group(True, session.id)
        group.about = begun
        if terms_in(session.title, self._terms) == len(self._terms):
            group.title = (begun, self._left(session.title))

    def add_name(self, name: NameFound, begun: int) -> None:
        group = self._group(False, name.file_id)
        title = (begun, self._left(name.text))
        group.title = title if group.title is None else min(group.title, title)

    def add_text(self, text: TextFound, begun: int) -> None:
        self._group(False, text.file_id).places.append(Place(begun, text.rank, text))

    def add_mark(self, mark: MarkFound, begun: int) -> None:
        group = self._group(mark.file_id is None, mark.file_id or mark.session_id)
        group.places.append(Place(begun, mark.rank, mark))

    def _group(self, is_session: bool, row_id: int) -> Group:
        return self.groups.setdefault((is_session, row_id), Group(is_session, row_id))

    def _left(self, title: str) -> int:
        return 1000 - round(1000 * share(title, self._terms))
