"""The worker: takes files from the queue one after another, has a child read each, and keeps what it finds."""

import logging
import shutil
import time
from collections.abc import Callable, Collection
from pathlib import Path

from studybuddy.catalog.records import File
from studybuddy.claims import Claim
from studybuddy.errors import NotFoundError, StudyBuddyError
from studybuddy.library import Library
from studybuddy.processing import wire
from studybuddy.processing.children import Child, Finished, Limits, StoppedError
from studybuddy.processing.job_files import fetch, job_folder
from studybuddy.processing.queue import Found, Queue
from studybuddy.processing.results import Cue, Derived, Facts, Page, Remark, UnreadableError
from studybuddy.temporary import TemporaryFiles

log = logging.getLogger(__name__)

_TELL_EVERY_S = 1.0
_PATIENCE_S, _LOOK_S = 2.0, 0.05
_WARM_S = 30.0  # so long a child without work is kept
_MAX_REMARKS = 50

OnFile = Callable[[File], object]


class Worker:
    """Reads files until it is stopped. For one thread; `stop` may come from another."""

    def __init__(  # noqa: PLR0913
        self,
        queue: Queue,
        library: Library,
        claim: Claim,
        *,
        folder: Path,
        limits: Limits | None = None,
        extractor: str = "studybuddy.processing.extract",
    ) -> None:
        self._queue = queue
        self._library = library
        self._claim = claim
        self._temporary = TemporaryFiles(folder, writer=claim.id)
        self._child = Child(limits or Limits(), extractor=extractor)
        self._stopping = False

    def run(
        self,
        only: Collection[int] | None = None,
        *,
        on_file: OnFile = lambda _: None,
        on_progress: Callable[[File, float], object] = lambda _, __: None,
    ) -> None:
        """Read what is due until nothing is left, or these files alone; the duty of a background thread.

        `on_file` is told of each when it has ended, whatever came of it.
        """
        self.tidy()
        while not self._stopping and (file := self._queue.take(only)):
            self._let_uploads_go_first()
            self._read(file, on_progress)
            on_file(file)
        if time.monotonic() - self._child.used_at > _WARM_S:
            self._child.close()

    def _let_uploads_go_first(self) -> None:
        """Wait for a moment in which nothing is being saved, though not for ever."""
        deadline = time.monotonic() + _PATIENCE_S
        while self._library.is_adding() and not self._stopping and time.monotonic() < deadline:
            time.sleep(_LOOK_S)

    def tidy(self) -> None:
        """Settle what dead processes left: their jobs and their folders."""
        self._queue.settle()
        for path in self._temporary.stale(self._claim.alive):
            shutil.rmtree(path, ignore_errors=True)

    def stop(self) -> None:
        """End soon; what is being read is read again from its start, by whoever comes next."""
        self._stopping = True

    def close(self) -> None:
        """End the child. Call it when `run` has returned, on the same thread or after that has ended."""
        self._child.close()

    def _read(self, file: File, on_progress: Callable[[File, float], object]) -> None:
        try:
            with job_folder(self._temporary) as folder:
                self._read_in(folder, file, on_progress)
        except UnreadableError as error:
            self._queue.refuse(file, str(error), error.fix)
        except NotFoundError:
            self._queue.derived.remove([file.id])  # it was deleted meanwhile
            self._queue.give_back(file)
        except StudyBuddyError as error:
            self._queue.put_off(file, error)
        except StoppedError:
            self._queue.give_back(file)
        except Exception:
            # A mistake of ours about one file must not keep all others waiting.
            log.exception("file %d could not be read", file.id)
            self._queue.put_off(file, StudyBuddyError("The app made a mistake", fix="Its log tells more."))
        except BaseException:
            self._queue.give_back(file)
            raise

    def _read_in(self, folder: Path, file: File, on_progress: Callable[[File, float], object]) -> None:
        source = self._library.here(file.id)
        if source is None:
            source = fetch(self._library, file, folder / "source", stopping=lambda: self._stopping)
        told = _Telling(self._queue, file, on_progress)
        try:
            finished = self._child.read(file, source, folder, told=told, stopping=lambda: self._stopping)
        except UnreadableError as error:
            if not source.exists():
                raise StoppedError from error  # it has moved meanwhile
            raise
        try:
            self._keep(file, finished)
        except (wire.BrokenAnswerError, FileNotFoundError) as error:
            self._child.close()
            log.warning("file %d: its child told what it should not: %s", file.id, error)
            raise UnreadableError("The program that reads such files broke off: the file is damaged") from error

    def _keep(self, file: File, finished: Finished) -> None:
        facts, remarks, derived = _gathered(finished)
        for one in derived:
            if not finished.is_ours(one.file):
                raise wire.BrokenAnswerError(f"{one.file} is not in its folder")
            self._queue.derived.put(file.id, one)
        made = [one.name for one in derived]
        contents = (one for one in finished.results() if isinstance(one, Page | Cue))
        if self._queue.finish(file, Found(contents, facts, remarks, made, finished.version)):
            self._queue.derived.keep_only(file.id, made)
        else:
            self._library.file(file.id)  # it may be gone, with all that was made from it


class _Telling:
    """Passes on how far the reading of a file is, into the catalog only now and then."""

    def __init__(self, queue: Queue, file: File, on_progress: Callable[[File, float], object]) -> None:
        self._queue = queue
        self._file = file
        self._on_progress = on_progress
        self._told_at = time.monotonic()

    def __call__(self, done: float) -> None:
        self._on_progress(self._file, done)
        if time.monotonic() - self._told_at >= _TELL_EVERY_S:
            self._queue.set_progress(self._file, done)
            self._told_at = time.monotonic()


def _gathered(finished: Finished) -> tuple[dict[str, str | int | float], list[str], list[Derived]]:
    """Return what a file's results tell besides its contents."""
    facts: dict[str, str | int | float] = {}
    remarks: list[str] = []
    derived: dict[str, Derived] = {}
    for one in finished.results():
        match one:
            case Facts(values):
                facts |= values
            case Remark(text) if len(remarks) < _MAX_REMARKS:
                remarks.append(text)
            case Derived(name):
                derived[name] = one
    return facts, remarks, [*derived.values()]
