"""Lists and filters give what looking at every row would give, a page at a time."""

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import get_args

import pytest
from sqlite_utils import Database

from studybuddy.catalog import files, links, lists, narrowing, sessions
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.lists import FilesFilter, SessionFilesFilter, SessionFilter, SessionSort
from studybuddy.catalog.records import Session
from studybuddy.catalog.words import sort_key, wanted_words, words
from studybuddy.errors import InvalidInputError
from tests.catalog import rows
from tests.catalog.conftest import KINDS, SUBJECTS, TAGS

SESSION_SORTS: tuple[SessionSort, ...] = get_args(SessionSort)
SORT_VALUES: dict[str, Callable[[Session], str | int]] = {
    "updated": lambda session: session.updated_at,
    "created": lambda session: session.created_at,
    "title": lambda session: sort_key(session.title),
    "size": lambda session: session.size,
}


def all_sessions(db: Database, wanted: SessionFilter, *, limit: int) -> list[Session]:
    """Read a whole list, page by page."""
    found: list[Session] = []
    after: str | None = None
    while True:
        page = lists.sessions_page(db, wanted, limit=limit, after=after)
        assert len(page.rows) == limit or page.next is None
        found += page.rows
        after = page.next
        if after is None:
            return found


def meets(db: Database, session: Session, wanted: SessionFilter) -> bool:
    """Tell whether a session meets a filter, the slow way."""
    held = [file for file in files.in_session(db, session.id) if not file.linked]
    places = [(file.kind, file.storage_id) for file in held]
    texts = [session.title, session.subject, session.description, *session.tags, *(file.name for file in held)]
    found = [word for text in texts for word in words(text)]
    day = date.fromisoformat(session.updated_at[:10])
    return (
        all(any(word.startswith(start) for word in found) for start in wanted_words(wanted.query))
        and (wanted.tag is None or wanted.tag in session.tags)
        and wanted.subject in {None, session.subject}
        and (
            (wanted.kind is None and wanted.storage_id is None)
            or any(wanted.kind in {None, kind} and wanted.storage_id in {None, place} for kind, place in places)
        )
        and (wanted.since is None or day >= wanted.since)
        and (wanted.until is None or day <= wanted.until)
    )


def filters(pick: random.Random) -> Iterator[SessionFilter]:
    """Yield filters of every shape."""
    queries = ("", "", "t", "w", "thermo", "thermo lecture", "ubung read", "量子", "量", "week 1", "复习 exam", "zz")
    for sort in SESSION_SORTS:
        for reverse in (False, True):
            for _ in range(6):
                since = date(2026, 1, 1) + timedelta(days=pick.randrange(30))
                yield SessionFilter(
                    query=pick.choice(queries),
                    tag=pick.choice((None, None, *TAGS)),
                    subject=pick.choice((None, None, *SUBJECTS)),
                    kind=pick.choice((None, None, *KINDS)),
                    storage_id=pick.choice((None, None, rows.LOCAL, rows.S3)),
                    since=pick.choice((None, None, since)),
                    until=pick.choice((None, None, since + timedelta(days=9))),
                    sort=sort,
                    reverse=reverse,
                )


# Small numbers make a few rows take the ways that many rows would take.
@pytest.mark.parametrize(("many", "stretch"), [(20_000, 3_000), (5, 5), (1, 200), (1, 1), (200, 0)])
def test_every_filter_gives_what_looking_at_all_sessions_gives(
    library: Catalog, monkeypatch: pytest.MonkeyPatch, many: int, stretch: int
) -> None:
    monkeypatch.setattr(narrowing, "_MANY", many)
    monkeypatch.setattr(narrowing, "_STRETCH", stretch)
    monkeypatch.setattr(narrowing, "_DENSE", stretch)
    with library.read() as db:
        live = [sessions.get(db, row[0]) for row in db.execute("SELECT id FROM sessions WHERE trashed_at IS NULL")]
        for wanted in filters(random.Random(many)):
            expected = [session for session in live if meets(db, session, wanted)]
            newest_first = wanted.sort != "title"
            expected.sort(
                key=lambda session: (SORT_VALUES[wanted.sort](session), session.id),
                reverse=newest_first != wanted.reverse,
            )
            assert all_sessions(db, wanted, limit=7) == expected, wanted


