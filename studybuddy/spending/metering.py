"""Keeps what the drivers count in the catalog: a while after the first count, and at the end."""

import logging
import threading
from collections.abc import Callable, Mapping

from studybuddy.catalog.connection import Catalog
from studybuddy.drivers.counters import Counter
from studybuddy.errors import StudyBuddyError

log = logging.getLogger(__name__)

_KEEP_AFTER_S = 30.0  # a crash loses no more


class Metering:
    """The counters of all storages. Nothing is written while nothing is counted; `close` it at the end."""

    def __init__(self, catalog: Catalog, *, keep_after_s: float = _KEEP_AFTER_S) -> None:
        self._catalog = catalog
        self._keep_after_s = keep_after_s
        self._writing = threading.Lock()  # the end waits for what is being written down
        self._lock = threading.Lock()  # of the three below
        self._counters: dict[str, Counter] = {}
        self._timer: threading.Timer | None = None
        self._closed = False

    def counter(self, identity: str) -> Counter:
        """Return the counter of the storage with this identity."""
        with self._lock:
            return self._counters.setdefault(identity, Counter(self._wait))

    def flush(self) -> None:
        """Write down what was counted; what cannot be written now is kept for the next time."""
        with self._writing:
            with self._lock:
                self._timer = None
                counters = dict(self._counters)
            self._keep(counters)

    def close(self) -> None:
        """Write down the rest, and wait for nothing more."""
        with self._lock:
            self._closed = True
            timer = self._timer
        if timer:
            timer.cancel()
        _logged(self.flush)

    def _keep(self, counters: Mapping[str, Counter]) -> None:
        taken = {identity: counts for identity, counter in counters.items() if (counts := counter.take())}
        if not taken:
            return
        from studybuddy.catalog import usage  # noqa: PLC0415  a start counts nothing

        try:
            with self._catalog.write() as db:
                for identity, counts in taken.items():
                    usage.add_counts(db, identity, ((one.day, one.what, one.amount) for one in counts))
        except BaseException:
            for identity, counts in taken.items():
                counters[identity].add(counts)
            raise

    def _wait(self) -> None:
        with self._lock:
            if self._timer or self._closed:
                return
            self._timer = threading.Timer(self._keep_after_s, _logged, [self.flush])
            self._timer.daemon = True
            self._timer.start()


def _logged(flush: Callable[[], None]) -> None:
    try:
        flush()
    except StudyBuddyError as error:
        log.warning("what the storages were asked is not written down yet: %s", error)
