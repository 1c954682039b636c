"""The process that opens files: `python -m studybuddy.processing.child`. One job a line on its input, until that ends.

It has no network, no secrets and little memory: whatever a file does to it, only this process is lost. What it finds
goes into a file in the job's folder; how far it is, and the end, go to its output.
"""

import ctypes
import errno
import importlib
import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO

from studybuddy.processing import wire
from studybuddy.processing.results import Cue, Page, Progress, Remark, Result, UnreadableError

RESULTS = "results"
MADE = "made"
_CLONE_NEWNET, _CLONE_NEWUSER, _PR_SET_PDEATHSIG = 0x40000000, 0x10000000, 1
_MAX_FILE_BYTES = 4 * 1024**3
_MAX_PAGE, _MAX_TEXT = 4_000_000, 32_000_000  # characters
_NEAR = 0.9


@dataclass(frozen=True, slots=True)
class _Job:
    """What the parent asks for."""

    source: Path
    kind: str
    content_type: str
    name: str
    folder: Path
    cpu_s: int


class _Kept:
    """Writes results, as far as there is room for their text."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._left = _MAX_TEXT
        self._told = False

    def add(self, result: Result) -> None:
        if isinstance(result, Page | Cue):
            room = min(self._left, _MAX_PAGE)
            if len(result.text) > room:
                self._tell()
                result = _cut(result, room)
            self._left -= len(result.text)
        self._stream.write(wire.encode(result))

    def _tell(self) -> None:
        if not self._told:
            self._stream.write(wire.encode(Remark("It holds more text than can be searched: the rest is left out")))
            self._told = True


def _cut(result: Page | Cue, room: int) -> Page | Cue:
    text = result.text[:room]
    return Page(result.number, text) if isinstance(result, Page) else Cue(result.start_ms, result.end_ms, text)


def main(extractor: str, memory_bytes: int) -> None:
    """Serve until the input ends."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # libraries may print
    confine(memory_bytes)
    jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(jobs,), daemon=True).start()
    module = importlib.import_module(extractor)
    while True:
        answers.write(wire.line(_answer(jobs.get(), module, answers, memory_bytes)))


def confine(memory_bytes: int) -> None:
    """Give up what a file could misuse, as far as this system has it; Linux has all of it."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - Windows has none

    os.nice(10)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        # Root may leave the network alone; others need a namespace of users of their own, where that is allowed.
        if libc.unshare(_CLONE_NEWNET) != 0:
            libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
    limits = {"RLIMIT_AS": memory_bytes, "RLIMIT_CORE": 0, "RLIMIT_FSIZE": _MAX_FILE_BYTES}
    for name, limit in limits.items():
        with suppress(ValueError, OSError):  # macOS has names for more than it does
            resource.setrlimit(getattr(resource, name), (limit, limit))


def _allow_cpu(seconds: int) -> None:
    """Let this process die when a job takes more than so much computing."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415

        used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (int(used) + seconds + 1, hard))


def _listen(jobs: "queue.SimpleQueue[_Job]") -> None:
    """Take jobs from the input; when it ends, the parent is gone or wants no more."""
    for text in sys.stdin.buffer:
        told = json.loads(text)
        jobs.put(_Job(**told | {"source": Path(told["source"]), "folder": Path(told["folder"])}))
    os._exit(0)


def _answer(job: _Job, module: ModuleType, answers: BinaryIO, memory_bytes: int) -> dict[str, Any]:
    _allow_cpu(job.cpu_s)
    try:
        with (job.folder / RESULTS).open("wb") as stream:
            kept = _Kept(stream)
            for result in _results(job, module):
                if isinstance(result, Progress):
                    answers.write(wire.encode(result))
                else:
                    kept.add(result)
    except UnreadableError as error:
        if error.__cause__ is not None and _is_at_its_limit(memory_bytes):
            return {"end": "memory"}
        return {"end": "unreadable", "reason": str(error), "fix": error.fix}
    except Exception as error:  # noqa: BLE001 - libraries raise errors of every sort for damaged files
        return {"end": _sort_of(error, memory_bytes), "reason": f"{type(error).__name__}: {error}"[:500], "fix": ""}
    return {"end": "done", "version": getattr(module, "VERSION", 1), "is_tired": _peak_bytes() > memory_bytes // 2}


def _results(job: _Job, module: ModuleType) -> Iterator[Result]:
    made = job.folder / MADE
    made.mkdir()
    found: Iterator[Result] = module.extract(
        job.source, kind=job.kind, content_type=job.content_type, name=job.name, into=made
    )
    return found


def _sort_of(error: Exception, memory_bytes: int) -> str:
    number = getattr(error, "errno", None)
    if number in {errno.ENOSPC, errno.EDQUOT}:
        return "no_space"
    # Libraries in C say all sorts of things when they get no memory.
    if isinstance(error, MemoryError) or number == errno.ENOMEM or _is_at_its_limit(memory_bytes):
        return "memory"
    return "error"


def _is_at_its_limit(memory_bytes: int) -> bool:
    return _peak_bytes() > _NEAR * memory_bytes


def _peak_bytes() -> int:
    """Return how much memory this process has asked for at most, as far as the system tells."""
    with suppress(OSError, ValueError, IndexError), Path("/proc/self/status").open() as status:
        for text in status:
            if text.startswith("VmPeak:"):
                return int(text.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
