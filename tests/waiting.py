"""Waiting for what others do: as long as a busy computer may take, and no longer than it takes here."""

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE_S = 120.0
T = TypeVar("T")


def awaited(ask: Callable[[], T], good: Callable[[T], object] = bool) -> T:
    """Ask until the answer is good, and return it; fail with the last one when it never is."""
    deadline = time.monotonic() + PATIENCE_S
    while not good(answer := ask()):
        assert time.monotonic() < deadline, f"it is still {answer!r}"
        time.sleep(0.02)
    return answer
