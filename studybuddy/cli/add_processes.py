"""Many files are added by two processes: in one, threads would wait for each other more than for the disk."""

import gc
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING

from studybuddy.adding.new_files import Added, NewFile
from studybuddy.cli.opening import opened
from studybuddy.cli.progress import size_of
from studybuddy.errors import StudyBuddyError, WorkerLostError
from studybuddy.units import MIB
from studybuddy.wiring import Wiring

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

_PROCESSES = 2
_MANY = 1_000  # of fewer, most are added before another process is ready
_FILES = 500  # that are sent at a time
_BYTES = 64 * MIB
_TOLD_BYTES = MIB

File = tuple[Path, NewFile]
Outcome = tuple[Path, Added | StudyBuddyError]
OnRead = Callable[[int], None]


class Processes:
    """Processes that have the library open, each for itself, and add what they are sent."""

    def __init__(self, processes: Iterable["_Process"]) -> None:
        self._processes = tuple(processes)

    def add_many(self, found: Iterable[File], *, on_read: OnRead) -> Iterator[Outcome]:
        """Add files as `Library.add_many` does: in order, and only a few are asked for before others are done."""
        left = iter(found)
        under_way: deque[_Process] = deque()
        for process in cycle(self._processes):
            if not (files := _some(left)):
                break
            process.send(files)
            under_way.append(process)
            if len(under_way) == 2 * len(self._processes):
                yield from under_way.popleft().receive(on_read)
        for process in under_way:
            yield from process.receive(on_read)


@dataclass(slots=True)
class _Process:
    """One of them, as the process that sends it files sees it."""

    connection: "Connection"
    process: "BaseProcess"
    waiting_for: int = 0

    def send(self, files: list[File]) -> None:
        with _lost():
            self.connection.send(files)
        self.waiting_for += 1

    def receive(self, on_read: OnRead) -> list[Outcome]:
        """Return what became of the files that were sent first."""
        with _lost():
            while isinstance(told := self.connection.recv(), int):
                on_read(told)
        self.waiting_for -= 1
        if isinstance(told, StudyBuddyError):
            raise told
        outcomes: list[Outcome] = told
        return outcomes

    def end(self) -> None:
        """Let it end; what it was still to add is given up."""
        if self.waiting_for:
            self.process.terminate()
        self.connection.close()


@contextmanager
def processes(count: int) -> Iterator[Processes | None]:
    """Start processes for so many files; None where they are not worth it, or cannot be. The library is not open yet.

    They go on from where this process stands: SQLite forbids that with an open catalog, and Python with threads.
    """
    if count < _MANY or sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2 or threading.active_count() > 1:
        yield None
        return
    gc.freeze()  # what is there now stays: no process is to look through it, and so copy it, again and again
    started = [_start() for _ in range(_PROCESSES)]
    try:
        yield Processes(started)
    finally:
        # Each holds the ends of those before it: all are closed before any is waited for.
        for one in started:
            one.end()
        for one in started:
            one.process.join()


def _start() -> _Process:
    from multiprocessing import get_context  # noqa: PLC0415 - few files need no other process

    context = get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(ours, theirs), daemon=True)
    process.start()
    theirs.close()
    return _Process(ours, process)


def _some(left: Iterator[File]) -> list[File]:
    files: list[File] = []
    size = 0
    for one in islice(left, _FILES):
        files.append(one)
        size += size_of(one[0])
        if size >= _BYTES:
            break
    return files


@contextmanager
def _lost() -> Iterator[None]:
    try:
        yield
    except (EOFError, ConnectionError) as error:
        raise WorkerLostError(
            "A process that added files has ended", fix="See by `files` what was added, and add the rest again."
        ) from error


def _serve(others: "Connection", connection: "Connection") -> None:
    """Add what is sent until the other end is closed; all of this is in the new process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asked for files says when to stop
    threading.Thread(target=_end_with_parent, daemon=True).start()
    others.close()
    with suppress(EOFError, ConnectionError):
        try:
            with opened(settle=False) as wiring:
                while True:
                    _add(wiring, connection)
        except StudyBuddyError as error:
            connection.send(error)


def _end_with_parent() -> None:
    from multiprocessing import parent_process  # noqa: PLC0415

    if parent := parent_process():
        parent.join()
        os._exit(1)


def _add(wiring: Wiring, connection: "Connection") -> None:
    files = connection.recv()
    read = 0

    def on_read(count: int) -> None:
        nonlocal read
        read += count
        if read >= _TOLD_BYTES:
            connection.send(read)
            read = 0

    outcomes = list(wiring.library.add_many(files, on_read=on_read))
    connection.send(read)
    connection.send(outcomes)
