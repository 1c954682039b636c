"""A bound on the bytes that are held in memory at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class InFlight:
    """Bounds the bytes that are held at once. Who comes first is served first; more than the limit goes alone."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._free = limit
        self._turn = threading.Lock()
        self._freed = threading.Condition()

    def take(self, size: int) -> int:
        """Wait until there is room for `size` bytes; return what to give back."""
        size = min(size, self._limit)
        with self._turn, self._freed:
            self._freed.wait_for(lambda: self._free >= size)
            self._free -= size
        return size

    def give_back(self, taken: int) -> None:
        with self._freed:
            self._free += taken
            self._freed.notify_all()

    @contextmanager
    def holding(self, size: int) -> Iterator[None]:
        """Hold room for `size` bytes."""
        taken = self.take(size)
        try:
            yield
        finally:
            self.give_back(taken)
