"""Lists of files, of a session, of all and of the trash: each file once, in its order, a page at a time."""

from typing import get_args

import pytest
from sqlite_utils import Database

from studybuddy.catalog import files, links, lists, sessions
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.lists import FilesFilter, FileSort, SessionFilesFilter
from studybuddy.catalog.records import File
from studybuddy.catalog.words import sort_key
from tests.catalog import rows
from tests.catalog.conftest import KINDS


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
