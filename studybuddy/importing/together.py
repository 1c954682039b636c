"""What several threads want at the same time, done once for all of them."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

Wanted = TypeVar("Wanted")
Result = TypeVar("Result")


class Together(Generic[Wanted, Result]):
    """Calls `work` with what threads have asked for while the call before went on; each gets its own result."""

    def __init__(self, work: Callable[[Sequence[Wanted]], Sequence[Result]]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._waiting: list[tuple[Wanted, Future[Result]]] = []

    def __call__(self, wanted: Wanted) -> Result:
        """Return the result for `wanted`; what `work` raises is raised to all that it was called for."""
        future: Future[Result] = Future()
        with self._lock:
            self._waiting.append((wanted, future))
        with self._turn:
            if not future.done():  # else the thread before has done it as well
                self._do_waiting()
        return future.result()

    def _do_waiting(self) -> None:
        with self._lock:
            batch, self._waiting = self._waiting, []
        try:
            results = self._work([wanted for wanted, _ in batch])
        except BaseException as error:  # noqa: BLE001 - each of the threads raises it
            for _, future in batch:
                future.set_exception(error)
            return
        for (_, future), result in zip(batch, results, strict=True):
            future.set_result(result)
