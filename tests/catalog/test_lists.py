"""Lists and filters give what looking at every row would give, a page at a time."""

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import get_args

import pytest
from sqlite_utils import Database

from studybuddy.catalog import files, links, lists, narrowing, sessions, totals
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.lists import FilesFilter, FileSort, SessionFilesFilter, SessionFilter, SessionSort
from studybuddy.catalog.records import File, Session
from studybuddy.catalog.words import sort_key, wanted_words, words
from studybuddy.errors import InvalidInputError
from studybuddy.kinds import Kind
from tests.catalog import rows

TITLES = ("Thermodynamik", "Week 2", "Week 10", "量子力学", "Économie", "it's C++")
NAMES = ("lecture 1.pdf", "Übung.pdf", "复习.m4a", "thermo notes.txt", "IMG_77.jpg")
TAGS = ("exam", "Prüfung", "rare")
SUBJECTS = ("Physics", "Mathe", "")
KINDS: tuple[Kind, ...] = ("document", "audio", "image")
SESSION_SORTS: tuple[SessionSort, ...] = get_args(SessionSort)
SORT_VALUES: dict[str, Callable[[Session], str | int]] = {
    "updated": lambda session: session.updated_at,
    "created": lambda session: session.created_at,
    "title": lambda session: sort_key(session.title),
    "size": lambda session: session.size,
}


@pytest.fixture
def library(catalog: Catalog) -> Catalog:
    """A catalog of 120 sessions with a few files each, some in the trash."""
    pick = random.Random(5)
    with catalog.write() as db:
        for _ in range(120):
            tagged = tuple(tag for tag, share in zip(TAGS, (0.5, 0.3, 0.03), strict=True) if pick.random() < share)
            title, subject = f"{pick.choice(TITLES)} {pick.randrange(5)}", pick.choice(SUBJECTS)
            session_id = rows.session(db, title, subject=subject, notes=pick.choice(("", "read it")), tagged=tagged)
            day = date(2026, 1, 1) + timedelta(days=pick.randrange(30))
            for _ in range(pick.randrange(4)):
                kind, storage_id = pick.choice(KINDS), pick.choice((rows.LOCAL, rows.S3))
                size = pick.randrange(3)
                file_id = rows.file(db, session_id, pick.choice(NAMES), kind=kind, size=size, storage_id=storage_id)
                if pick.random() < 0.1:
                    files.set_trashed(db, [file_id], "2026-01-01T00:00:00.000000Z")
            trashed = "2026-02-01T00:00:00.000000Z" if pick.random() < 0.1 else None
            sessions.update(db, session_id, trashed_at=trashed)
            db.execute(
                "UPDATE sessions SET created_at = ?, updated_at = ? WHERE id = ?",
                [f"{day - timedelta(days=pick.randrange(9))}T12:00:00.000000Z", f"{day}T12:00:00.000000Z", session_id],
            )
    return catalog


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


@pytest.mark.parametrize("sort", get_args(FileSort))
@pytest.mark.parametrize("reverse", [False, True])
def test_a_sessions_files_come_in_each_order_with_those_linked_into_it(
    catalog: Catalog, sort: FileSort, reverse: bool
) -> None:
    with catalog.write() as db:
        session_id, other = rows.session(db, "A"), rows.session(db, "B")
        for number in range(12):
            kind = KINDS[number % 2]
            file_id = rows.file(db, other if number % 3 == 0 else session_id, f"f {number}", kind=kind, size=number % 5)
            if number % 3 == 0:
                links.insert(db, session_id=session_id, file_id=file_id)
        rows.begun(db, session_id, "not acknowledged")
        for kind_wanted in (None, "audio", "image"):
            wanted = SessionFilesFilter(kind_wanted, sort, reverse)
            expected = [file for file in files.in_session(db, session_id) if kind_wanted in {None, file.kind}]
            expected.sort(
                key=lambda file: (
                    {"name": sort_key(file.name), "size": file.size, "date": file.created_at}[sort],
                    file.id,
                ),
                reverse=(sort != "name") != reverse,
            )
            assert _all_of_session(db, session_id, wanted) == expected


def _all_of_session(db: Database, session_id: int, wanted: SessionFilesFilter) -> list[File]:
    found: list[File] = []
    after: str | None = None
    while True:
        page = lists.session_files_page(db, session_id, wanted, limit=3, after=after)
        found += page.rows
        after = page.next
        if after is None:
            return found


