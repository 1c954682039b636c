"""The worker and its child: what files hold is kept, what files do to the child stays there."""

import os
import socket
import threading

import pytest

from studybuddy.processing.results import Cue
from tests.processing.rig import Rig, rig_over
from tests.waiting import awaited


def test_what_a_file_holds_is_kept(rig: Rig) -> None:
    file = rig.add("first\nsecond\n!remark Page 3 has no text\n!facts 4000\n!made peaks of it\n", "week 1.txt")
    assert rig.job(file).state == "pending"
    rig.run()
    job = rig.job(file)
    assert (job.state, job.remarks, job.made, job.progress) == ("done", ("Page 3 has no text",), ("peaks",), 1.0)
    assert rig.pages(file) == ["first", "second"]
    assert rig.facts(file)["content_type"] == "text/plain; charset=utf-8"
    assert rig.library.file(file.id).duration_ms == 4000
    assert rig.wiring.processing.made(file.id, "peaks").path.read_text() == "peaks of it"
    assert list(rig.jobs_folder.iterdir()) == []


def test_what_is_read_again_replaces_what_was_read_before(rig: Rig) -> None:
    file = rig.add("first\n!cue 0 10 hello\n!made one\n")
    rig.run()
    rig.wiring.processing.again([file.id])
    assert rig.job(file).state == "pending"
    rig.run()
    assert rig.pages(file) == ["first"]
    assert rig.cues(file) == [Cue(0, 10, "hello")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("!encrypted", "The document is encrypted"),
        ("!bug x", "The file is damaged, or of a form that is not known here"),
        ("!bomb", "Reading it takes more than 1.1 GB of memory"),
        ("!die SIGSEGV", "The program that reads such files broke off: the file is damaged"),
        ("!leave", "The program that reads such files broke off: the file is damaged"),
        ("!lie nonsense", "The file is damaged, or of a form that is not known here"),
        ('!lie {"end": 7}', "The file is damaged, or of a form that is not known here"),
        ("!steal /etc/passwd", "The program that reads such files broke off: the file is damaged"),
    ],
)
def test_a_file_that_cannot_be_read_fails_with_its_reason_and_the_next_is_read(
    rig: Rig, text: str, reason: str
) -> None:
    bad, good = rig.add(f"some\n{text}\n", "bad.txt"), rig.add("good")
    rig.run()
    assert (rig.job(bad).state, rig.job(bad).reason) == ("failed", reason)
    assert rig.pages(bad) == []
    assert rig.pages(good) == ["good"]
    assert [one.file.name for one in rig.wiring.processing.failed().rows] == ["bad.txt"]
    assert list(rig.jobs_folder.iterdir()) == []
    rig.run()
    assert rig.job(bad).state == "failed"


def test_a_file_that_takes_for_ever_is_given_up(rig: Rig) -> None:
    file = rig.add("!spin")
    rig.run()
    assert rig.job(file).state == "failed"
    # Which comes first depends on how busy the computer is.
    assert rig.job(file).reason in {
        "Reading it takes more than 1 seconds of computing", "Reading it took far too long",
    }  # fmt: skip


def test_a_child_that_is_killed_from_outside_is_no_fault_of_the_file_but_not_for_ever(rig: Rig) -> None:
    file = rig.add("!die SIGKILL")
    rig.run()
    job = rig.job(file)
    assert (job.state, job.attempts) == ("pending", 1)
    assert job.next_at is not None
    for _ in range(4):
        with rig.wiring.catalog.write() as db:
            db.execute("UPDATE jobs SET next_at = ''")
        rig.run()
    assert rig.job(file).state == "failed"
    assert rig.job(file).reason == "The process that reads files was ended from outside"


def test_a_mistake_of_the_app_about_one_file_keeps_no_other_waiting(rig: Rig) -> None:
    odd, good = rig.add("!odd x"), rig.add("good")
    rig.run()
    assert (rig.job(odd).state, rig.job(odd).attempts, rig.job(odd).reason) == ("pending", 1, "The app made a mistake")
    assert rig.pages(good) == ["good"]


def test_a_child_reaches_no_network_and_knows_no_secret(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    with socket.create_server(("127.0.0.1", 0)) as server:
        file = rig.add(f"!look 127.0.0.1:{server.getsockname()[1]}")
        rig.run()
    facts = rig.facts(file)
    assert (facts["secret"], facts["nice"], facts["memory"]) == ("", min(os.nice(0) + 10, 19), 1024**3)
    if facts["network"] == "reached":
        pytest.skip("this system gives nobody a network of their own")


def test_text_without_end_is_cut_and_that_is_told(rig: Rig) -> None:
    file = rig.add("!long 9000000")
    rig.run()
    assert [len(page) for page in rig.pages(file)] == [4_000_000]
    assert rig.job(file).remarks == ("It holds more text than can be searched: the rest is left out",)


def test_a_stop_ends_the_reading_at_once_and_it_begins_anew_later(rig: Rig) -> None:
    file = rig.add("!sleep 6\nafter\n")
    thread = threading.Thread(target=rig.run)
    thread.start()
    awaited(lambda: rig.wiring.processing.status().current)
    rig.worker.stop()
    thread.join()
    assert rig.job(file).state == "pending"
    again = rig_over(rig.wiring)
    again.run()
    again.worker.close()
    assert rig.pages(file) == ["after"]


def test_how_far_the_reading_is_can_be_seen_by_all(rig: Rig) -> None:
    rig.add("!sleep 1.2\n!sleep 0\nafter\n")
    seen: list[float] = []
    rig.worker.run(on_progress=lambda _, done: seen.append(done))
    assert seen[:2] == [0.4, 0.4]


def test_files_of_kinds_that_hold_nothing_to_read_are_skipped(rig: Rig) -> None:
    file = rig.add("PK\x03\x04 no text", "a.bin")
    assert (rig.job(file).state, rig.job(file).reason) == ("skipped", "There is nothing to read in files of this kind")


def test_a_file_that_is_deleted_while_it_is_read_leaves_nothing(rig: Rig) -> None:
    file = rig.add("!made peaks\n!sleep 0.5\n")

    def purge(*_: object) -> None:
        rig.library.trash_file(file.id)
        rig.library.purge_file(file.id)

    rig.worker.run(on_progress=purge)
    assert list((rig.wiring.settings.data_dir / "derived").glob("*/*")) == []
    assert list(rig.jobs_folder.iterdir()) == []
    assert rig.wiring.processing.status().counts["processing"] == 0


def test_what_was_made_goes_with_its_file(rig: Rig) -> None:
    file = rig.add("!made peaks\n")
    rig.run()
    rig.library.trash_file(file.id)
    rig.library.purge_file(file.id)
    assert list((rig.wiring.settings.data_dir / "derived").iterdir()) == []


def test_what_a_dead_process_made_of_files_that_are_gone_is_swept(rig: Rig) -> None:
    file = rig.add("!made peaks\n")
    rig.run()
    stray = rig.wiring.settings.data_dir / "derived" / "99"
    stray.mkdir()
    (stray / "peaks.json").write_text("{}")
    rig.wiring.recovery.remove_stray_derived()
    assert [path.name for path in stray.parent.iterdir()] == [str(file.id)]


def test_what_is_lost_of_the_cache_is_made_again(rig: Rig) -> None:
    file = rig.add("!made peaks\n")
    rig.run()
    made = rig.wiring.processing.made(file.id, "peaks").path
    made.unlink()
    with pytest.raises(LookupError):
        rig.wiring.processing.made(file.id, "peaks")
    rig.run()
    assert made.exists()
