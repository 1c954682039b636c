"""A whole bucket of Supabase becomes sessions, lectures and files of ours; nothing that it lists is left out."""

from datetime import UTC, datetime, timedelta

import pytest

from studybuddy.catalog import lectures
from studybuddy.catalog.migrations import Count
from studybuddy.errors import ConflictError, InvalidInputError, PermissionDeniedError
from studybuddy.importing.imports import INTERRUPTED
from tests.importing.conftest import Place, opened
from tests.samples import m4a, pdf, png


def test_folders_become_sessions_and_recordings_lectures(place: Place) -> None:
    place.put("Physics/Week 1/waves.m4a", m4a())
    place.put("Physics/Week 1/slides.pdf", pdf(), content_type="application/pdf")
    place.put("cover.png", png(2, 2), content_type="image/png")
    done = place.run()
    assert (done.state, done.count("done").files) == ("done", 3)
    found = place.files()
    assert {name: place.session_of(file) for name, file in found.items()} == {
        "waves.m4a": "Physics / Week 1", "slides.pdf": "Physics / Week 1", "cover.png": place.bucket,
    }  # fmt: skip
    assert [place.content(found[name]) for name in ("waves.m4a", "slides.pdf")] == [m4a(), pdf()]
    file = found["waves.m4a"]
    assert file.origin_url == place.url("Physics/Week%201/waves.m4a")
    with place.wiring.catalog.read() as db:
        lecture = lectures.of_file(db, file.id)
    assert lecture is not None
    assert (lecture.title, lecture.recorded_on) == ("waves", file.created_at[:10])


def test_names_and_times_are_kept_and_types_are_told_by_the_bytes(place: Place) -> None:
    place.put("a/what?.m4a", pdf(), content_type="audio/mp4")
    place.put("a/page.m4a", b"<!doctype html><p>Not found", content_type="audio/mp4")
    listed = {info.key: info for info in place.wiring.storages().named("supabase").driver.list()}
    place.run()
    found = place.files()
    assert {name: file.kind for name, file in found.items()} == {"what?.m4a": "document", "page.m4a": "document"}
    told = datetime.fromisoformat(found["what?.m4a"].created_at)
    assert told == listed["a/what?.m4a"].modified_at
    assert datetime.now(UTC) - told < timedelta(minutes=5)


def test_every_odd_key_comes_or_is_told_to_have_failed(place: Place) -> None:
    sendable = ("/lead.txt", "a//b.txt", "a/../b.txt", "trailing/", "it's (1)!*.txt", "..", "x.m4a?")
    for key in sendable:
        place.put(key, key.encode(), content_type="text/plain")
    place.put("no bytes.m4a", None)
    place.put("schöne Lesung.m4a", m4a())
    place.put("untyped.m4a", m4a(), content_type=None)
    place.put("Week 2/.emptyFolderPlaceholder", b"", content_type="application/octet-stream")
    done = place.run()
    assert done.state == "failed"
    assert done.count("done", "failed", "skipped").files == len(sendable) + 4
    told = place.problems(done)
    assert set(told) == {"no bytes.m4a", "schöne Lesung.m4a"}
    assert "no bytes behind it" in told["no bytes.m4a"]
    assert "refuses the characters" in told["schöne Lesung.m4a"]
    (skipped,) = place.problems(done, "skipped").values()
    assert "empty folder" in skipped
    contents = {place.content(file) for file in place.all_files()}
    assert contents == {key.encode() for key in sendable} | {m4a()}


def test_a_second_run_doubles_nothing_and_brings_what_is_new_or_was_changed(place: Place) -> None:
    place.put("a.txt", b"one", content_type="text/plain")
    place.put("b.txt", b"two", content_type="text/plain")
    first = place.run()
    place.put("b.txt", b"two, corrected", content_type="text/plain")
    place.put("c.txt", b"three", content_type="text/plain")
    second = place.run()
    assert second.id != first.id
    assert (second.count("there").files, second.count("done").files) == (1, 2)
    assert sorted(place.content(file) for file in place.all_files()) == [b"one", b"three", b"two", b"two, corrected"]
    assert place.run().count("there").files == 3


