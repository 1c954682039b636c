"""How fast files would move: some of them are copied as a run would, to keys of their own that are deleted again."""

import logging
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import cycle, islice
from uuid import uuid4

from studybuddy.catalog.migrations import Item
from studybuddy.errors import StudyBuddyError
from studybuddy.migration.live import Live
from studybuddy.migration.pace import workers_for
from studybuddy.migration.threads import Threads
from studybuddy.storage import Storage
from studybuddy.units import KIB, MIB

log = logging.getLogger(__name__)

_SMALL = 256 * KIB  # up to here the number of files decides, above it their bytes
_AT_ONCE, _AT_ONCE_MANY = 32, 256  # small files in a round; the second where many are written together
_WHOLE_BYTES = 256 * MIB
_PIECES = (256 * KIB, MIB, 4 * MIB, 16 * MIB)
_LONG_ENOUGH_S = 0.4
_PATIENCE_S = 0.8  # nothing more is begun in a round after it


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


@dataclass(slots=True)
class Round:
    """Objects that are copied side by side. Safe to use from several threads."""

    sizes: list[int] = field(default_factory=list)  # bytes, as they end
    seconds: float = 0.0  # until the last one ended
    began: float = field(default_factory=time.monotonic)

    def add(self, size: int) -> None:
        """Count one more."""
        self.sizes.append(size)
        self.seconds = time.monotonic() - self.began

    def expect_time(self, _: int = 0) -> None:
        """Raise when the time for it is over."""
        if time.monotonic() > self.began + _PATIENCE_S:
            raise _Enough

    @property
    def each(self) -> float:
        """How many seconds an object took."""
        return self.seconds / len(self.sizes)

    @property
    def mean(self) -> float:
        """How many bytes an object had."""
        return sum(self.sizes) / len(self.sizes)


def measure(items: Sequence[Item], source: Storage, target: Storage) -> Speed | None:
    """Copy some of these items, for about two seconds, and leave nothing behind; None when none could be copied."""
    items = [item for item in items if item.source_key and not item.is_there]
    sample = _Sample(source, target)
    try:
        small = sample.of_small([item for item in items if item.size <= _SMALL])
        large = sample.of_large([item for item in items if item.size > _SMALL])
    finally:
        sample.clear()
    return speed_of(small, *large)


def speed_of(small: Round, *large: Round) -> Speed | None:
    """Say what a file and what a byte takes, from what the smallest and the largest objects took."""
    told = [one for one in (small, *large) if one.sizes]
    if not told:
        return None
    first, last = told[0], told[-1]
    if last is small:
        return Speed(last.each, 0.0)
    if last.mean < 2 * first.mean:  # of one size alone
        return Speed(0.0, last.each / last.mean)
    by_byte = max((last.each - first.each) / (last.mean - first.mean), 0.0)
    return Speed(max(first.each - by_byte * first.mean, 0.0), by_byte)


class _Sample:
    """Copies, timed."""

    def __init__(self, source: Storage, target: Storage) -> None:
        self._source = source
        self._target = target
        self._workers = workers_for(source, target)
        self._keys: list[str] = []

    def of_small(self, items: Sequence[Item]) -> Round:
        """Copy small files as a run does; the first round opens connections."""
        count = max(self._workers, _AT_ONCE_MANY if self._target.writes_many else _AT_ONCE)
        self._whole(items, count)
        return self._whole(items, 4 * count)

    def of_large(self, items: Sequence[Item]) -> list[Round]:
        """Copy large files, or pieces of them: one of 500 MB says nothing before it has wholly arrived."""
        by_size = sorted(items, key=lambda item: item.size)
        if by_size and self._is_copied_by_provider(by_size[0]):
            found = self._whole(by_size, max(_WHOLE_BYTES // by_size[-1].size, 1))
            if found.sizes:
                return [found]
        return self._in_pieces(by_size[::-1])

    def clear(self) -> None:
        """Delete what was copied."""
        with ThreadPoolExecutor(self._workers, thread_name_prefix="migration-sample") as pool:
            for key, error in zip(self._keys, pool.map(self._delete, self._keys), strict=True):
                if error:
                    log.warning("%s stays in %s until a scan: %s", key, self._target.label, error)

    def _whole(self, items: Sequence[Item], count: int) -> Round:
        found = Round()
        threads = Threads(
            self._source, self._target, count=self._workers, live=Live(), passing=found.expect_time,
            # What is wrong with a file is found out, and told, when it is to move.
            ended=lambda item, error: None if error else found.add(item.size),
        )  # fmt: skip
        with threads.working():
            threads.submit(
                replace(item, position=number, target_key=self._key())
                for number, item in enumerate(islice(cycle(items), count))
            )
        return found

    def _is_copied_by_provider(self, item: Item) -> bool:
        try:
            self._target.copy_from(self._source, item.source_key, self._key(), size=item.size, sha256=item.sha256)
        except StudyBuddyError:
            return False
        return True

    def _in_pieces(self, items: Sequence[Item]) -> list[Round]:
        """Copy pieces of files, larger and larger ones as long as they are there soon; the first round only opens
        connections, unless it takes all the time there is."""
        rounds: list[Round] = []
        for piece in _PIECES if items else ():
            rounds.append(self._round_of_pieces(items, piece))
            enough = _LONG_ENOUGH_S if len(rounds) > 1 else _PATIENCE_S
            if rounds[-1].seconds > enough or piece > items[0].size:
                break
        return rounds[1:] or rounds

    def _round_of_pieces(self, items: Sequence[Item], piece: int) -> Round:
        at_once = min(self._workers, len(items))
        with ThreadPoolExecutor(at_once, thread_name_prefix="migration-sample") as pool:
            found = Round()
            wait([pool.submit(self._copy, item, piece, found) for item in islice(cycle(items), 3 * at_once)])
        return found

    def _copy(self, item: Item, piece: int, found: Round) -> None:
        size = min(piece, item.size)
        with suppress(_Enough, StudyBuddyError):
            found.expect_time()
            with self._source.read(item.source_key, stop=size) as stream:
                self._target.write(self._key(), stream, size=size, sha256=None, content_type=item.content_type)
            found.add(size)

    def _key(self) -> str:
        key = f"study-buddy-check/{uuid4().hex}.bin"
        self._keys.append(key)
        return key

    def _delete(self, key: str) -> StudyBuddyError | None:
        try:
            self._target.delete(key)
        except StudyBuddyError as error:
            return error
        return None
