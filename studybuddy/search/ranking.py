"""What was found, together for each file and session, in the order in which it is shown."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from studybuddy.catalog.search import MOST_NAMES, MOST_SESSIONS, MOST_TEXTS, Finder, MarkFound, TextFound
from studybuddy.search.query import Query
from studybuddy.search.snippets import share, terms_in

Key = tuple[int, ...]
KEY_LENGTH = 5
_BY_TITLE, _BY_ABOUT, _BY_TEXT = range(3)
_FINE = 10**9  # the ranks of very common words differ by little


@dataclass(slots=True)
class Group:
    """All that was found of one file or session."""

    is_session: bool
    id: int
    title_share: int = 0  # how much of its title or name was asked for, in thousandths
    by_about: bool = False  # of a session: found by its subject or tags
    texts: list[TextFound | MarkFound] = field(default_factory=list)

    @property
    def key(self) -> Key:
        """What groups are sorted by: titles and names first, then the best text, then the newest."""
        best = min((text.rank for text in self.texts), default=0.0)
        step = _BY_TITLE if self.title_share else _BY_ABOUT if self.by_about else _BY_TEXT
        return step, -self.title_share, round(best * _FINE), -self.is_session, -self.id


@dataclass(frozen=True, slots=True)
class Ranked:
    """Groups in their order; not `complete` where only the newest of very many were ranked."""

    groups: list[Group]
    complete: bool


def ranked(finder: Finder, query: Query) -> Ranked:
    """Find everything that a query asks for."""
    groups: dict[tuple[bool, int], Group] = {}
    counts = [
        _add_sessions(groups, finder, query),
        _add_names(groups, finder, query),
        _add_texts(groups, finder.texts(query.match)),
    ]
    for mark in finder.marks(query.match):
        is_session = mark.file_id is None
        _group(groups, is_session, mark.file_id or mark.session_id).texts.append(mark)
    complete = all(count < most for count, most in zip(counts, (MOST_SESSIONS, MOST_NAMES, MOST_TEXTS), strict=True))
    return Ranked(sorted(groups.values(), key=lambda group: group.key), complete)


def _add_sessions(groups: dict[tuple[bool, int], Group], finder: Finder, query: Query) -> int:
    found = finder.sessions(query.match)
    for session in found:
        group = _group(groups, True, session.id)
        group.by_about = True
        if terms_in(session.title, query.wanted) == len(query.wanted):
            group.title_share = _thousandths(session.title, query)
    return len(found)


def _add_names(groups: dict[tuple[bool, int], Group], finder: Finder, query: Query) -> int:
    found = finder.names(query.match)
    for name in found:
        group = _group(groups, False, name.file_id)
        group.title_share = max(group.title_share, _thousandths(name.text, query))
    return len(found)


def _add_texts(groups: dict[tuple[bool, int], Group], found: Iterable[TextFound]) -> int:
    count = 0
    for count, text in enumerate(found, start=1):  # noqa: B007
        _group(groups, False, text.file_id).texts.append(text)
    return count


def _group(groups: dict[tuple[bool, int], Group], is_session: bool, row_id: int) -> Group:
    return groups.setdefault((is_session, row_id), Group(is_session, row_id))


def _thousandths(title: str, query: Query) -> int:
    return max(1, round(1000 * share(title, query.wanted)))
