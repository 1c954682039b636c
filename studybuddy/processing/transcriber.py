"""The transcriber: takes recordings one after another, has each cut into windows, and keeps what is heard in them."""

import logging
import shutil
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from studybuddy.catalog.records import File
from studybuddy.claims import Claim
from studybuddy.errors import NotFoundError, StudyBuddyError
from studybuddy.library import Library
from studybuddy.processing.child import MADE
from studybuddy.processing.children import Child, Finished, Limits, StoppedError
from studybuddy.processing.job_files import fetch, job_folder
from studybuddy.processing.results import Cue, UnreadableError
from studybuddy.processing.transcription import BusyError, Engine, RefusedError
from studybuddy.processing.transcriptions import Transcriptions
from studybuddy.temporary import TemporaryFiles

log = logging.getLogger(__name__)

OnProgress = Callable[[File, float], object]


@dataclass(frozen=True, slots=True)
class _Window:
    path: Path
    start_ms: int
    end_ms: int


class Transcriber:
    """Makes transcripts until it is stopped. For one thread; `stop` may come from another."""

    def __init__(self, queue: Transcriptions, library: Library, claim: Claim, *, folder: Path, engine: Engine) -> None:
        self._queue = queue
        self._library = library
        self._claim = claim
        self._engine = engine
        self._temporary = TemporaryFiles(folder, writer=claim.id)
        self._child = Child(Limits(), extractor="studybuddy.processing.windows")
        self._stopping = False

    def run(
        self,
        only: Collection[int] | None = None,
        *,
        on_file: Callable[[File], object] = lambda _: None,
        on_progress: OnProgress = lambda _, __: None,
    ) -> None:
        """Make what is due until nothing is left, or these files' alone; the duty of a background thread."""
        self._queue.settle()
        for path in self._temporary.stale(self._claim.alive):
            shutil.rmtree(path, ignore_errors=True)
        while not self._stopping and (file := self._queue.take(only)):
            self._make(file, on_progress)
            on_file(file)
        self.close()  # a model holds much memory

    def stop(self) -> None:
        """End soon; whoever comes next goes on with the window under way."""
        self._stopping = True
        self._engine.close()

    def close(self) -> None:
        """End the child and the engine, when `run` has returned."""
        self._child.close()
        self._engine.close()

    def _make(self, file: File, on_progress: OnProgress) -> None:
        try:
            with job_folder(self._temporary) as folder:
                self._make_in(folder, file, on_progress)
        except (UnreadableError, RefusedError) as error:
            self._queue.refuse(file, str(error), error.fix)
        except (NotFoundError, StoppedError):
            self._queue.give_back(file)
        except BusyError as error:
            if self._stopping:
                self._queue.give_back(file)
            else:
                self._queue.put_off(file, error)
        except StudyBuddyError as error:
            self._queue.put_off(file, error)
        except Exception:
            # A mistake of ours about one recording must not keep all others waiting.
            log.exception("file %d could not be transcribed", file.id)
            self._queue.refuse(file, "The app made a mistake", "Its log tells more.")
        except BaseException:
            self._queue.give_back(file)
            raise

    def _make_in(self, folder: Path, file: File, on_progress: OnProgress) -> None:
        windows = self._cut(folder, file)
        found = self._queue.find(file.id)
        done_ms = found.done_ms if found else 0
        for window in windows:
            progress = window.end_ms / windows[-1].end_ms
            if window.end_ms > done_ms and not self._queue.keep(
                file, self._heard(window), done_ms=window.end_ms, progress=progress
            ):
                raise StoppedError  # it was deleted meanwhile
            on_progress(file, progress)
            window.path.unlink()
        self._queue.finish(file)

    def _cut(self, folder: Path, file: File) -> list[_Window]:
        source = self._library.here(file.id)
        if source is None:
            source = fetch(self._library, file, folder / "source", stopping=lambda: self._stopping)
        finished = self._child.read(file, source, folder, told=lambda _: None, stopping=lambda: self._stopping)
        windows = [*_windows(finished)]
        if not windows:
            raise UnreadableError("There is no sound in it", fix="Add the recording that has it.")
        return windows

    def _heard(self, window: _Window) -> list[Cue]:
        if self._stopping:
            raise StoppedError
        cues = self._engine.hear(window.path, length_ms=window.end_ms - window.start_ms)
        return [Cue(cue.start_ms + window.start_ms, cue.end_ms + window.start_ms, cue.text) for cue in cues]


def _windows(finished: Finished) -> Iterator[_Window]:
    """Yield the windows that a child has made, which is not trusted: a file may have taken it over."""
    for path in sorted((finished.folder / MADE).iterdir()):
        start, _, end = path.stem.partition("-")
        if not (finished.is_ours(path) and start.isdecimal() and end.isdecimal() and int(start) < int(end)):
            raise UnreadableError("The program that reads such files broke off: the file is damaged")
        yield _Window(path, int(start), int(end))
