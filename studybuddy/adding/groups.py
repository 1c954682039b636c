"""A person's own files in groups that share their transactions."""

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from io import FileIO
from itertools import islice
from pathlib import Path

from studybuddy.adding.new_files import Added, NewFile, Spooled, spooled
from studybuddy.adding.spool import Spool
from studybuddy.errors import InvalidInputError, StudyBuddyError
from studybuddy.slices import no_space
from studybuddy.streams import LimitedReader, Readable, copy
from studybuddy.temporary import Group
from studybuddy.units import MIB

_FILES = 500
_SAVERS = 2  # while one waits for the disk, the other writes; more would wait for Python, and for the same folder
_SMALL = MIB
_BYTES = 16 * MIB  # of one group; as many as there are savers, and two more, are in memory

Outcome = tuple[Path, Added | StudyBuddyError]
Save = Callable[[Sequence[Spooled]], list[Added | StudyBuddyError]]


@dataclass(frozen=True, slots=True)
class _Group:
    """Files that were read, or why they were not."""

    read: list[tuple[Path, Spooled | StudyBuddyError]]
    temporary: AbstractContextManager[object]

    def save(self, save: Save) -> list[Outcome]:
        """Save what could be read; the temporary files are gone then."""
        with self.temporary:
            outcomes = iter(save([item for _, item in self.read if isinstance(item, Spooled)]))
            return [(path, next(outcomes) if isinstance(item, Spooled) else item) for path, item in self.read]


class Groups:
    """Reads a person's files, small ones into memory and others into temporary files, and has them saved in groups."""

    def __init__(self, spool: Spool, *, max_file_bytes: int, on_read: Callable[[int], None] | None) -> None:
        self._spool = spool
        self._max_file_bytes = max_file_bytes
        self._on_read = on_read

    def save_all(self, found: Iterable[tuple[Path, NewFile]], save: Save) -> Iterator[Outcome]:
        """Save groups while the next is read; yield each file with what became of it, in order."""
        left = iter(found)
        under_way: deque[Future[list[Outcome]]] = deque()
        with ThreadPoolExecutor(_SAVERS, thread_name_prefix="study-buddy-adding") as savers:
            while group := self._read_group(left):
                under_way.append(savers.submit(group.save, save))
                if len(under_way) > _SAVERS:
                    yield from under_way.popleft().result()
            while under_way:
                yield from under_way.popleft().result()

    def _read_group(self, left: Iterator[tuple[Path, NewFile]]) -> _Group | None:
        with ExitStack() as stack:
            temporary = stack.enter_context(self._spool.group())
            read: list[tuple[Path, Spooled | StudyBuddyError]] = []
            size = 0
            for path, new in islice(left, _FILES):
                item = self._read(path, new, temporary)
                read.append((path, item))
                size += item.size if isinstance(item, Spooled) else 0
                if size >= _BYTES:
                    break
            return _Group(read, stack.pop_all()) if read else None

    def _read(self, path: Path, new: NewFile, temporary: Group) -> Spooled | StudyBuddyError:
        try:
            with no_space(), path.open("rb", buffering=0) as source:
                return self._small(source, new) or self._large(source, new, temporary.path())
        except StudyBuddyError as error:
            return error
        except OSError as error:
            return InvalidInputError(f"{path} cannot be read: {error.strerror}", fix="Look at its permissions.")

    def _small(self, source: FileIO, new: NewFile) -> Spooled | None:
        """Read a small file whole; None when it is large, or still grows."""
        size = os.fstat(source.fileno()).st_size
        if size > _SMALL:
            return None
        content = LimitedReader(source, self._max_file_bytes).read(size + 1)
        if len(content) > size:
            return None
        if self._on_read:
            self._on_read(len(content))
        return spooled(content, new, size=len(content), sha256=hashlib.sha256(content).hexdigest())

    def _large(self, source: FileIO, new: NewFile, target: Path) -> Spooled:
        source.seek(0)
        with target.open("xb") as stream:
            size, sha256 = copy(LimitedReader(self._watched(source), self._max_file_bytes), stream)
        return spooled(target, new, size=size, sha256=sha256)

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
