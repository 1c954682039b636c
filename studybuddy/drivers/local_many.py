"""Many small objects as files: the disk is waited for in many threads, and once for each folder."""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from studybuddy.drivers.driver import Held
from studybuddy.drivers.local_files import make_folder, translated
from studybuddy.errors import StudyBuddyError
from studybuddy.streams import sync_folder

_THREADS = 16
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)

Failure = StudyBuddyError | None


@dataclass(slots=True)
class _Job:
    """An object, and where it is written."""

    held: Held
    folder: Path
    failure: Failure = None

    def run(self) -> None:
        path = f"{self.folder}/{self.held.key.rpartition('/')[2]}"
        try:
            with translated(self.held.key, "write"):
                _write_new(path, self.held.content)
        except StudyBuddyError as error:
            self.failure = error


def write_many(objects: Sequence[Held], path_of: Callable[[str], Path]) -> list[Failure]:
    """Write each object under its own name, durably; say of each why it could not be. `path_of` checks a key."""
    folders: dict[str, Path] = {}
    jobs = [_Job(held, _folder(held.key, path_of, folders)) for held in objects]
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(_run_some, (jobs[number::_THREADS] for number in range(_THREADS))))
    failures = {folder: _sync(folder) for folder in {job.folder for job in jobs}}
    return [job.failure or failures[job.folder] for job in jobs]


def _folder(key: str, path_of: Callable[[str], Path], folders: dict[str, Path]) -> Path:
    above, _, name = key.rpartition("/")
    if above not in folders or not name.strip(".") or "\x00" in name:
        folders[above] = path_of(key).parent
        with translated(key, "write"):
            make_folder(folders[above])
    return folders[above]


def _run_some(jobs: Iterable[_Job]) -> None:
    for job in jobs:
        job.run()


def _write_new(path: str, content: bytes) -> None:
    descriptor = os.open(path, _NEW, 0o666)
    try:
        try:
            _write_all(descriptor, content)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError:
        os.unlink(path)  # noqa: PTH108 - many small files: Path costs more than the rest
        raise


def _write_all(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _sync(folder: Path) -> Failure:
    try:
        with translated("", f"write the folder {folder}"):
            sync_folder(folder)
    except StudyBuddyError as error:
        return error
    return None
