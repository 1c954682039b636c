"""What a page learns of a storage without waiting for it."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from studybuddy.answers import Answers
from studybuddy.drivers.local.driver import LocalDriver
from studybuddy.drivers.s3.driver import S3Driver
from studybuddy.errors import UnavailableError
from studybuddy.pauses import Pauses
from studybuddy.settings.places import LocalSettings, S3Settings, Secret
from studybuddy.status import Answer
from studybuddy.storage import Storage
from studybuddy.storages import Storages
from tests.waiting import PATIENCE_S, awaited

LOCAL, DEAD = 1, 2


@pytest.fixture
def storages(tmp_path: Path) -> Storages:
    """A folder, and a bucket whose server is not there."""
    local = Storage(LOCAL, "local", "local:a", LocalDriver(tmp_path), "this computer", LocalSettings(tmp_path))
    place = S3Settings("bucket", "us-east-1", "http://127.0.0.1:9", access_key_id="key", secret_access_key=Secret("s"))
    dead = replace(local, id=DEAD, name="s3", driver=S3Driver(place), place=place)
    return Storages({LOCAL: local, DEAD: dead}, {}, target=dead, local=local, default=dead)


def answer_of(answers: Answers, storage_id: int) -> Answer:
    answer = awaited(lambda: answers.of(storage_id, wait_s=0.05), lambda answer: answer is not None)
    assert answer is not None
    return answer


def test_a_dead_storage_delays_nobody_and_is_paused_once_it_is_found_out(storages: Storages) -> None:
    pauses = Pauses()
    answers = Answers(lambda: storages, pauses)
    started = time.monotonic()
    assert answers.of(DEAD) is None
    assert time.monotonic() - started < 3
    assert isinstance(answer_of(answers, DEAD).failure, UnavailableError)
    assert pauses.reason(DEAD)


def test_a_storage_that_answers_ends_its_pause(storages: Storages, tmp_path: Path) -> None:
    back = replace(storages.opened[DEAD], driver=LocalDriver(tmp_path))
    pauses = Pauses()
    pauses.begin(DEAD, UnavailableError("it was gone"))
    answers = Answers(lambda: replace(storages, opened={DEAD: back}), pauses)
    assert answer_of(answers, DEAD).failure is None
    assert pauses.reason(DEAD) is None


def test_the_folder_of_this_computer_is_never_paused(storages: Storages, tmp_path: Path) -> None:
    pauses = Pauses()
    gone = replace(storages.local, place=LocalSettings(tmp_path / "gone"))
    answers = Answers(lambda: replace(storages, opened={LOCAL: gone}), pauses)
    assert isinstance(answer_of(answers, LOCAL).failure, UnavailableError)
    assert pauses.reason(LOCAL) is None


def test_a_fresh_answer_is_told_again_unless_asked_anew(storages: Storages) -> None:
    answers = Answers(lambda: storages, Pauses())
    first = answer_of(answers, LOCAL)
    assert answers.of(LOCAL) is first
    assert answers.of(LOCAL, wait_s=PATIENCE_S, anew=True) is not first
