"""A person's own files in groups: each group is read while the one before it is saved."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from studybuddy.adding import Added, NewFile, Spooled, spooled
from studybuddy.errors import InvalidInputError, StudyBuddyError
from studybuddy.slices import no_space
from studybuddy.spool import Spool
from studybuddy.streams import LimitedReader, Readable, copy
from studybuddy.units import MIB

_FILES = 200
_BYTES = 256 * MIB

Outcome = tuple[Path, Added | StudyBuddyError]
Save = Callable[[Sequence[Spooled]], list[Added | StudyBuddyError]]


@dataclass(frozen=True, slots=True)
class Group:
    """Files whose bytes are in temporary files, or why they are not."""

    items: list[tuple[Path, Spooled | StudyBuddyError]]
    temporary: AbstractContextManager[object]

    def save(self, save: Save) -> list[Outcome]:
        """Save what could be read; the temporary files are gone then."""
        with self.temporary:
            outcomes = iter(save([item for _, item in self.items if isinstance(item, Spooled)]))
            return [(path, next(outcomes) if isinstance(item, Spooled) else item) for path, item in self.items]


def in_groups(groups: Iterator[Group], save: Save) -> Iterator[Outcome]:
    """Save each group while the next is read; yield each file with what became of it."""
    with ThreadPoolExecutor(1, thread_name_prefix="study-buddy-adding") as saver:
        before: Future[list[Outcome]] | None = None
        for group in groups:
            under_way = saver.submit(group.save, save)
            if before:
                yield from before.result()
            before = under_way
        if before:
            yield from before.result()


class GroupReader:
    """Copies a person's files into temporary files, hashing them on the way."""

    def __init__(self, spool: Spool, *, max_file_bytes: int, on_read: Callable[[int], None] | None) -> None:
        self._spool = spool
        self._max_file_bytes = max_file_bytes
        self._on_read = on_read

    def groups(self, found: Iterable[tuple[Path, NewFile]]) -> Iterator[Group]:
        """Yield the files in groups that share their transactions."""
        left = iter(found)
        while True:
            with ExitStack() as stack:
                items = list(self._read_some(left, stack))
                if not items:
                    return
                yield Group(items, stack.pop_all())

    def _read_some(
        self, left: Iterator[tuple[Path, NewFile]], temporary: ExitStack
    ) -> Iterator[tuple[Path, Spooled | StudyBuddyError]]:
        size = 0
        for path, new in islice(left, _FILES):
            item = self._read(path, new, temporary)
            yield path, item
            size += item.size if isinstance(item, Spooled) else 0
            if size >= _BYTES:
                return

    def _read(self, path: Path, new: NewFile, temporary: ExitStack) -> Spooled | StudyBuddyError:
        target, stream = temporary.enter_context(self._spool.temporary())
        try:
            with stream, no_space(), path.open("rb", buffering=0) as source:
                size, sha256 = copy(LimitedReader(self._watched(source), self._max_file_bytes), stream)
            return spooled(target, new, size=size, sha256=sha256)
        except StudyBuddyError as error:
            return error
        except OSError as error:
            return InvalidInputError(f"{path} cannot be read: {error.strerror}", fix="Look at its permissions.")

    def _watched(self, source: Readable) -> Readable:
        return source if self._on_read is None else _Watched(source, self._on_read)


class _Watched:
    """Passes reads through, telling how many bytes came."""

    def __init__(self, source: Readable, on_read: Callable[[int], None]) -> None:
        self._source = source
        self._on_read = on_read

    def read(self, size: int = -1, /) -> bytes:
        piece = self._source.read(size)
        self._on_read(len(piece))
        return piece
