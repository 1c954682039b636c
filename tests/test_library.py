from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest

from studybuddy.adding.new_files import Added, NewFile
from studybuddy.catalog import files
from studybuddy.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    StudyBuddyError,
    TooLargeError,
)
from studybuddy.settings import load_settings
from studybuddy.wiring import Wiring, open_all
from tests.invariants import check_at_rest, digest, exists, temporary_files

PDF = b"%PDF-1.7\nthe slides of week 1"
MP3 = b"ID3\x04\x00\x00\x00\x00\x00\x00the recording of week 1"


@pytest.fixture
def wiring(tmp_path: Path) -> Iterator[Wiring]:
    environ = {"UPLOADS_DIR": f"{tmp_path}/uploads", "STUDY_BUDDY_DATA": f"{tmp_path}/data", "MAX_UPLOAD_MB": "1"}
    opened = open_all(load_settings(environ, env_file=tmp_path / "no.env"))
    yield opened
    check_at_rest(opened)
    opened.close()


def add(wiring: Wiring, content: bytes = PDF, name: str = "slides.pdf", *, session_id: int | None = None) -> Added:
    session_id = session_id or wiring.library.session_titled("Thermodynamics").id
    return wiring.library.add(BytesIO(content), NewFile(name, session_id))


def test_an_added_file_reads_back_with_its_hash_and_name(wiring: Wiring) -> None:
    added = add(wiring, name="Übung \u202e 1.pdf")
    assert added.stored_in == "this computer"
    assert added.wanted is None
    assert wiring.library.file(added.file.id).name == "Übung \u202e 1.pdf"
    assert digest(wiring, added.file.id) == (len(PDF), added.file.sha256)


def test_a_range_of_a_file_can_be_opened(wiring: Wiring) -> None:
    with wiring.library.open(add(wiring).file.id, start=1, stop=4) as stream:
        assert stream.read() == b"PDF"


def test_a_file_over_the_limit_is_refused_and_leaves_nothing(wiring: Wiring) -> None:
    with pytest.raises(TooLargeError, match="limit"):
        add(wiring, bytes(1024 * 1024 + 1))
    assert temporary_files(wiring) == []


