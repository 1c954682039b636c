"""The one background runner of a process: duties that come round, each in turn, on one thread."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Duty:
    name: str
    work: Callable[[], None]
    every_s: float
    due_at: float  # time.monotonic()


class Runner:
    """Runs duties until it is stopped. A duty that raises is logged and comes round again."""

    def __init__(self) -> None:
        self._duties: list[_Duty] = []
        self._wake = threading.Event()
        self._stopping = False
        self._hurried = False
        self._thread: threading.Thread | None = None

    def every(self, seconds: float, name: str, work: Callable[[], None], *, first_after_s: float = 0) -> None:
        """Do `work` again and again, `seconds` after it has ended; add duties before `start`."""
        self._duties.append(_Duty(name, work, seconds, time.monotonic() + first_after_s))

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._run, name="study-buddy-runner", daemon=True)
        self._thread.start()

    def hurry(self) -> None:
        """Do every duty at once; those under way are done again."""
        self._hurried = True
        self._wake.set()

    def stop(self, *, timeout_s: float = 10) -> None:
        """End after the duty under way, or after `timeout_s`."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            hurried, self._hurried = self._hurried, False
            for duty in self._duties:
                if not self._stopping and (hurried or duty.due_at <= time.monotonic()):
                    self._do(duty)
            pause = min((duty.due_at for duty in self._duties), default=time.monotonic() + 60) - time.monotonic()
            if not self._stopping:
                self._wake.wait(max(pause, 0))

    def _do(self, duty: _Duty) -> None:
        try:
            duty.work()
        except Exception:
            log.exception("%s failed; it comes round again", duty.name)
        duty.due_at = time.monotonic() + duty.every_s
