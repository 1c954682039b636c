"""Many small objects as files: when they are written, the disk is waited for in many threads, once for each folder."""

import os
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from io import FileIO
from pathlib import Path

from studybuddy.drivers.driver import Held, Written
from studybuddy.drivers.local.files import make_folder, ours, translated
from studybuddy.errors import StudyBuddyError
from studybuddy.streams import sync_folder
from studybuddy.units import MIB

_THREADS = 8
_OPEN_AT_ONCE = 250
_MOST_BYTES = 8 * MIB  # more is no small object, whatever was expected
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)

Failure = StudyBuddyError | None


@dataclass(slots=True)
class _Job:
    """An object, where it is written, and how far it has come."""

    held: Held
    folder: Path
    descriptor: int = -1
    failure: Failure = None

    @property
    def path(self) -> str:
        return f"{self.folder}/{self.held.key.rpartition('/')[2]}"

    def write(self) -> None:
        """Write the bytes to a new file, which stays open; or note why not."""
        self._noting(self._write)

    def sync(self) -> None:
        """Make the file durable and close it; or note why not."""
        if self.descriptor >= 0:
            self._noting(self._sync)

    def _write(self) -> None:
        self.descriptor = os.open(self.path, _NEW, 0o666)
        try:
            _write_all(self.descriptor, self.held.content)
            _begin_sync(self.descriptor)
        except OSError:
            self._give_up()
            raise

    def _sync(self) -> None:
        try:
            os.fsync(self.descriptor)
        except OSError:
            self._give_up()
            raise
        os.close(self.descriptor)

    def _noting(self, step: Callable[[], None]) -> None:
        try:
            step()
        except OSError as error:
            self.failure = ours(error, self.held.key, f"write {self.held.key}")

    def _give_up(self) -> None:
        os.close(self.descriptor)
        os.unlink(self.path)  # noqa: PTH108 - many small files: Path costs more than the rest
        self.descriptor = -1


def write_many(objects: Sequence[Held], path_of: Callable[[str], Path]) -> list[Written | StudyBuddyError]:
    """Write each object under its own name, durably; say of each why it could not be. `path_of` checks a key."""
    folders: dict[str, Path] = {}
    jobs = [_Job(held, _folder(held.key, path_of, folders)) for held in objects]
    for start in range(0, len(jobs), _OPEN_AT_ONCE):
        some = jobs[start : start + _OPEN_AT_ONCE]
        # Not in the threads: new files of one folder are made one at a time, whoever asks.
        for job in some:
            job.write()
        list(_pool().map(_sync_some, (some[number::_THREADS] for number in range(_THREADS))))
    failures = {folder: _sync(folder) for folder in {job.folder for job in jobs}}
    return [job.failure or failures[job.folder] or Written(len(job.held.content), verified=True) for job in jobs]


def read_many(keys: Sequence[str], path_of: Callable[[str], Path]) -> Generator[bytes | None, None, None]:
    """Yield each object's bytes; None where they could not be read."""
    for key in keys:
        try:
            content = _content(path_of(key))
        except (OSError, StudyBuddyError):
            content = None
        yield content


@cache
def _pool() -> ThreadPoolExecutor:
    # Made once: to start its threads takes a tenth of what small files take in all.
    return ThreadPoolExecutor(2 * _THREADS, thread_name_prefix="local-sync")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)  # a child has none of its threads, and would wait for them


def _content(path: Path) -> bytes | None:
    with FileIO(path) as file:
        return file.readall() if os.fstat(file.fileno()).st_size <= _MOST_BYTES else None


def _folder(key: str, path_of: Callable[[str], Path], folders: dict[str, Path]) -> Path:
    above, _, name = key.rpartition("/")
    if above not in folders or not name.strip(".") or "\x00" in name:
        folders[above] = path_of(key).parent
        with translated(key, "write"):
            make_folder(folders[above])
    return folders[above]


def _sync_some(jobs: Iterable[_Job]) -> None:
    for job in jobs:
        job.sync()


def _write_all(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _begin_sync(descriptor: int) -> None:
    """Have the disk start to write; where a system cannot be asked, the sync does all of it."""
    if hasattr(os, "posix_fadvise"):
        # What is on its way when the first file is synced goes into the journal with it, not after it.
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def _sync(folder: Path) -> Failure:
    try:
        with translated("", f"write the folder {folder}"):
            sync_folder(folder)
    except StudyBuddyError as error:
        return error
    return None
