"""Pauses: one timeout for a dead storage, one caller that finds out whether it is back."""

import threading
from dataclasses import dataclass

import pytest

from studybuddy.errors import PermissionDeniedError, UnavailableError
from studybuddy.pauses import Pauses

S3 = 7


@dataclass
class Clock:
    """Goes only when it is told to."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def fail(pauses: Pauses, *, trial: bool = False) -> None:
    with pytest.raises(UnavailableError, match="no answer"), pauses.watch(S3, trial=trial):
        raise UnavailableError("no answer", key="k", fix="Wait.")


def test_a_paused_storage_gives_its_error_without_being_asked() -> None:
    pauses = Pauses()
    fail(pauses)
    with pytest.raises(UnavailableError, match="no answer") as caught, pauses.watch(S3):
        raise AssertionError("asked")
    assert (caught.value.key, caught.value.fix) == ("k", "Wait.")
    assert pauses.reason(S3) == "no answer"


def test_other_storages_are_not_paused() -> None:
    pauses = Pauses()
    fail(pauses)
    pauses.check(S3 + 1)
    assert pauses.reason(S3 + 1) is None


def test_after_a_pause_one_caller_tries_and_the_others_still_get_the_error() -> None:
    clock = Clock()
    pauses = Pauses(clock=clock)
    fail(pauses)
    clock.now += 30
    outcomes: list[str] = []
    barrier = threading.Barrier(8)

    def ask() -> None:
        barrier.wait()
        try:
            pauses.check(S3)
            outcomes.append("tried")
        except UnavailableError:
            outcomes.append("spared")

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["spared"] * 7 + ["tried"]


def test_a_pause_grows_only_when_the_storage_was_tried_again() -> None:
    clock = Clock()
    pauses = Pauses(clock=clock)
    for _ in range(5):  # what was under way when the pause began
        pauses.begin(S3, UnavailableError("no answer"))
    clock.now += 30
    for seconds in (60, 120, 240, 300, 300):
        fail(pauses)
        clock.now += seconds - 1
        with pytest.raises(UnavailableError):
            pauses.check(S3)
        clock.now += 1


@pytest.mark.parametrize("refused", [False, True])
def test_an_answer_ends_a_pause_and_is_told_once(refused: bool) -> None:
    told: list[int] = []
    pauses = Pauses()
    pauses.on_end(told.append)
    fail(pauses)
    for _ in range(2):
        try:
            with pauses.watch(S3, trial=True):
                if refused:
                    raise PermissionDeniedError("not yours")
        except PermissionDeniedError:
            pass
    pauses.check(S3)
    assert told == [S3]
    assert pauses.reason(S3) is None


def test_a_trial_that_fails_keeps_the_pause() -> None:
    pauses = Pauses()
    fail(pauses)
    fail(pauses, trial=True)
    with pytest.raises(UnavailableError):
        pauses.check(S3)
