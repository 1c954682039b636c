"""The threads that copy a migration's items: each item by itself, or small ones together where that is quicker."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from queue import SimpleQueue

from studybuddy.catalog.migrations import Item
from studybuddy.drivers.driver import Held
from studybuddy.errors import IntegrityError
from studybuddy.in_flight import InFlight
from studybuddy.migration.copying import copy_item, fetch_item
from studybuddy.migration.live import Current, Live
from studybuddy.settings.places import LocalSettings
from studybuddy.storage import Storage
from studybuddy.streams import Passing
from studybuddy.units import MIB

_HELD_BYTES = 16 * MIB  # what one copy holds in memory at most
_ALL_HELD_BYTES = 96 * MIB
_SMALL_BYTES = MIB
_TOGETHER_BYTES = 4 * MIB
_TOGETHER = 256  # so many small items are on their way to a storage that writes many at once
_BY_KERNEL: tuple[type, ...] = (LocalSettings,)  # what is in such a place, the kernel copies to a disk

Ended = Callable[[Item, BaseException | None], None]


class Threads:
    """Copies items, as many at once as there are threads.

    `passing` is told of bytes as `copy_object` tells it, and `ended` of each item why it could not be copied, if so.
    """

    def __init__(  # noqa: PLR0913
        self, source: Storage, target: Storage, *, count: int, live: Live, passing: Passing, ended: Ended
    ) -> None:
        self._source = source
        self._target = target
        self._count = count
        self._live = live
        self._passing = passing
        self._ended = ended
        self._room = InFlight(_ALL_HELD_BYTES)
        together = target.writes_many and not isinstance(source.place, _BY_KERNEL)
        self._together = max(_TOGETHER // count, 1) if together else 1
        self._waiting: SimpleQueue[Sequence[Item]] = SimpleQueue()  # for a free thread; no items: it ends

    @contextmanager
    def working(self) -> Iterator[None]:
        """Copy until the end of the block, and all that was submitted until then."""
        with ThreadPoolExecutor(self._count, thread_name_prefix="migration") as pool:
            for _ in range(self._count):
                pool.submit(self._work)
            try:
                yield
            finally:
                for _ in range(self._count):
                    self._waiting.put(())

    def submit(self, items: Iterable[Item]) -> None:
        """Have items copied to their target keys."""
        together: list[Item] = []
        for item in items:
            if self._together == 1 or item.is_there or item.size > _SMALL_BYTES:
                self._waiting.put([item])
                continue
            together.append(item)
            if len(together) == self._together or sum(one.size for one in together) > _TOGETHER_BYTES:
                self._waiting.put(together)
                together = []
        if together:
            self._waiting.put(together)

    def _work(self) -> None:
        while items := self._waiting.get():
            with self._room.holding(sum(0 if item.is_there else min(item.size, _HELD_BYTES) for item in items)):
                if len(items) == 1:
                    self._copy(items[0])
                else:
                    self._copy_together(items)

    def _copy(self, item: Item) -> None:
        with self._ending([item]):
            with self._showing(item) as passing:
                if item.is_there:
                    self._look_at(item)
                else:
                    copy_item(self._source, self._target, item, passing)
            self._ended(item, None)

    def _copy_together(self, items: Sequence[Item]) -> None:
        fetched: list[tuple[Item, Held]] = []
        for item in items:
            with self._ending([item]), self._showing(item) as passing:
                fetched.append((item, fetch_item(self._source, item, passing)))
        with self._ending([item for item, _ in fetched]):
            failures = self._target.put_many([held for _, held in fetched])
            for (item, _), failure in zip(fetched, failures, strict=True):
                self._ended(item, failure)

    @contextmanager
    def _ending(self, items: Iterable[Item]) -> Iterator[None]:
        """Let items end by what is raised; what that means for the others is judged elsewhere."""
        try:
            yield
        except BaseException as error:  # noqa: BLE001
            for item in items:
                self._ended(item, error)

    @contextmanager
    def _showing(self, item: Item) -> Iterator[Passing]:
        """Show an item as one that is being copied."""
        self._live.current[item.position] = Current(item.name, item.size, 0)

        def passing(size: int) -> None:
            self._passing(size)
            current = self._live.current[item.position]
            self._live.current[item.position] = replace(current, done=current.done + size)

        try:
            self._passing(0)
            yield passing
        finally:
            self._live.current.pop(item.position, None)

    def _look_at(self, item: Item) -> None:
        """See that a copy that was made before is still there."""
        found = self._target.stat(item.target_key or "").size
        if found != item.size:
            raise IntegrityError(f"{self._target.label}: {item.target_key} has {found} bytes, not {item.size}")