def test_what_was_written_anew_with_the_same_size_is_read_to_be_sure(place: Place) -> None:
    place.put("same.txt", b"one", content_type="text/plain")
    place.put("other.txt", b"one", content_type="text/plain")
    place.run()
    with place.wiring.catalog.write() as db:  # as if that had been long ago
        db.execute("UPDATE files SET created_at = '2020-01-01T00:00:00.000000Z'")
    place.put("other.txt", b"two", content_type="text/plain")
    again = place.run()
    assert (again.count("there").files, again.count("done").files) == (1, 1)
    assert sorted(place.content(file) for file in place.all_files()) == [b"one", b"one", b"two"]


def test_what_is_in_the_trash_stays_there_and_is_told(place: Place) -> None:
    place.put("a.txt", b"one", content_type="text/plain")
    place.run()
    place.wiring.library.trash_file(place.files()["a.txt"].id)
    again = place.run()
    assert again.count("there").files == 1
    assert "in the trash" in place.problems(again, "there")["a.txt"]


def test_files_go_to_the_storage_that_is_named_and_nowhere_else_when_it_fails(place: Place) -> None:
    for number in range(5):
        place.put(f"{number}.txt", str(number).encode(), content_type="text/plain")
    usb = place.folder / "usb"
    away = usb.rename(place.folder / "unplugged")
    usb.write_text("no folder")
    paused = place.run(target="usb")
    assert (paused.state, paused.count("todo").files) == ("paused", 5)
    assert paused.reason
    assert place.all_files() == []
    usb.unlink()
    away.rename(usb)
    done = place.run(target="usb")
    assert (done.id, done.state, done.count("done")) == (paused.id, "done", Count(5, 5))
    storage_id = place.wiring.storages().named("usb").id
    assert {file.storage_id for file in place.all_files()} == {storage_id}


def test_a_bucket_that_does_not_answer_pauses_the_import_until_it_does(place: Place) -> None:
    for number in range(3):
        place.put(f"{number}.txt", b"x", content_type="text/plain")
    place.server.traps(fail={"times": 1000, "path": "/object/authenticated", "status": 403, "code": "AccessDenied"})
    paused = place.run()
    assert (paused.state, paused.count("todo").files, paused.count("failed").files) == ("paused", 3, 0)
    assert "does not allow it" in paused.reason
    place.server.traps()
    assert place.run().count("done").files == 3


def test_what_cannot_be_listed_is_no_empty_bucket(place: Place) -> None:
    place.put("a.txt", b"x")
    place.server.traps(fail={"times": 1000, "path": "/object/list", "status": 403, "code": "AccessDenied"})
    begun = place.wiring.imports.begin(place.wiring.imports.bucket("supabase"))
    with pytest.raises(PermissionDeniedError):
        place.wiring.imports.run(begun.id)
    waiting = place.wiring.imports.get(begun.id)
    assert (waiting.state, waiting.is_listed, waiting.writer) == ("paused", False, None)
    place.server.traps()
    assert place.run().count("done").files == 1


def test_a_preview_writes_nothing(place: Place) -> None:
    place.put("a.txt", b"one", content_type="text/plain")
    place.run()
    place.put("Week 1/b.txt", b"three", content_type="text/plain")
    place.put("Week 1/c.txt", b"x", content_type=None)
    place.put("Week 2/.emptyFolderPlaceholder", b"")
    preview = place.wiring.imports.preview(place.wiring.imports.bucket("supabase"), target="usb")
    assert (preview.new, preview.there, preview.skipped, preview.unsized) == (Count(2, 5), Count(1, 3), 1, 1)
    assert preview.sessions == {"Week 1": Count(2, 5)}
    assert preview.target == "this computer · usb"
    assert len(place.all_files()) == 1
    assert len(place.wiring.imports.page()) == 1


