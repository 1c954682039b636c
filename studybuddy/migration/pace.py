"""How fast a migration goes: how many objects at once, and how many bytes a second at most."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from studybuddy import status
from studybuddy.storage import Storage

_FEWEST, _MOST = 8, 256
_ASKED = 2
_OWN_MS = 4.0  # what two storages take that are asked at once and lie on this computer: Python's time, not the line's
_PER_MS = 4  # with 30 ms of latency, 128 at once are as fast as the line, and 32 three times slower (measured)


def workers_for(*storages: Storage) -> int:
    """Return how many objects to copy at once, by the latency of the slower storage."""
    with ThreadPoolExecutor(len(storages)) as pool:
        latency_ms = max(pool.map(_latency_ms, storages))
    return int(min(max(_FEWEST, (latency_ms - _OWN_MS) * _PER_MS), _MOST))


def _latency_ms(storage: Storage) -> float:
    # The first answer comes late: a connection is made for it, and clients are loaded.
    return min(status.ask(storage).seconds for _ in range(_ASKED)) * 1000


class Limit:
    """Lets at most so many bytes a second pass, over all threads."""

    def __init__(self, bytes_per_second: int | None, stopping: threading.Event) -> None:
        self.bytes_per_second = bytes_per_second
        self._stopping = stopping
        self._lock = threading.Lock()
        self._free_at = time.monotonic()

    def passing(self, size: int) -> None:
        """Wait until `size` bytes more may pass, or it is to stop."""
        if self.bytes_per_second is None:
            return
        with self._lock:
            now = time.monotonic()
            self._free_at = max(self._free_at, now) + size / self.bytes_per_second
            pause = self._free_at - now
        self._stopping.wait(pause)
