"""What the whole library adds up to, and what filters offer."""

from datetime import date

from studybuddy.catalog import files, lists, sessions, totals
from studybuddy.catalog.connection import Catalog
from tests.catalog import rows


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
