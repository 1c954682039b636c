"""How far a migration is, for those who watch it."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWorking
from dataclasses import dataclass
from typing import Literal

from studybuddy.catalog.migrations import Count, Migration
from studybuddy.migration.live import Current, Live

Worker = Literal["here", "elsewhere"]  # this process or another one
_LEAST_S = 0.5  # a speed over less says nothing


@dataclass(frozen=True, slots=True)
class Progress:
    """What is done, what is left, and how fast it goes."""

    whole: Count
    done: Count  # moved, or left alone because the file was moved or deleted meanwhile
    failed: Count
    share: float  # 0 to 1, with what is half copied
    bytes_per_second: int | None = None
    files_per_second: float | None = None
    seconds_left: float | None = None
    copying: tuple[Current, ...] = ()


def progress(migration: Migration, live: Live | None) -> Progress:
    """Return how far a migration is; how fast, and what is being copied, only of a run of this process."""
    return progress_of(
        migration.count(*migration.counts), migration.count("switched", "skipped", "undone", "cleaned"),
        migration.count("failed"), migration.count("todo", "copying"), live,
    )  # fmt: skip


def progress_of(whole: Count, done: Count, failed: Count, left: Count, live: Live | None) -> Progress:
    """Return how far some work is by what is counted of it; `live` is the run of this process."""
    copying = tuple(live.copying()) if live else ()
    passed = sum(current.done for current in copying)
    share = (done.bytes + failed.bytes + passed) / whole.bytes if whole.bytes else 1.0
    seconds = time.monotonic() - live.began if live else 0.0
    if live is None or seconds < _LEAST_S:
        return Progress(whole, done, failed, min(share, 1.0), copying=copying)
    by_bytes = (live.bytes + passed - sum(list(live.held.values()))) / seconds
    by_files = live.files / seconds
    return Progress(
        whole, done, failed, min(share, 1.0),
        bytes_per_second=round(by_bytes),
        files_per_second=by_files,
        seconds_left=_seconds_left(Count(left.files, left.bytes - passed), by_files, by_bytes),
        copying=copying,
    )  # fmt: skip


def _seconds_left(left: Count, by_files: float, by_bytes: float) -> float | None:
    if by_bytes <= 0:
        return None
    # Small files wait for their number, large ones for their bytes.
    return max(left.bytes / by_bytes, left.files / by_files if by_files else 0.0)


def watched(work: Callable[[], Migration], *, every_s: float) -> Iterator[None]:
    """Do work on a migration in a thread of its own, and yield again and again until it is done; raise its error."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="migration-watched")
    working = pool.submit(work)
    pool.shutdown(wait=False)
    while True:
        try:
            working.result(every_s)
        except StillWorking:
            if working.done():
                raise
            yield
        else:
            return
