"""What many threads want at once is done for all of them by one, and each gets its own."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from studybuddy.importing.together import Together

THREADS = 8


class Work:
    """Doubles numbers; its first call waits until all others have come."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.all_have_come = threading.Event()

    def __call__(self, batch: Sequence[int]) -> list[int]:
        if not self.batches:
            self.batches.append(list(batch))
            assert self.all_have_come.wait(30)
        else:
            self.batches.append(list(batch))
        if 13 in batch:
            raise ZeroDivisionError
        return [2 * number for number in batch]


def wanted_by_many(work: Work, numbers: Sequence[int]) -> list[int | type[BaseException]]:
    """Have each number doubled by a thread of its own: the first alone, all others while it is at work."""
    together = Together(work)
    waiting = threading.Semaphore(0)

    def want(number: int) -> int | type[BaseException]:
        waiting.release()
        try:
            return together(number)
        except ZeroDivisionError as error:
            return type(error)

    with ThreadPoolExecutor(len(numbers)) as pool:
        futures = [pool.submit(want, number) for number in numbers]
        for _ in numbers:
            assert waiting.acquire(timeout=30)
        while len(work.batches[0] if work.batches else []) + len(together._waiting) < len(numbers):
            threading.Event().wait(0.001)
        work.all_have_come.set()
        return [future.result(30) for future in futures]


def test_each_gets_its_own_and_two_calls_are_enough() -> None:
    work = Work()
    assert wanted_by_many(work, range(THREADS)) == [2 * number for number in range(THREADS)]
    assert len(work.batches) <= 2
    assert sorted(number for batch in work.batches for number in batch) == list(range(THREADS))


def test_what_fails_is_raised_to_all_of_its_call_and_to_nobody_else() -> None:
    work = Work()
    results = wanted_by_many(work, [1, 13, 2])
    (failed,) = [batch for batch in work.batches if 13 in batch]
    expected = [ZeroDivisionError if number in failed else 2 * number for number in (1, 13, 2)]
    assert results == expected


@pytest.mark.parametrize("number", [1, 5])
def test_it_goes_on_after_a_failure(number: int) -> None:
    work = Work()
    work.all_have_come.set()
    together = Together(work)
    with pytest.raises(ZeroDivisionError):
        together(13)
    assert together(number) == 2 * number
