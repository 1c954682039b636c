"""How fast files would move: some of them are copied as a run would, to keys of their own that are deleted again."""

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from uuid import uuid4

from studybuddy.catalog.migrations import Item
from studybuddy.errors import StudyBuddyError
from studybuddy.migration.pace import workers_for
from studybuddy.moving import copy_object
from studybuddy.storage import Storage
from studybuddy.units import KIB

log = logging.getLogger(__name__)

_SMALL = 256 * KIB  # up to here the number of files decides, above it their bytes
_MOST_SMALL, _MOST_LARGE = 64, 8
_PATIENCE_S = 0.8  # for each of the two


class _Enough(Exception):
    """Raised inside a copy when the time is over; no error."""


@dataclass(frozen=True, slots=True)
class Speed:
    """What moving takes."""

    seconds_per_file: float
    seconds_per_byte: float

    def seconds(self, files: int, size: int, *, bytes_per_second: int | None) -> float:
        """Return about how long so many files and bytes take, at no more than so many bytes a second."""
        found = files * self.seconds_per_file + size * self.seconds_per_byte
        return max(found, size / bytes_per_second) if bytes_per_second else found


def measure(items: Sequence[Item], source: Storage, target: Storage) -> Speed | None:
    """Copy some of these items, for about two seconds, and leave nothing behind; None when none could be copied."""
    small = [item for item in items if item.size <= _SMALL][:_MOST_SMALL]
    large = sorted((item for item in items if item.size > _SMALL), key=lambda item: item.size)[:_MOST_LARGE]
    sample = _Sample(source, target)
    workers = workers_for(source, target)
    try:
        with ThreadPoolExecutor(workers, thread_name_prefix="migration-sample") as pool:
            sample.together(pool, (small or large)[:1])  # the first one opens connections
            of_small, of_large = sample.together(pool, small), sample.together(pool, large)
    finally:
        sample.clear()
    if not of_small.files and not of_large.bytes:
        return None
    return Speed(
        of_small.seconds / of_small.files if of_small.files else 0.0,
        of_large.seconds / of_large.bytes if of_large.bytes else 0.0,
    )


@dataclass(slots=True)
class _Taken:
    """What was copied, and when the last byte of it came."""

    began: float
    files: int = 0
    bytes: int = 0
    last: float = 0.0

    @property
    def seconds(self) -> float:
        return max(self.last - self.began, 0.0)


class _Sample:
    """Copies, timed."""

    def __init__(self, source: Storage, target: Storage) -> None:
        self._source = source
        self._target = target
        self._lock = threading.Lock()
        self._keys: list[str] = []

    def together(self, pool: ThreadPoolExecutor, items: Sequence[Item]) -> _Taken:
        """Copy these at once until the time is over."""
        taken = _Taken(time.monotonic())
        wait([pool.submit(self._copy, item, taken) for item in items])
        return taken

    def clear(self) -> None:
        """Delete what was copied."""
        for key in self._keys:
            try:
                self._target.delete(key)
            except StudyBuddyError as error:
                log.warning("%s stays in %s until a scan: %s", key, self._target.label, error)

    def _copy(self, item: Item, taken: _Taken) -> None:
        until = taken.began + _PATIENCE_S
        if time.monotonic() > until or item.is_there or not item.source_key:
            return
        key = f"study-buddy-check/{uuid4().hex}.bin"
        passed = 0

        def passing(size: int) -> None:
            nonlocal passed
            passed += size
            self._note(taken, size)
            if time.monotonic() > until:
                raise _Enough

        self._keys.append(key)
        # What is wrong with a file is found out, and told, when it is to move.
        with suppress(_Enough, StudyBuddyError):
            copy_object(
                self._source, item.source_key, self._target, key,
                size=item.size, sha256=item.sha256, content_type=item.content_type, passing=passing,
            )  # fmt: skip
            self._note(taken, item.size - passed, files=1)

    def _note(self, taken: _Taken, size: int, *, files: int = 0) -> None:
        with self._lock:
            taken.files += files
            taken.bytes += size
            taken.last = time.monotonic()
