"""Pictures of a document's pages, made when somebody looks at them: a cache that can be made again."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from studybuddy.catalog.records import File
from studybuddy.claims import Claim
from studybuddy.errors import ConflictError, NotFoundError
from studybuddy.library import Library
from studybuddy.processing.child import MADE
from studybuddy.processing.children import Child, Finished, Limits, StoppedError
from studybuddy.processing.derived import DerivedFiles
from studybuddy.processing.job_files import fetch, job_folder
from studybuddy.processing.results import Facts, UnreadableError
from studybuddy.temporary import TemporaryFiles
from studybuddy.units import MIB

_AHEAD = 3  # pages that are made with one that is looked at
_KEPT = 400  # pictures of one document
_IDLE_S = 30.0
_MAX_BYTES = 16 * MIB


@dataclass(frozen=True, slots=True)
class PageImage:
    """A picture (WebP) of one page."""

    path: Path
    pages: int  # how many the document has


class PageImages:
    """Makes pictures of pages with a child process of its own, one after another; any thread may ask."""

    def __init__(
        self, library: Library, derived: DerivedFiles, claim: Claim, *, folder: Path, limits: Limits | None = None
    ) -> None:
        self._library = library
        self._derived = derived
        self._temporary = TemporaryFiles(folder, writer=claim.id)
        self._child = Child(limits or Limits(cpu_s=60), extractor="studybuddy.processing.page_pictures")
        # All work is this thread's: a child of another would die with that.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="page images")
        self._fetched: tuple[int, Path] | None = None
        self._held = ExitStack()
        self._idle: threading.Timer | None = None
        self._closing = False

    def get(self, file_id: int, number: int) -> PageImage:
        """Return the picture of a page, from 1; raise NotFoundError or ConflictError when there can be none."""
        file = self._library.file(file_id)
        if file.content_type.partition(";")[0] != "application/pdf":
            raise ConflictError(f"“{file.name}” is no PDF: its pages have no pictures", fix="Read its text instead.")
        if found := self._kept(file.id, number):
            return found
        made = self._thread.submit(self._make, file, number).result()
        self._thread.submit(self._make_ahead, file, made, number)
        return made

    def close(self) -> None:
        """End the child and let go of what was fetched."""
        self._closing = True
        if self._idle is not None:
            self._idle.cancel()
        self._thread.shutdown(cancel_futures=True)
        self._rest()

    def _kept(self, file_id: int, number: int) -> PageImage | None:
        folder = self._derived.folder_of(file_id)
        for path in folder.glob(f"page-{number}-of-*.webp"):
            return PageImage(path, _total(path))
        if (other := next(folder.glob("page-*-of-*.webp"), None)) and number > _total(other):
            raise _no_such_page(number, _total(other))
        return None

    def _make(self, file: File, number: int) -> PageImage:
        if found := self._kept(file.id, number):
            return found
        total = self._draw(file, number, number)
        if number > total:
            raise _no_such_page(number, total)
        found = self._kept(file.id, number)
        if found is None:
            raise ConflictError(f"Page {number} of “{file.name}” is damaged", fix="Open the document itself.")
        return found

    def _make_ahead(self, file: File, made: PageImage, number: int) -> None:
        ahead = range(number + 1, min(number + _AHEAD, made.pages) + 1)
        missing = [page for page in ahead if self._kept(file.id, page) is None]
        if missing and not self._closing:
            self._draw(file, missing[0], missing[-1])

    def _draw(self, file: File, first: int, last: int) -> int:
        """Draw some pages; return how many the document has."""
        wanted = replace(file, name=f"{first}-{last}")
        try:
            with job_folder(self._temporary) as folder:
                done = self._child.read(
                    wanted, self._source(file), folder, told=lambda _: None, stopping=lambda: self._closing
                )
                return self._keep(file, done, range(first, last + 1))
        except UnreadableError as error:
            raise ConflictError(f"“{file.name}” cannot be shown. {error}", fix=error.fix) from error
        except StoppedError as error:
            raise ConflictError("Study Buddy is being ended", fix="Start it again.") from error
        finally:
            self._rest_later()

    def _keep(self, file: File, done: Finished, numbers: range) -> int:
        total = next(int(one.values["pages"]) for one in done.results() if isinstance(one, Facts))
        folder = self._derived.folder_of(file.id)
        folder.mkdir(parents=True, exist_ok=True)
        for number in numbers:
            made = done.folder / MADE / f"page-{number}.webp"
            if done.is_ours(made) and made.stat().st_size <= _MAX_BYTES:
                made.replace(folder / f"page-{number}-of-{total}.webp")
        for old in sorted(folder.glob("page-*-of-*.webp"), key=lambda path: path.stat().st_mtime)[:-_KEPT]:
            old.unlink(missing_ok=True)
        return total

    def _source(self, file: File) -> Path:
        """Return where the document's bytes are on this computer; what is fetched is kept while it is looked at."""
        if here := self._library.here(file.id):
            return here
        if self._fetched is None or self._fetched[0] != file.id:
            self._let_go()
            path = self._held.enter_context(job_folder(self._temporary)) / "source"
            fetch(self._library, file, path, stopping=lambda: self._closing)
            self._fetched = (file.id, path)
        return self._fetched[1]

    def _rest_later(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        if not self._closing:
            self._idle = threading.Timer(_IDLE_S, self._thread.submit, args=(self._rest,))
            self._idle.daemon = True
            self._idle.start()

    def _rest(self) -> None:
        self._child.close()
        self._let_go()

    def _let_go(self) -> None:
        self._held.close()
        self._fetched = None


def _total(path: Path) -> int:
    return int(path.stem.rpartition("-")[2])


def _no_such_page(number: int, total: int) -> NotFoundError:
    return NotFoundError(f"There is no page {number}", fix=f"The document has {total:,} pages.")
