"""The threads that copy a migration's items: each item by itself, or small ones together where that is quicker."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from queue import SimpleQueue

from studybuddy.catalog.migrations import Item
from studybuddy.drivers.driver import CopyOf, Held
from studybuddy.errors import IntegrityError, StudyBuddyError
from studybuddy.in_flight import InFlight
from studybuddy.migration.copying import copy_item, end_item, fetch_item
from studybuddy.migration.live import Current, Live
from studybuddy.settings.places import LocalSettings, PlaceSettings, S3Settings
from studybuddy.storage import Storage
from studybuddy.streams import Passing
from studybuddy.units import MIB

_HELD_BYTES = 16 * MIB  # what one copy holds in memory at most
_STREAMED_BYTES = MIB  # and one to a disk
_ALL_HELD_BYTES = 96 * MIB
_SMALL_BYTES = MIB
_TOGETHER_BYTES = 8 * MIB
_FEWEST_TOGETHER = 32
_TOGETHER_S = 1.0  # and no more than may pass in this time, where there is a limit: each moves as soon as it can
_LANES = 2  # so many threads copy small items together: more would only wait for Python's lock

Ended = Callable[[Item, BaseException | None], None]


class Threads:
    """Copies items, as many at once as there are threads.

    `passing` is told of bytes as `copy_object` tells it, and `ended` of each item why it could not be copied, if so.
    """

    def __init__(  # noqa: PLR0913
        self,
        source: Storage,
        target: Storage,
        *,
        count: int,
        live: Live,
        passing: Passing,
        ended: Ended,
        bytes_per_second: int | None = None,
    ) -> None:
        self._source = source
        self._target = target
        self._count = count
        self._live = live
        self._passing = passing
        self._ended = ended
        self._room = InFlight(_ALL_HELD_BYTES)
        self._held_bytes = _STREAMED_BYTES if isinstance(target.place, LocalSettings) else _HELD_BYTES
        self._copy_group = self._group_copier()
        self._together = max(_FEWEST_TOGETHER, count // _LANES) if self._copy_group else 1
        self._together_bytes = min(_TOGETHER_BYTES, int((bytes_per_second or _TOGETHER_BYTES) * _TOGETHER_S))
        # For a free thread; no items: it ends.
        self._single: SimpleQueue[Sequence[Item]] = SimpleQueue()
        self._groups: SimpleQueue[Sequence[Item]] = SimpleQueue()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Copy until the end of the block, and all that was submitted until then."""
        queues = [self._single] * self._count + [self._groups] * (_LANES if self._together > 1 else 0)
        with ThreadPoolExecutor(len(queues), thread_name_prefix="migration") as pool:
            for queue in queues:
                pool.submit(self._work, queue)
            try:
                yield
            finally:
                for queue in queues:
                    queue.put(())

    def submit(self, items: Iterable[Item]) -> None:
        """Have items copied to their target keys."""
        together: list[Item] = []
        for item in items:
            if self._together == 1 or item.is_there or item.size > _SMALL_BYTES:
                self._single.put([item])
                continue
            together.append(item)
            if len(together) == self._together or sum(one.size for one in together) > self._together_bytes:
                self._groups.put(together)
                together = []
        if together:
            self._groups.put(together)

    def _work(self, waiting: SimpleQueue[Sequence[Item]]) -> None:
        while items := waiting.get():
            with self._room.holding(sum(0 if item.is_there else min(item.size, self._held_bytes) for item in items)):
                if len(items) == 1 or self._copy_group is None:
                    self._copy(items[0])
                else:
                    self._copy_group(items)

    def _copy(self, item: Item) -> None:
        def held(size: int) -> None:
            self._live.held[item.position] = size
            self._add_to(item, size)

        with self._ending([item]):
            with self._showing(item) as passing:
                if item.is_there:
                    self._look_at(item)
                else:
                    copy_item(self._source, self._target, item, passing, held=held)
            self._ended(item, None)

    def _group_copier(self) -> Callable[[Sequence[Item]], None] | None:
        """Return how small items are copied where that is quicker than one by one."""
        if self._target.copies_many_from(self._source):
            return self._let_copy
        if self._target.writes_many and not _copies_itself(self._source.place, self._target.place):
            return self._read_and_write
        return None

    def _let_copy(self, items: Sequence[Item]) -> None:
        """Have the provider copy items within itself."""
        wanted = [
            (CopyOf(item.source_key, item.target_key or "", item.size, is_new=not item.resumes), item.sha256)
            for item in items
        ]
        failures: Sequence[StudyBuddyError | None] = ()
        with self._ending(items):
            self._passing(0)
            failures = self._target.copy_many(self._source, wanted)
        for item, failure in zip(items, failures, strict=False):
            with self._ending([item]):
                with self._showing(item) as passing:
                    end_item(self._source, self._target, item, passing, failure=failure)
                self._ended(item, None)

    def _read_and_write(self, items: Sequence[Item]) -> None:
        fetched: list[tuple[Item, Held]] = []
        with ExitStack() as shown:  # until they are written
            with closing(self._source.get_many([item.source_key for item in items])) as contents:
                for item in items:
                    with self._ending([item]):
                        passing, content = shown.enter_context(self._showing(item)), next(contents, None)
                        fetched.append((item, fetch_item(self._source, item, passing, at_hand=content)))
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
            self._add_to(item, size)

        try:
            self._passing(0)
            yield passing
        finally:
            self._live.current.pop(item.position, None)

    def _add_to(self, item: Item, size: int) -> None:
        current = self._live.current[item.position]
        self._live.current[item.position] = replace(current, done=current.done + size)

    def _look_at(self, item: Item) -> None:
        """See that a copy that was made before is still there."""
        found = self._target.stat(item.target_key or "").size
        if found != item.size:
            raise IntegrityError(f"{self._target.label}: {item.target_key} has {found} bytes, not {item.size}")


def _copies_itself(source: PlaceSettings, target: PlaceSettings) -> bool:
    """Tell whether objects go from one place to the other without coming by: in this computer, or in one service."""
    match source, target:
        case LocalSettings(), LocalSettings():
            return True
        case S3Settings(), S3Settings():
            return source.endpoint_url == target.endpoint_url
    return False