def test_a_source_that_breaks_leaves_nothing(wiring: Wiring) -> None:
    class Breaking(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise ConnectionResetError("the line is cut")

    with pytest.raises(ConnectionResetError):
        wiring.library.add(Breaking(), NewFile("a.pdf", wiring.library.session_titled("S").id))


def test_a_name_with_nul_is_refused_and_leaves_nothing(wiring: Wiring) -> None:
    with pytest.raises(InvalidInputError, match="NUL"):
        add(wiring, name="a\x00.pdf")


def test_a_recording_gets_a_lecture_of_its_own_and_a_key_of_the_lecture(wiring: Wiring) -> None:
    file = add(wiring, MP3, "Week 1.mp3").file
    assert file.kind == "audio"
    with wiring.catalog.read() as db:
        key = db.execute("SELECT key FROM copies WHERE file_id = ?", [file.id]).fetchone()[0]
        lecture_id, title, audio = db.execute("SELECT id, title, audio_file_id FROM lectures").fetchone()
    assert (title, audio) == ("Week 1", file.id)
    assert key.startswith(f"audio/{lecture_id}_")
    assert key.endswith(".mp3")


def test_a_recording_can_be_added_to_a_lecture_that_waits_for_it(wiring: Wiring) -> None:
    session = wiring.library.create_session("Optics")
    lecture = wiring.library.create_lecture(session.id, "Lenses", recorded_on="2026-09-25")
    added = wiring.library.add(BytesIO(MP3), NewFile("rec.mp3", session.id, lecture_id=lecture.id))
    assert wiring.library.lecture(lecture.id).audio_file_id == added.file.id
    assert wiring.library.session(session.id).lecture_count == 1


def test_a_lecture_of_another_session_is_refused(wiring: Wiring) -> None:
    lecture = wiring.library.create_lecture(wiring.library.create_session("Optics").id, "Lenses")
    other = wiring.library.create_session("Waves")
    with pytest.raises(ConflictError, match="another session"):
        wiring.library.add(BytesIO(MP3), NewFile("rec.mp3", other.id, lecture_id=lecture.id))


def test_the_same_bytes_again_are_told_and_both_are_kept(wiring: Wiring) -> None:
    first = add(wiring).file
    second = add(wiring, session_id=wiring.library.create_session("Week 6").id)
    assert [(same.file_id, same.session_title) for same in second.duplicates] == [(first.id, "Thermodynamics")]
    assert exists(wiring, first.id)
    assert exists(wiring, second.file.id)


def test_a_duplicate_can_be_replaced_by_a_link_to_the_first(wiring: Wiring) -> None:
    first = add(wiring).file
    week_6 = wiring.library.create_session("Week 6")
    second = add(wiring, session_id=week_6.id).file
    wiring.library.use_existing(second.id, first.id)
    assert not exists(wiring, second.id)
    with wiring.catalog.read() as db:
        shown = files.in_session(db, week_6.id)
    assert [(file.id, file.linked) for file in shown] == [(first.id, True)]


def test_a_duplicate_recording_s_lecture_plays_the_first(wiring: Wiring) -> None:
    first = add(wiring, MP3, "a.mp3").file
    week_6 = wiring.library.create_session("Week 6")
    second = add(wiring, MP3, "b.mp3", session_id=week_6.id).file
    wiring.library.use_existing(second.id, first.id)
    with wiring.catalog.read() as db:
        rows = db.execute("SELECT title, audio_file_id FROM lectures ORDER BY id").fetchall()
    assert rows == [("a", first.id), ("b", first.id)]


def test_files_with_other_bytes_are_never_linked(wiring: Wiring) -> None:
    first, second = add(wiring).file, add(wiring, PDF + b"!").file
    with pytest.raises(ConflictError, match="same bytes"):
        wiring.library.use_existing(second.id, first.id)


def test_the_same_upload_finished_twice_makes_one_file(wiring: Wiring) -> None:
    new = NewFile("a.pdf", wiring.library.create_session("S").id, upload_id="0" * 32)
    first = wiring.library.add(BytesIO(PDF), new)
    assert wiring.library.add(BytesIO(PDF), new).file.id == first.file.id


def test_trash_restore_and_purge(wiring: Wiring) -> None:
    file = add(wiring).file
    with pytest.raises(ConflictError, match="not in the trash"):
        wiring.library.purge_file(file.id)
    assert wiring.library.trash_file(file.id).trashed_at
    assert wiring.library.session(file.session_id).file_count == 0
    assert wiring.library.restore_file(file.id).trashed_at is None
    assert wiring.library.session(file.session_id).file_count == 1
    wiring.library.trash_file(file.id)
    wiring.library.purge_file(file.id)
    with pytest.raises(NotFoundError):
        wiring.library.open(file.id).__enter__()


def test_a_session_comes_out_of_the_trash_with_just_the_files_that_went_in_with_it(wiring: Wiring) -> None:
    old, new = add(wiring).file, add(wiring, PDF + b"!").file
    wiring.library.trash_file(old.id)
    wiring.library.trash_session(old.session_id)
    wiring.library.restore_session(old.session_id)
    assert wiring.library.file(old.id).trashed_at
    assert wiring.library.file(new.id).trashed_at is None


def test_restoring_a_file_takes_its_session_out_of_the_trash(wiring: Wiring) -> None:
    file = add(wiring).file
    wiring.library.trash_session(file.session_id)
    wiring.library.restore_file(file.id)
    assert wiring.library.session(file.session_id).trashed_at is None


def test_purging_a_session_deletes_its_lectures_files_and_objects(wiring: Wiring) -> None:
    file = add(wiring, MP3, "a.mp3").file
    wiring.library.trash_session(file.session_id)
    wiring.library.purge_session(file.session_id)
    assert not exists(wiring, file.id)
    assert list(wiring.storages().local.driver.list()) == []


def test_nothing_is_added_to_a_session_in_the_trash(wiring: Wiring) -> None:
    session = wiring.library.create_session("Gone")
    wiring.library.trash_session(session.id)
    with pytest.raises(ConflictError, match="in the trash"):
        add(wiring, session_id=session.id)


def test_a_recording_moves_with_its_lecture(wiring: Wiring) -> None:
    file = add(wiring, MP3, "a.mp3").file
    target = wiring.library.create_session("Target")
    wiring.library.move_file(file.id, target.id)
    assert wiring.library.session(target.id).lecture_count == 1
    assert wiring.library.session(file.session_id).lecture_count == 0
    assert digest(wiring, file.id)[1] == file.sha256


def test_moving_back_takes_away_a_session_only_when_nothing_is_in_it_any_more(wiring: Wiring) -> None:
    library = wiring.library
    file = add(wiring, MP3, "a.mp3").file

    def there_and_back(name: str, change: Callable[[int], object]) -> bool:
        made = library.create_session(name)
        library.move_file(file.id, made.id)
        change(made.id)
        library.move_file(file.id, file.session_id, drop_empty=True)
        try:
            return bool(library.session(made.id))
        except NotFoundError:
            return False

    stays: dict[str, Callable[[int], object]] = {
        "file": lambda made: library.add(BytesIO(b"b"), NewFile("b.txt", made)),
        "trash": lambda made: library.trash_file(library.add(BytesIO(b"c"), NewFile("c.txt", made)).file.id),
        "lecture": lambda made: library.create_lecture(made, "Lecture"),
        "notes": lambda made: library.update_session(made, description="Mine"),
        "tag": lambda made: library.update_session(made, tags=["mine"]),
        "card": lambda made: wiring.cards.add("Why?", "So", session_id=made),
    }
    assert {name for name, change in stays.items() if there_and_back(name, change)} == set(stays)
    assert not there_and_back("nothing", lambda _: None)
    assert library.session(file.session_id).file_count == 1


def test_many_files_are_added_and_each_outcome_is_told(wiring: Wiring, tmp_path: Path) -> None:
    session = wiring.library.create_session("Many")
    folder = tmp_path / "mine"
    folder.mkdir()
    for number in range(230):
        (folder / f"{number:03}.txt").write_text(f"note {number}")
    (folder / "big.bin").write_bytes(bytes(2 * 1024 * 1024))
    paths = [*sorted(folder.iterdir()), folder / "missing.txt"]
    outcomes = list(wiring.library.add_many((path, NewFile(path.name, session.id)) for path in paths))
    assert [path for path, _ in outcomes] == paths
    failed = {path.name for path, outcome in outcomes if isinstance(outcome, StudyBuddyError)}
    assert failed == {"big.bin", "missing.txt"}
    assert wiring.library.session(session.id).file_count == 230
    assert len(list(folder.iterdir())) == 231


def test_titles_tags_and_dates_are_checked(wiring: Wiring) -> None:
    session = wiring.library.create_session("  Two \n lines ", tags=["exam", "Exam", "#week 1"])
    assert (session.title, session.tags) == ("Two lines", ("exam", "week 1"))
    with pytest.raises(InvalidInputError, match="empty"):
        wiring.library.create_session("  ")
    with pytest.raises(InvalidInputError, match="date"):
        wiring.library.create_lecture(session.id, "a", recorded_on="yesterday")
    changed = wiring.library.update_session(session.id, subject="Physics", tags=[])
    assert (changed.title, changed.subject, changed.tags) == ("Two lines", "Physics", ())


def test_a_deleted_lecture_s_recording_goes_to_the_trash(wiring: Wiring) -> None:
    file = add(wiring, MP3, "a.mp3").file
    with wiring.catalog.read() as db:
        lecture_id = db.execute("SELECT id FROM lectures").fetchone()[0]
    wiring.library.delete_lecture(lecture_id)
    assert wiring.library.file(file.id).trashed_at


def test_what_has_been_in_the_trash_for_thirty_days_goes_for_good(wiring: Wiring) -> None:
    old, recent = add(wiring).file, add(wiring, PDF + b"!").file
    gone = add(wiring, MP3, "a.mp3", session_id=wiring.library.create_session("Old").id).file
    wiring.library.trash_file(old.id)
    wiring.library.trash_file(recent.id)
    wiring.library.trash_session(gone.session_id)
    with wiring.catalog.write() as db:
        db.execute("UPDATE files SET trashed_at = '2020-01-01T00:00:00.000000Z' WHERE id = ?", [old.id])
        for table, column in (("files", "session_id"), ("sessions", "id")):
            sql = f"UPDATE {table} SET trashed_at = '2020-01-01T00:00:00.000000Z' WHERE {column} = ?"
            db.execute(sql, [gone.session_id])
    wiring.recovery.purge_old_trash()
    assert [exists(wiring, file.id) for file in (old, recent, gone)] == [False, True, False]
    with pytest.raises(NotFoundError):
        wiring.library.session(gone.session_id)