def test_files_are_listed_last_first_by_session_kind_storage_and_outbox(library: Catalog) -> None:
    with library.write() as db:
        waiting = [row[0] for row in db.execute("SELECT id FROM files WHERE storage_id = 1 AND id % 5 = 0").fetchall()]
        for file_id in waiting:
            files.update(db, file_id, wanted_storage_id=rows.S3)
        everything = db.execute("SELECT id FROM files WHERE trashed_at IS NULL ORDER BY id DESC").fetchall()
        live = [files.get(db, row[0]) for row in everything]
        for session_id in (None, 3, 50):
            for kind in (None, *KINDS):
                for storage_id in (None, rows.LOCAL, rows.S3):
                    for outbox in (False, True):
                        wanted = FilesFilter(session_id, kind, storage_id, outbox)
                        assert _all_files(db, wanted) == [file for file in live if _is_wanted(file, wanted)]


def _is_wanted(file: File, wanted: FilesFilter) -> bool:
    return (
        wanted.session_id in {None, file.session_id}
        and wanted.kind in {None, file.kind}
        and wanted.storage_id in {None, file.storage_id}
        and (not wanted.outbox or file.wanted_storage_id is not None)
    )


def _all_files(db: Database, wanted: FilesFilter) -> list[File]:
    found: list[File] = []
    after: str | None = None
    while True:
        page = lists.files_page(db, wanted, limit=9, after=after)
        found += page.rows
        after = page.next
        if after is None:
            return found


def test_the_trash_counts_the_files_that_went_in_with_their_session_and_lists_the_others(catalog: Catalog) -> None:
    early, late = "2026-01-01T00:00:00.000000Z", "2026-01-02T00:00:00.000000Z"
    with catalog.write() as db:
        kept, gone = rows.session(db, "Kept"), rows.session(db, "Gone")
        alone = rows.file(db, kept, "alone.pdf")
        before = rows.file(db, gone, "before.pdf", size=1)
        rows.file(db, gone, "with.pdf", size=20)
        rows.file(db, gone, "with too.pdf", size=300)
        files.set_trashed(db, [before, alone], early)
        files.trash_in_session(db, gone, late)
        sessions.update(db, gone, trashed_at=late)
        first = lists.trash_page(db, limit=2)
        second = lists.trash_page(db, limit=2, after=first.next)
    found = [(item.what, item.id, item.title, item.file_count, item.size) for item in first.rows + second.rows]
    assert found == [
        ("session", gone, "Gone", 2, 320),
        ("file", before, "before.pdf", 1, 1),
        ("file", alone, "alone.pdf", 1, 10),
    ]
    assert first.rows[0].kept_until == "2026-02-01T00:00:00.000000Z"
    assert (second.rows[0].session_title, second.next) == ("Kept", None)


def test_the_filter_boxes_offer_what_is_in_use(catalog: Catalog) -> None:
    with catalog.write() as db:
        session_id = rows.session(db, "A", subject="physics", tagged=("b", "A"))
        rows.session(db, "B", subject="Maths")
        gone = rows.session(db, "C", subject="Gone")
        sessions.update(db, gone, trashed_at="2026-01-01T00:00:00.000000Z")
        rows.file(db, session_id, "a.mp3", kind="audio", storage_id=rows.S3)
        offered = lists.choices(db)
    assert (offered.tags, offered.subjects) == (("A", "b"), ("Maths", "physics"))
    assert (offered.kinds, offered.storage_ids) == (("audio",), (rows.S3,))


def test_totals_tell_what_is_there_and_what_was_added_in_each_of_26_weeks(catalog: Catalog) -> None:
    with catalog.write() as db:
        session_id = rows.session(db, "A")
        for day in ("2026-09-21", "2026-09-25", "2026-09-20", "2026-03-30", "2026-03-29"):
            file_id = rows.begun(db, session_id, "a.mp3", kind="audio", size=7)
            files.update(db, file_id, created_at=f"{day}T10:00:00.000000Z")
            rows.copy(db, file_id)
        found = totals.read(db, today=date(2026, 9, 25))
    assert (found.sessions, found.files, found.bytes, found.recording_ms) == (1, 5, 35, 5000)
    assert [week.files for week in found.weeks] == [1, *[0] * 23, 1, 2]
    assert [found.weeks[0].monday, found.weeks[-1].monday] == [date(2026, 3, 30), date(2026, 9, 21)]


def test_recent_sessions_are_those_that_changed_last(catalog: Catalog) -> None:
    with catalog.write() as db:
        first, second = rows.session(db, "A"), rows.session(db, "B")
        sessions.touch(db, first)
        assert [session.id for session in lists.recent_sessions(db, limit=2)] == [first, second]