def test_only_a_bucket_of_supabase_is_a_source_and_it_is_no_target(place: Place) -> None:
    with pytest.raises(InvalidInputError, match="no bucket of Supabase"):
        place.wiring.imports.bucket("local")
    with pytest.raises(ConflictError, match="read only"):
        place.wiring.imports.begin(place.wiring.imports.bucket("supabase"), target="supabase")


def test_a_living_process_keeps_its_import_and_a_dead_ones_can_go_on(place: Place) -> None:
    place.put("a.txt", b"x")
    begun = place.wiring.imports.begin(place.wiring.imports.bucket("supabase"))
    other = opened(place.folder, place.server, place.bucket)
    with place.wiring.catalog.write() as db:
        db.execute("UPDATE imports SET state = 'running', writer = ?", [other.claim.id])
    with pytest.raises(ConflictError, match="worked on"):
        place.wiring.imports.run(begun.id)
    place.wiring.imports.recover()
    assert place.wiring.imports.get(begun.id).state == "running"
    other.close()
    place.wiring.imports.recover()
    waiting = place.wiring.imports.get(begun.id)
    assert (waiting.state, waiting.reason) == ("paused", INTERRUPTED)
    assert place.run().state == "done"


def test_an_import_in_the_background_can_be_watched_and_paused(place: Place) -> None:
    for number in range(50):
        place.put(f"{number}.txt", b"x" * 1000, content_type="text/plain")
    imports = place.wiring.imports
    begun = imports.begin(imports.bucket("supabase"))
    imports.start(begun.id)
    while imports.live(begun.id) is None:
        pass
    imports.pause(begun.id)
    imports.stop()
    paused = imports.get(begun.id)
    assert (paused.state, paused.reason, paused.writer, imports.live(begun.id)) == ("paused", "", None, None)
    assert paused.count("todo", "done").files == 50
    assert place.run().count("done").files == 50
    assert len(place.files()) == 50


def test_an_import_in_the_background_keeps_others_from_beginning_and_tells_how_far_it_is(place: Place) -> None:
    for number in range(4):
        place.put(f"{number}.txt", b"x" * 1000, content_type="text/plain")
    place.server.traps(slow_s=1)
    imports = place.wiring.imports
    begun = imports.begin(imports.bucket("supabase"))
    assert (imports.worker(begun), imports.is_pausing(begun.id)) == (None, False)
    imports.start(begun.id)
    assert imports.worker(imports.get(begun.id)) == "here"
    with pytest.raises(ConflictError, match="is being worked on"):
        imports.start(begun.id)
    while not ((live := imports.live(begun.id)) and live.copying()):
        pass
    imports.pause(begun.id)
    assert imports.is_pausing(begun.id)
    imports.stop()
    place.server.traps()
    done = imports.progress(place.run())
    assert (done.whole, done.done, done.share) == (Count(4, 4000), Count(4, 4000), 1.0)


def test_what_keeps_a_background_import_from_listing_is_its_reason(place: Place) -> None:
    imports = place.wiring.imports
    begun = imports.begin(imports.bucket("supabase"))
    place.server.traps(html=True)
    imports.start(begun.id)
    imports.stop()
    paused = imports.get(begun.id)
    assert (paused.state, paused.writer) == ("paused", None)
    assert paused.reason
    assert imports.last(imports.bucket("supabase")) == paused


def test_looking_tells_how_much_is_listed(place: Place) -> None:
    for number in range(3):
        place.put(f"{number}.txt", b"x", content_type="text/plain")
    told: list[int] = []
    imports = place.wiring.imports
    imports.preview(imports.bucket("supabase"), on_progress=lambda now: told.append(now.listed))
    assert told == [3]


def test_what_failed_can_be_tried_again(place: Place) -> None:
    place.put("a.txt", None)
    failed = place.run()
    place.put("a.txt", b"there now", content_type="text/plain")
    place.wiring.imports.retry_failed(failed.id)
    assert place.wiring.imports.run(failed.id).state == "done"
    assert place.content(place.files()["a.txt"]) == b"there now"
