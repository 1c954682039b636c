"""Whether each storage answers, asked in threads of their own: a page waits for none."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from studybuddy.errors import UnavailableError
from studybuddy.pauses import Pauses
from studybuddy.status import Answer, ask
from studybuddy.storage import Storage
from studybuddy.storages import Storages

_FRESH_S, _FAILED_FRESH_S = 15.0, 4.0  # so long nobody asks again
_STALE_S = 60.0  # older than this, an answer tells nothing


@dataclass(frozen=True, slots=True)
class _Known:
    answer: Answer
    at: float  # time.monotonic()


class Answers:
    """The last answer of each storage. What is found out is told to the pauses as well. Safe to use from threads."""

    def __init__(self, storages: Callable[[], Storages], pauses: Pauses) -> None:
        self._storages = storages
        self._pauses = pauses
        self._lock = threading.Lock()
        self._known: dict[int, _Known] = {}
        self._asking: dict[int, threading.Event] = {}

    def of(self, storage_id: int, *, wait_s: float = 0.0, anew: bool = False) -> Answer | None:
        """Return the last answer, None when there is none yet; ask again in the background when it is not fresh.

        Waits up to `wait_s` for one that is not known; `anew`: for whatever is known.
        """
        storage = self._storages().get(storage_id)
        known = self._known.get(storage_id)
        age_s = float("inf") if known is None or anew else time.monotonic() - known.at
        if age_s > (_FAILED_FRESH_S if known and known.answer.failure else _FRESH_S):
            done = self._ask(storage)
            if age_s > _STALE_S:
                done.wait(wait_s)
        return self._latest(storage_id)

    def _latest(self, storage_id: int) -> Answer | None:
        known = self._known.get(storage_id)
        return known.answer if known and time.monotonic() - known.at <= _STALE_S else None

    def _ask(self, storage: Storage) -> threading.Event:
        with self._lock:
            if (asking := self._asking.get(storage.id)) is not None:
                return asking
            done = self._asking[storage.id] = threading.Event()
        threading.Thread(target=self._run, args=(storage, done), name=f"ask-{storage.name}", daemon=True).start()
        return done

    def _run(self, storage: Storage, done: threading.Event) -> None:
        try:
            answer = ask(storage)
            self._known[storage.id] = _Known(answer, time.monotonic())
            self._tell(storage, answer)
        finally:
            with self._lock:
                del self._asking[storage.id]
            done.set()

    def _tell(self, storage: Storage, answer: Answer) -> None:
        if storage.kind == "local":
            return  # never paused: it is the way out when another one is
        if isinstance(answer.failure, UnavailableError):
            self._pauses.begin(storage.id, answer.failure)
        else:
            self._pauses.clear(storage.id)
