"""The queue: what is due, in which order, who has it, what a trash or a dead storage means for it."""

from dataclasses import replace
from pathlib import Path

import pytest

from studybuddy.catalog import processing
from studybuddy.claims import Claim
from studybuddy.errors import ConflictError
from studybuddy.processing.queue import Queue
from tests.outbox.rig import SILENT
from tests.outbox.rig import rig as bucket_rig
from tests.processing.rig import Rig, rig_over


def counted(rig: Rig) -> dict[str, int]:
    return {state: files for state, files in rig.wiring.processing.status().counts.items() if files}


def test_what_is_asked_for_comes_before_what_was_added_and_that_before_what_was_there(rig: Rig) -> None:
    files = [rig.add(f"{number}", f"{number}.txt") for number in range(4)]
    with rig.wiring.catalog.write() as db:
        db.execute("UPDATE jobs SET urgency = 2 WHERE file_id = ?", [files[0].id])
    rig.wiring.processing.again([files[3].id])
    order = [rig.wiring.processing.take() for _ in files]
    assert [file.name for file in order if file] == ["3.txt", "1.txt", "2.txt", "0.txt"]
    assert rig.wiring.processing.take() is None
    assert counted(rig) == {"processing": 4}


def test_what_is_in_the_trash_waits_and_is_not_counted(rig: Rig) -> None:
    file = rig.add("text")
    rig.library.trash_file(file.id)
    assert rig.wiring.processing.take() is None
    assert counted(rig) == {}
    with pytest.raises(ConflictError, match="in the trash"):
        rig.wiring.processing.again([file.id])
    rig.library.restore_file(file.id)
    assert counted(rig) == {"pending": 1}
    rig.run()
    assert counted(rig) == {"done": 1}


def test_counts_are_right_whatever_happens(rig: Rig) -> None:
    files = [rig.add("text" if number % 2 else "!bug x", f"{number}.txt") for number in range(6)]
    rig.add("PK\x03\x04", "a.zip")
    rig.run()
    rig.library.trash_file(files[0].id)
    rig.library.trash_file(files[1].id)
    rig.library.purge_file(files[1].id)
    rig.wiring.processing.again([files[3].id])
    with rig.wiring.catalog.read() as db:
        true = dict(db.execute("SELECT state, count(*) FROM jobs WHERE trashed = 0 GROUP BY 1").fetchall())
        assert counted(rig) == true == {"pending": 1, "failed": 2, "done": 1, "skipped": 1}
        assert processing.counts_in(db, files[0].session_id) == true


def test_a_dead_processs_file_is_taken_again_and_a_living_ones_is_not(rig: Rig, tmp_path: Path) -> None:
    file = rig.add("text")
    other = Claim(rig.wiring.settings.data_dir / "claims")
    with rig.wiring.catalog.write() as db:
        assert processing.take(db, file.id, other.id)
    rig.run()
    assert rig.job(file).state == "processing"
    other.release()
    rig.run()
    assert rig.pages(file) == ["text"]


def test_what_failed_is_read_again_when_it_is_asked_for(rig: Rig) -> None:
    files = [rig.add("!bug x", f"{number}.txt") for number in range(3)]
    rig.run()
    first = rig.wiring.processing.failed(limit=2)
    rest = rig.wiring.processing.failed(limit=2, after=first.next)
    assert [one.file.id for one in (*first.rows, *rest.rows)] == [file.id for file in files]
    assert rest.next is None
    assert rig.wiring.processing.again_failed() == 3
    assert counted(rig) == {"pending": 3}


def test_what_is_skipped_cannot_be_asked_for(rig: Rig) -> None:
    file = rig.add("PK\x03\x04", "a.zip")
    with pytest.raises(ConflictError, match="nothing to read"):
        rig.wiring.processing.again([file.id])


def test_a_storage_that_does_not_answer_only_delays(rig: Rig, tmp_path: Path) -> None:
    far = bucket_rig(rig.wiring, tmp_path / "bucket")
    away, here = far.add(b"far away").file, rig.add("here")
    far.bucket.failure = SILENT
    wiring = rig.wiring
    queue = Queue(wiring.catalog, lambda: far.storages, wiring.pauses, wiring.claim)
    other = replace(wiring, library=far.library)
    other.processing = queue
    reading = rig_over(other)
    far.bucket.asked = 0
    reading.run()
    assert (rig.job(away).state, rig.job(away).attempts) == ("pending", 0)
    assert rig.job(away).reason == "my-bucket does not answer"
    assert rig.pages(here) == ["here"]
    reading.run()
    assert far.bucket.asked == 1  # left alone while it is paused
    far.bucket.failure = None
    far.wiring.pauses.clear(far.storages.target.id)
    with rig.wiring.catalog.write() as db:
        db.execute("UPDATE jobs SET next_at = ''")
    reading.run()
    assert rig.pages(away) == ["far away"]
    assert list(rig.jobs_folder.iterdir()) == []
    reading.worker.close()
