"""Counts what a storage is asked, and the bytes that go there and come from it: what a provider bills."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

# "begin" and "join" are the first and the last request of an object in parts; "get" reads bytes or a setting;
# "sent" and "received" are bytes of bodies.
Counted = Literal[
    "put", "copy", "post", "begin", "part", "join", "list", "get", "head", "delete", "abort", "sent", "received"
]
_DAY_S = 24 * 3600
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Count:
    """How much of one thing there was on one day."""

    day: str  # UTC, YYYY-MM-DD
    what: Counted
    amount: int


class Counter:
    """What one storage was asked since `take`. `begun` is called at the first count. Safe to use from several threads.

    What browsers read from the storage by links is not known here.
    """

    def __init__(self, begun: Callable[[], None] = lambda: None) -> None:
        self._begun = begun
        self._lock = threading.Lock()
        self._counts: dict[tuple[int, Counted], int] = {}

    def count(self, what: Counted, amount: int = 1) -> None:
        """Count something that happens now."""
        if amount:
            self._note(int(time.time() // _DAY_S), what, amount)

    def request(self, what: Counted, size: int) -> None:
        """Count a request and the bytes of its body."""
        self.count(what)
        self.count("sent", size)

    def take(self) -> list[Count]:
        """Return what was counted, and count from nothing again."""
        with self._lock:
            taken, self._counts = self._counts, {}
        return [Count(str(date.fromordinal(_EPOCH + day)), what, amount) for (day, what), amount in taken.items()]

    def add(self, counts: Iterable[Count]) -> None:
        """Count what was counted elsewhere, or was taken and could not be kept."""
        for one in counts:
            self._note(date.fromisoformat(one.day).toordinal() - _EPOCH, one.what, one.amount)

    def _note(self, day: int, what: Counted, amount: int) -> None:
        with self._lock:
            first = not self._counts
            self._counts[day, what] = self._counts.get((day, what), 0) + amount
        if first:
            self._begun()
