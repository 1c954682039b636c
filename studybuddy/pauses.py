"""Storages that did not answer are left alone for a while: a dead one costs one timeout, not one for each file."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from studybuddy.errors import StorageError, UnavailableError

_FIRST_S, _LONGEST_S = 30.0, 300.0
_TRIAL_S = 30.0  # longer than any storage takes to say nothing


@dataclass(slots=True)
class _Pause:
    error: UnavailableError
    seconds: float
    until: float  # by the clock, in seconds
    trying: bool = False  # whether somebody is finding out whether it is over


class Pauses:
    """The pauses of one process, each twice as long as the one before. Safe to use from several threads."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._pauses: dict[int, _Pause] = {}
        self._listeners: list[Callable[[int], None]] = []

    def on_end(self, listener: Callable[[int], None]) -> None:
        """Have `listener` told of each storage that answers again, on the thread that found out."""
        self._listeners.append(listener)

    @contextmanager
    def watch(self, storage_id: int, *, trial: bool = False) -> Iterator[None]:
        """Raise what the storage failed with when it is paused; else keep whether it answers in the block.

        An UnavailableError in the block begins a pause; a refusal is an answer and ends one, as success does.
        A `trial` is let through by a pause, to find out whether it is over.
        """
        if trial:
            self._try(storage_id)
        else:
            self.check(storage_id)
        try:
            yield
        except UnavailableError as error:
            self.begin(storage_id, error)
            raise
        except StorageError:
            self.clear(storage_id)  # it refuses, so it answers
            raise
        self.clear(storage_id)

    def check(self, storage_id: int) -> None:
        """Raise UnavailableError while a storage is paused.

        When the pause is over, one caller may try, and the others wait for what it finds out.
        """
        with self._lock:
            pause, now = self._pauses.get(storage_id), self._clock()
            if pause is None:
                return
            if now >= pause.until:
                pause.until, pause.trying = now + _TRIAL_S, True
                return
            error = pause.error
        raise UnavailableError(str(error), key=error.key, fix=error.fix)

    def begin(self, storage_id: int, error: UnavailableError) -> None:
        """Pause a storage that did not answer, for longer when it is paused already and has been tried again."""
        with self._lock:
            pause, now = self._pauses.get(storage_id), self._clock()
            if pause is None:
                self._pauses[storage_id] = _Pause(error, _FIRST_S, now + _FIRST_S)
            elif pause.trying:  # the others began before the pause
                pause.seconds = min(2 * pause.seconds, _LONGEST_S)
                pause.error, pause.until, pause.trying = error, now + pause.seconds, False

    def clear(self, storage_id: int) -> None:
        """End a storage's pause: it answers, or a person wants it tried now."""
        with self._lock:
            ended = self._pauses.pop(storage_id, None)
        if ended is not None:
            for listener in self._listeners:
                listener(storage_id)

    def waiting(self) -> set[int]:
        """Return the storages whose pauses are not over."""
        with self._lock:
            return {storage_id for storage_id, pause in self._pauses.items() if self._clock() < pause.until}

    def reason(self, storage_id: int) -> str | None:
        """Say why a storage is paused; None when it is not."""
        with self._lock:
            pause = self._pauses.get(storage_id)
            return None if pause is None else str(pause.error)

    def _try(self, storage_id: int) -> None:
        with self._lock:
            if storage_id in self._pauses:
                self._pauses[storage_id].trying = True
