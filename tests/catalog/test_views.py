"""The views that give other programs the sessions and lectures as they know them."""

import json

from studybuddy.catalog import copies, files, lectures, sessions
from studybuddy.catalog.connection import Catalog
from tests.catalog import rows


def test_study_sessions_give_names_urls_and_s3_keys_in_the_same_order(catalog: Catalog) -> None:
    with catalog.write() as db:
        session_id = rows.session(db, "Optics", subject="Physics", notes="read it")
        for name, key, storage_id in (("b.pdf", "k/1.pdf", rows.LOCAL), ("a “ä”.pdf", "k/2.pdf", rows.S3)):
            file_id = rows.begun(db, session_id, name)
            copies.settle_all(db, [copies.insert(db, file_id=file_id, storage_id=storage_id, key=key, writer="w")])
        rows.begun(db, session_id, "not acknowledged.pdf")
        files.set_trashed(db, [rows.file(db, session_id, "gone.pdf")], "2026-01-01T00:00:00.000000Z")
        row = db.execute("SELECT title, subject, description, files, file_urls, s3_keys FROM study_sessions").fetchone()
    assert row[:3] == ("Optics", "Physics", "read it")
    assert json.loads(row[3]) == ["b.pdf", "a “ä”.pdf"]
    assert json.loads(row[4]) == ["file:///uploads/k/1.pdf", "https://b.s3.eu-west-1.amazonaws.com/k/2.pdf"]
    assert json.loads(row[5]) == [None, "k/2.pdf"]


def test_a_session_without_files_has_empty_lists_and_one_in_the_trash_is_not_there(catalog: Catalog) -> None:
    with catalog.write() as db:
        rows.session(db, "Empty")
        sessions.update(db, rows.session(db, "Gone"), trashed_at="2026-01-01T00:00:00.000000Z")
        found = db.execute("SELECT title, files, file_urls, s3_keys FROM study_sessions").fetchall()
    assert found == [("Empty", "[]", "[]", "[]")]


def test_study_lectures_give_the_url_of_the_recording(catalog: Catalog) -> None:
    with catalog.write() as db:
        session_id = rows.session(db, "Optics")
        file_id = rows.file(db, session_id, "a.m4a", kind="audio")
        lecture_id = lectures.insert(db, session_id=session_id, title="One", recorded_on="2026-09-25")
        lectures.insert(db, session_id=session_id, title="Two", recorded_on=None)
        lectures.update(db, lecture_id, audio_file_id=file_id)
        key = copies.of_file(db, file_id)[0].key
        query = "SELECT title, recorded_on, audio_url FROM study_lectures ORDER BY id"
        assert db.execute(query).fetchall() == [("One", "2026-09-25", f"file:///uploads/{key}"), ("Two", None, None)]
        files.set_trashed(db, [file_id], "2026-01-01T00:00:00.000000Z")
        assert db.execute(query).fetchall()[0] == ("One", "2026-09-25", None)
