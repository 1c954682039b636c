"""Work in threads, a bounded part of it at once, its results taken in order."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")

_THREADS = 6  # hashing and waiting both free the interpreter; each may hold two ranges of a large object
_AT_ONCE = 64


class Window(Generic[T]):
    """Hands each result to `take`; what a piece of work raises comes out of `add` or `drain`.

    `stop` is set when the block ends with an error, so that nobody waits for what is still being read.
    """

    def __init__(self, take: Callable[[T], None], stop: threading.Event) -> None:
        self._take = take
        self._stop = stop
        self._under_way: deque[Future[T]] = deque()
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="study-buddy-scan")

    def __enter__(self) -> "Window[T]":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if error is not None:
            self._stop.set()
        self._pool.shutdown(cancel_futures=True)

    def add(self, work: Callable[[], T]) -> None:
        """Begin a piece of work, as soon as there is room."""
        self._under_way.append(self._pool.submit(work))
        if len(self._under_way) >= _AT_ONCE:
            self._take(self._under_way.popleft().result())

    def drain(self) -> None:
        """Wait for all of it."""
        while self._under_way:
            self._take(self._under_way.popleft().result())
