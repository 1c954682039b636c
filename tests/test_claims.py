"""Claims of processes that come and go while others look which of them still run."""

import sys
import threading
from pathlib import Path

import pytest

from studybuddy.claims import Claim


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "claims"


def test_a_claim_is_alive_until_it_is_released(folder: Path) -> None:
    one, other = Claim(folder), Claim(folder)
    assert one.alive(one.id)
    assert one.alive(other.id)
    assert not one.is_alone()
    other.release()
    assert not one.alive(other.id)
    assert one.is_alone()


def test_a_claim_whose_process_died_is_swept_away(folder: Path) -> None:
    claim = Claim(folder)
    (folder / "dead.lock").touch()
    claim.sweep()
    assert [path.stem for path in folder.iterdir()] == [claim.id]


def test_who_looks_at_claims_takes_no_new_one_for_dead(folder: Path) -> None:
    watching, done = Claim(folder), threading.Event()

    def look() -> None:
        while not done.is_set():
            watching.sweep()

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # so that a look comes between the making of a claim's file and its lock
    looking = [threading.Thread(target=look) for _ in range(2)]
    for thread in looking:
        thread.start()
    try:
        for _ in range(300):
            claim = Claim(folder)
            assert (folder / f"{claim.id}.lock").exists()
            claim.release()
    finally:
        done.set()
        sys.setswitchinterval(interval)
        for thread in looking:
            thread.join()
