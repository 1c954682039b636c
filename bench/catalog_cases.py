"""What `bench/catalog.py` times: each list and filter that pages and API ask the catalog for, and its bound."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlite_utils import Database

from bench.catalog_rows import SUBJECTS, TAGS, Made
from studybuddy.catalog import lectures, lists, places, sessions, totals
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.lists import FilesFilter, SessionFilesFilter, SessionFilter
from studybuddy.kinds import Kind

_LIST_MS = 50.0
_OPEN_MS = 20.0
_PARTS_MS = 300.0
_SORTS: tuple[lists.SessionSort, ...] = ("updated", "created", "title", "size")
_FILE_SORTS: tuple[lists.FileSort, ...] = ("name", "size", "date")
_SOME_KINDS: tuple[Kind | None, ...] = (None, None, "document", "caption", "other")


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that pages or API ask, with other arguments at each call, and its bound."""

    name: str
    ask: Callable[[Database], object]
    bound_ms: float = _LIST_MS


class Questions:
    """Makes the cases for one catalog; arguments are drawn anew at each call."""

    def __init__(self, catalog: Catalog, made: Made, seed: int = 2) -> None:
        self._pick = random.Random(seed)
        self._made = made
        with catalog.read() as db:
            self._sessions = int(db.execute("SELECT max(id) FROM sessions").fetchone()[0])
            self._deep = {
                (sort, reverse): list(self._cursors(db, sort, reverse=reverse))
                for sort in _SORTS
                for reverse in (False, True)
            }

    def _cursors(self, db: Database, sort: lists.SessionSort, *, reverse: bool) -> Iterator[str | None]:
        after: str | None = None
        while True:
            yield after
            page = lists.sessions_page(db, SessionFilter(sort=sort, reverse=reverse), limit=500, after=after)
            after = page.next
            if after is None:
                return

    def cases(self) -> Iterator[Case]:
        """Yield every case."""
        yield from self._session_lists()
        yield from self._session_filters()
        yield from self._queries()
        yield from self._file_lists()
        yield from self._others()

    def _session_lists(self) -> Iterator[Case]:
        for sort in _SORTS:
            for reverse in (False, True):
                ends = f"sessions by {sort}{', reversed' if reverse else ''}"
                yield Case(f"{ends}: first page", self._page(SessionFilter(sort=sort, reverse=reverse)))
                yield Case(f"{ends}: any page", self._deep_page(sort, reverse=reverse))

    def _page(self, wanted: SessionFilter) -> Callable[[Database], object]:
        return lambda db: lists.sessions_page(db, wanted)

    def _deep_page(self, sort: lists.SessionSort, *, reverse: bool) -> Callable[[Database], object]:
        wanted, cursors = SessionFilter(sort=sort, reverse=reverse), self._deep[sort, reverse]
        return lambda db: lists.sessions_page(db, wanted, after=self._pick.choice(cursors))

    def _filtered(self, draw: Callable[[], SessionFilter]) -> Callable[[Database], object]:
        def ask(db: Database) -> object:
            wanted = replace(draw(), sort=self._pick.choice(_SORTS), reverse=self._pick.random() < 0.5)
            after = self._pick.choice([None, self._pick.choice(self._deep[wanted.sort, wanted.reverse])])
            return lists.sessions_page(db, wanted, after=after)

        return ask

    def _session_filters(self) -> Iterator[Case]:
        pick = self._pick
        draws: dict[str, Callable[[], SessionFilter]] = {
            "a tag": lambda: SessionFilter(tag=pick.choice(TAGS)),
            "the commonest tag": lambda: SessionFilter(tag=TAGS[0]),
            "a subject": lambda: SessionFilter(subject=pick.choice(SUBJECTS)),
            "a kind": lambda: SessionFilter(kind=pick.choice(("document", "audio", "image", "caption"))),
            "the rarest kind": lambda: SessionFilter(kind="other"),
            "a storage": lambda: SessionFilter(storage_id=pick.randint(1, 3)),
            "kind in storage": lambda: SessionFilter(
                kind=pick.choice(("audio", "caption")), storage_id=pick.randint(1, 3)
            ),
            "rare kind, common tag": lambda: SessionFilter(kind="other", tag=TAGS[0]),
            "common kind, rare tag": lambda: SessionFilter(kind="document", tag=pick.choice(TAGS[150:])),
            "commonest tag and subject, never together": lambda: SessionFilter(tag=TAGS[0], subject=SUBJECTS[0]),
            "common tag and subject": lambda: SessionFilter(tag=TAGS[1], subject=SUBJECTS[1]),
            "tag, subject, kind, storage": lambda: SessionFilter(
                tag=TAGS[1], subject=SUBJECTS[1], kind="caption", storage_id=2
            ),
            "a week": lambda: self._days(7),
            "a year": lambda: self._days(365),
            "a year, a tag and a kind": lambda: replace(self._days(365), tag=pick.choice(TAGS), kind="audio"),
        }
        for name, draw in draws.items():
            yield Case(f"sessions with {name}", self._filtered(draw))

    def _days(self, count: int) -> SessionFilter:
        first = date(2024, 1, 1) + timedelta(days=self._pick.randrange(900))
        return SessionFilter(since=first, until=first + timedelta(days=count))

    def _queries(self) -> Iterator[Case]:
        pick = self._pick
        words = ["thermo", "lecture", "vorles", "pdf", "energy", "résumé", "ubung", "tag", "week", "slides"]
        asked: dict[str, Callable[[], str]] = {
            "one letter": lambda: pick.choice("abcdefghijklmnopqrstuvwxyzé0123456789"),
            "two letters": lambda: pick.choice("abcdefghilmnoprstv") + pick.choice("aeioulrn"),
            "a common word": lambda: pick.choice(words),
            "two common words": lambda: " ".join(pick.sample(words, 2)),
            "four common words": lambda: " ".join(pick.sample(words, 4)),
            "a rare word": lambda: pick.choice(self._made.rare_words),
            "a rare and a common word": lambda: f"lecture {pick.choice(self._made.rare_words)}",
            "common words that never meet": lambda: f"compilers {pick.choice(('optics', 'logic', 'algebra'))} 37 38 39",
            "a word that is nowhere": lambda: "xylophon",
            "one CJK character": lambda: pick.choice("量热第数学講复重試"),
            "two CJK characters": lambda: pick.choice(("量子", "力学", "線形", "複習", "講義", "复习")),
            "200 characters": lambda: "'x \" a* NEAR(" * 20,
        }
        for name, draw in asked.items():
            yield Case(f"search: {name}", self._filtered(lambda draw=draw: SessionFilter(query=draw())))  # type: ignore[misc]
        yield Case(
            "search: one letter, a tag, a kind",
            self._filtered(lambda: SessionFilter(query=pick.choice("aelz"), tag=pick.choice(TAGS[:20]), kind="audio")),
        )

    def _file_lists(self) -> Iterator[Case]:
        pick = self._pick
        for sort in _FILE_SORTS:
            yield Case(
                f"a session's files by {sort}", self._session_files(sort, lambda: pick.randint(1, self._sessions))
            )
            yield Case(f"a large session's files by {sort}", self._session_files(sort, self._large))
        wanted: dict[str, Callable[[], FilesFilter]] = {
            "all": FilesFilter,
            "of a kind": lambda: FilesFilter(kind=pick.choice(("document", "caption", "other"))),
            "in a storage": lambda: FilesFilter(storage_id=pick.randint(1, 3)),
            "of a kind in a storage": lambda: FilesFilter(storage_id=pick.randint(1, 3), kind="audio"),
            "of a large session": lambda: FilesFilter(session_id=self._large()),
            "of a kind in a large session": lambda: FilesFilter(session_id=self._large(), kind="caption"),
            "in one storage alone": lambda: FilesFilter(place=pick.randint(1, 3)),
            "in several storages": lambda: FilesFilter(place=places.SEVERAL),
            "damaged": lambda: FilesFilter(place=places.DAMAGED),
            "in the outbox": lambda: FilesFilter(outbox=True),
            "of a rare kind in the outbox": lambda: FilesFilter(outbox=True, kind="other"),
        }
        for name, draw in wanted.items():
            yield Case(f"files {name}: first and second page", lambda db, draw=draw: _two_pages(db, draw()))  # type: ignore[misc]

    def _session_files(self, sort: lists.FileSort, session: Callable[[], int]) -> Callable[[Database], object]:
        def ask(db: Database) -> object:
            kind = self._pick.choice(_SOME_KINDS)
            wanted = SessionFilesFilter(kind, sort, reverse=self._pick.random() < 0.5)
            return lists.session_files_page(db, session(), wanted)

        return ask

    def _large(self) -> int:
        return self._pick.choice(self._made.large_sessions)

    def _others(self) -> Iterator[Case]:
        yield Case("recent sessions", lists.recent_sessions)
        yield Case("what the filter boxes offer", lists.choices)
        yield Case("totals and weeks", totals.read)
        yield Case("where everything is", places.parts, _PARTS_MS)
        yield Case("trash: first and second page", _trash)
        yield Case("opening a session", lambda db: _open(db, self._pick.randint(1, self._sessions)), _OPEN_MS)
        yield Case("opening a large session", lambda db: _open(db, self._large()), _OPEN_MS)


def _two_pages(db: Database, wanted: FilesFilter) -> None:
    page = lists.files_page(db, wanted)
    if page.next:
        lists.files_page(db, wanted, after=page.next)


def _trash(db: Database) -> None:
    page = lists.trash_page(db)
    if page.next:
        lists.trash_page(db, after=page.next)


def _open(db: Database, session_id: int) -> None:
    sessions.get(db, session_id)
    lectures.in_session(db, session_id)
    lists.session_files_page(db, session_id, SessionFilesFilter())