@pytest.mark.parametrize(
    "query",
    ['"', "it's", "NEAR(", "-x", "(a", "'; DROP TABLE files;--", "x " * 50_000, "a\x00b", "\ud800", "* OR *", "title:",
     "%", "_", "AND", "NOT", "a" * 300, "{}", "\\", "🎓", "\u202e", "量" * 300, "C++", "^a", "()", "\U0010ffff"],
)  # fmt: skip
def test_any_query_gives_results_or_an_empty_list(library: Catalog, query: str) -> None:
    with library.read() as db:
        lists.sessions_page(db, SessionFilter(query=query))
        assert db.execute("SELECT count(*) FROM files").fetchone()[0] > 0


def test_a_query_without_any_word_finds_nothing_and_an_empty_one_everything(library: Catalog) -> None:
    with library.read() as db:
        assert lists.sessions_page(db, SessionFilter(query='"- ')).rows == ()
        assert lists.sessions_page(db, SessionFilter(query="  ")).rows


def test_what_stands_behind_200_characters_of_a_query_is_not_looked_at(catalog: Catalog) -> None:
    with catalog.write() as db:
        rows.session(db, "Optics")
        assert lists.sessions_page(db, SessionFilter(query="optics" + " " * 194 + "zebra")).rows
        assert not lists.sessions_page(db, SessionFilter(query="optics" + " " * 193 + "zebra")).rows


def test_words_may_stand_in_different_places(catalog: Catalog) -> None:
    with catalog.write() as db:
        found = rows.session(db, "Thermodynamics", subject="Physics", notes="bring a ruler", tagged=("exam",))
        rows.file(db, found, "Folien für Montag.pptx")
        rows.session(db, "Thermodynamics")
        page = lists.sessions_page(db, SessionFilter(query="EXA phys rul therm fur folien"))
    assert [session.id for session in page.rows] == [found]


def test_a_session_is_found_by_a_file_that_is_linked_into_it_until_that_is_thrown_away(catalog: Catalog) -> None:
    with catalog.write() as db:
        first, second = rows.session(db, "A"), rows.session(db, "B")
        file_id = rows.file(db, first, "entropy.pdf")
        links.insert(db, session_id=second, file_id=file_id)
        assert {session.id for session in lists.sessions_page(db, SessionFilter(query="entr")).rows} == {first, second}
        files.set_trashed(db, [file_id], "2026-01-01T00:00:00.000000Z")
        assert lists.sessions_page(db, SessionFilter(query="entr")).rows == ()


def test_unknown_tags_subjects_and_storages_give_an_empty_list(library: Catalog) -> None:
    with library.read() as db:
        for wanted in (
            SessionFilter(tag="\ud800"),
            SessionFilter(subject="no"),
            SessionFilter(subject="\ud800"),
            SessionFilter(storage_id=9),
        ):
            assert lists.sessions_page(db, wanted).rows == ()


@pytest.mark.parametrize("cursor", ["x", "é", "W10", "bnVsbA", "=", "[]", "W1sxXV0", "A" * 5000, "WyJmaWxlcyIsMV0"])
def test_a_cursor_that_is_not_of_the_list_is_refused(library: Catalog, cursor: str) -> None:
    with library.read() as db:
        with pytest.raises(InvalidInputError):
            lists.sessions_page(db, SessionFilter(), after=cursor)
        with pytest.raises(InvalidInputError):
            lists.trash_page(db, after=cursor)
        with pytest.raises(InvalidInputError):
            lists.session_files_page(db, 1, SessionFilesFilter(), after=cursor)


def test_a_cursor_of_another_order_or_session_is_refused(library: Catalog) -> None:
    with library.read() as db:
        cursor = lists.sessions_page(db, SessionFilter(sort="title"), limit=1).next
        with pytest.raises(InvalidInputError):
            lists.sessions_page(db, SessionFilter(sort="title", reverse=True), after=cursor)
        with pytest.raises(InvalidInputError):
            lists.files_page(db, FilesFilter(), after=cursor)
