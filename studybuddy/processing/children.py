"""A child process from outside: started when it is needed, kept warm, and ended when a file does something to it."""

import logging
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import studybuddy
from studybuddy.catalog.records import File
from studybuddy.errors import NoSpaceError, StudyBuddyError
from studybuddy.processing import wire
from studybuddy.processing.child import MADE, RESULTS
from studybuddy.processing.results import Progress, Result, UnreadableError
from studybuddy.units import GIB, MIB, size_text

log = logging.getLogger(__name__)

ROOT = Path(studybuddy.__file__).parents[1]
# What a program needs to run. Everything else may be a secret.
ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT", "TESSDATA_PREFIX", "VIRTUAL_ENV")
_LOOK_S = 0.2
_MAX_TOLD_BYTES = 64 * 1024
_JOBS = 200
_DAMAGED = "The file is damaged, or of a form that is not known here"


class ChildLostError(StudyBuddyError):
    """Raised when a child process died of something else than the file: it is worth another try."""

    code = "child_lost"


class StoppedError(Exception):
    """Raised when the reading of a file is to end at once."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may take."""

    memory_bytes: int = GIB
    cpu_s: int = 120  # of any file
    cpu_s_per_mib: float = 2.0
    most_cpu_s: int = 3600

    def seconds(self, size_bytes: int) -> int:
        """Return how long a file of this size may compute."""
        return min(self.cpu_s + round(self.cpu_s_per_mib * size_bytes / MIB), self.most_cpu_s)


@dataclass(frozen=True, slots=True)
class Finished:
    """What a child has left in a job's folder."""

    folder: Path
    version: int

    def results(self) -> Iterator[Result]:
        """Yield what was found; raise BrokenAnswerError for what no child of ours writes."""
        with (self.folder / RESULTS).open("rb") as stream:
            while text := stream.readline(wire.MAX_LINE_BYTES):
                yield wire.decode(text)

    def is_ours(self, path: Path) -> bool:
        """Tell whether a path leads to a plain file that the child made."""
        made = self.folder / MADE
        return path.parent == made and path.is_file() and not path.is_symlink()


class Child:
    """A process that reads files, one after another. For one thread."""

    def __init__(self, limits: Limits, *, extractor: str = "studybuddy.processing.extract") -> None:
        self._limits = limits
        self._extractor = extractor
        self._process: subprocess.Popen[bytes] | None = None
        self._jobs = 0
        self.used_at = time.monotonic()

    def read(
        self,
        file: File,
        source: Path,
        folder: Path,
        *,
        told: Callable[[float], object],
        stopping: Callable[[], bool],
    ) -> Finished:
        """Read a file whose bytes are at `source`, with an empty folder for what is found; `told` how far it is.

        Raises UnreadableError when the file is to blame, ChildLostError or NoSpaceError when it is not, and
        StoppedError when `stopping`.
        """
        process = self._running()
        cpu_s = self._limits.seconds(file.size)
        try:
            self._send(process, file, source, folder, cpu_s)
            end = self._await_end(process, cpu_s, told, stopping)
            finished = self._judge(end, folder)
        except BaseException:
            self.close()
            raise
        self.used_at = time.monotonic()
        if end.get("is_tired") or self._jobs >= _JOBS:
            self.close()
        return finished

    def close(self) -> None:
        """End the process, whatever it does."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._jobs = 0
            environment = {name: value for name, value in os.environ.items() if name in ENVIRONMENT}
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "studybuddy.processing.child", self._extractor, str(self._limits.memory_bytes)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0, cwd=ROOT,
                # Threads of numerical libraries take address space, which is bounded.
                env=environment | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            )  # fmt: skip
        self._jobs += 1
        return self._process

    def _send(self, process: subprocess.Popen[bytes], file: File, source: Path, folder: Path, cpu_s: int) -> None:
        job = {
            "source": str(source), "kind": file.kind, "content_type": file.content_type, "name": file.name,
            "folder": str(folder), "cpu_s": cpu_s,
        }  # fmt: skip
        try:
            cast(IO[bytes], process.stdin).write(wire.line(job))
        except BrokenPipeError as error:
            raise self._lost(process, cpu_s) from error

    def _await_end(
        self,
        process: subprocess.Popen[bytes],
        cpu_s: int,
        told: Callable[[float], object],
        stopping: Callable[[], bool],
    ) -> dict[str, Any]:
        # On a busy computer a child of low priority may get little of the time.
        deadline = time.monotonic() + 5 * cpu_s
        for text in self._lines(process):
            if stopping():
                raise StoppedError
            if time.monotonic() > deadline:
                raise UnreadableError("Reading it took far too long", fix="Try again when the computer is less busy.")
            if text:
                answer = _answer(text)
                if isinstance(answer, dict):
                    return answer
                told(answer)
        raise self._lost(process, cpu_s)

    def _lines(self, process: subprocess.Popen[bytes]) -> Iterator[bytes]:
        """Yield each line that the child says until it is gone; an empty one when it has said nothing for a while."""
        with selectors.DefaultSelector() as selector:
            output = cast(IO[bytes], process.stdout).fileno()
            selector.register(output, selectors.EVENT_READ)
            rest = b""
            while True:
                piece = b""
                if selector.select(_LOOK_S):
                    piece = os.read(output, _MAX_TOLD_BYTES)
                    if not piece:
                        return
                *lines, rest = (rest + piece).split(b"\n")
                yield from lines or [b""]
                if len(rest) > _MAX_TOLD_BYTES:
                    raise UnreadableError(_DAMAGED)

    def _judge(self, end: dict[str, Any], folder: Path) -> Finished:
        reason, fix = str(end.get("reason", "")), str(end.get("fix", ""))
        match end.get("end"):
            case "done":
                return Finished(folder, int(end.get("version", 1)))
            case "unreadable":
                raise UnreadableError(reason, fix=fix)
            case "memory":
                raise self._too_much_memory()
            case "no_space":
                raise NoSpaceError("This computer's disk is full", fix="Free some space.")
        log.warning("a file could not be read: %s", reason)
        raise UnreadableError(_DAMAGED, fix="Open it with the program that made it, save it anew, and add it again.")

    def _too_much_memory(self) -> UnreadableError:
        most = size_text(self._limits.memory_bytes)
        return UnreadableError(f"Reading it takes more than {most} of memory", fix="Split it into smaller files.")

    def _lost(self, process: subprocess.Popen[bytes], cpu_s: int) -> StudyBuddyError:
        """Say what a process died of."""
        code = process.wait()
        if sys.platform == "win32" or code == -signal.SIGKILL:
            return ChildLostError("The process that reads files was ended from outside", fix="Try again.")
        if code == -signal.SIGXCPU:
            return UnreadableError(
                f"Reading it takes more than {cpu_s} seconds of computing", fix="Split it into smaller files."
            )
        if code == 1:  # it could not even begin, or met what only a person can mend
            return ChildLostError(
                "The process that reads files ended by itself", fix="Look whether its packages are installed."
            )
        return UnreadableError("The program that reads such files broke off: the file is damaged")


def _answer(text: bytes) -> dict[str, Any] | float:
    """Return the end that a line tells, or how far the reading is."""
    try:
        told = wire.parse(text)
        if isinstance(told, dict):
            return told
        result = wire.decode(text)
    except wire.BrokenAnswerError as error:
        raise UnreadableError(_DAMAGED) from error
    if isinstance(result, Progress):
        return result.done
    raise UnreadableError(_DAMAGED)
