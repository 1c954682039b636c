"""The imports of this library: looked at before, run, paused, gone on with; one at a time."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import islice

from studybuddy.adding.spool import Spool
from studybuddy.catalog import imports, origins
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.imports import Import, Item, ItemState, Wanted
from studybuddy.claims import Claim
from studybuddy.errors import ConflictError, StudyBuddyError
from studybuddy.importing import sources
from studybuddy.importing.bringing import Tools, Urls
from studybuddy.importing.preview import Preview, checked
from studybuddy.importing.run import Run, reason_of
from studybuddy.importing.sources import Source, TableOptions
from studybuddy.library import Library
from studybuddy.migration.live import Live
from studybuddy.migration.progress import Progress, Worker, progress_of
from studybuddy.pauses import Pauses
from studybuddy.storage import Storage
from studybuddy.storages import Storages
from studybuddy.units import utc_now

log = logging.getLogger(__name__)

INTERRUPTED = "The app was closed while it ran."
_AT_ONCE = 1000

OnProgress = Callable[[Import], object]
OnPreview = Callable[[Preview], object]


def _tell_nobody(_: Import) -> None:
    pass


class Imports:
    """Brings files from Supabase and from other programs' tables. NotFoundError for an import that is not there."""

    def __init__(  # noqa: PLR0913
        self,
        catalog: Catalog,
        storages: Callable[[], Storages],
        spool: Spool,
        pauses: Pauses,
        claim: Claim,
        *,
        urls: Callable[[], Urls],
        max_file_bytes: int,
    ) -> None:
        self._catalog = catalog
        self._storages = storages
        self._spool = spool
        self._pauses = pauses
        self._claim = claim
        self._urls = urls
        self._max_file_bytes = max_file_bytes
        self._settle: Callable[[], object] = lambda: None
        self._stops: dict[int, threading.Event] = {}
        self._runs: dict[int, Run] = {}
        self._threads: dict[int, threading.Thread] = {}

    def settle_by(self, settle: Callable[[], object]) -> None:
        """Have `settle` called before a run: what a dead run had half saved is known then, and comes only once."""
        self._settle = settle

    def bucket(self, storage: str) -> Source:
        """Return a bucket of Supabase, by its storage's name, as a source."""
        return sources.bucket(self._storages().named(storage))

    def table(self, options: TableOptions) -> Source:
        """Return the addresses in a CSV, JSON or SQLite file as a source."""
        return sources.table(self._storages(), options)

    def preview(self, source: Source, *, target: str | None = None, on_progress: OnPreview | None = None) -> Preview:
        """List what would come; nothing is written, no file is read and no address is asked."""
        preview, urls = Preview(source.label, self._target(target).label), self._urls()
        for some in _groups(source.list()):
            with self._catalog.read() as db:
                known = origins.known(db, [one.origin_url for one in some])
            for one in some:
                found = known.get(one.origin_url)
                is_there = found is not None and one.size in (None, found.size)
                preview.foresee(one if is_there else checked(one, urls), is_there=is_there)
            if on_progress:
                on_progress(preview)
        return preview

    def begin(self, source: Source, *, target: str | None = None) -> Import:
        """Note an import to a storage (None: where new files go), or return the one that waits to go on; `run` it."""
        place = self._target(target)
        with self._catalog.write() as db:
            found = imports.unfinished(db, source=source.identity, target_id=place.id)
            if found is not None:
                return found
            import_id = imports.insert(
                db, kind=source.kind, source=source.identity, label=source.label,
                options=source.options, target_id=place.id,
            )  # fmt: skip
            return imports.get(db, import_id)

    def get(self, import_id: int) -> Import:
        """Return an import as it is now."""
        with self._catalog.read() as db:
            return imports.get(db, import_id)

    def page(self, *, limit: int = 20, after: int | None = None) -> list[Import]:
        """Return imports, the last begun first."""
        with self._catalog.read() as db:
            return imports.page(db, limit=limit, after=after)

    def items(self, import_id: int, *, states: Iterable[ItemState] = (), limit: int = 50, after: int = 0) -> list[Item]:
        """Return a page of an import's items."""
        with self._catalog.read() as db:
            return imports.items(db, import_id, states=[*states], limit=limit, after=after)

    def last(self, source: Source) -> Import | None:
        """Return the import from a source that was begun last."""
        with self._catalog.read() as db:
            return imports.last(db, source=source.identity)

    def worker(self, one: Import) -> Worker | None:
        """Tell whether this process brings an import's files, another one, or none that lives."""
        if one.writer is None or not self._claim.alive(one.writer):
            return None
        return "here" if one.writer == self._claim.id else "elsewhere"

    def live(self, import_id: int) -> Live | None:
        """Return what a run of this process is doing right now."""
        run = self._runs.get(import_id)
        return run.live if run else None

    def progress(self, one: Import) -> Progress:
        """Return how far an import is; of a run of this process also how fast."""
        return progress_of(
            one.count("todo", "done", "there", "failed"), one.count("done", "there"), one.count("failed"),
            one.count("todo"), self.live(one.id),
        )  # fmt: skip

    def is_running(self) -> bool:
        """Tell whether this process is bringing files right now."""
        return bool(self._runs)

    def start(self, import_id: int) -> None:
        """Run an import, or go on with it, in the background; raise ConflictError while another one runs."""
        with ExitStack() as held:
            self._expect_runnable(self.get(import_id))
            stopping = held.enter_context(self._alone(import_id))
            work = partial(self._run_in_background, import_id, stopping, held.pop_all())
        thread = threading.Thread(target=work, name=f"import-{import_id}", daemon=True)
        self._threads[import_id] = thread
        thread.start()

    def run(self, import_id: int, *, on_progress: OnProgress = _tell_nobody) -> Import:
        """Run an import, or go on with it, until nothing is left or something pauses it.

        Raises ConflictError while another import runs, and what keeps the source from being listed.
        """
        self._expect_runnable(self.get(import_id))
        with self._alone(import_id) as stopping:
            self._carry_out(import_id, stopping, on_progress)
        return self.get(import_id)

    def retry_failed(self, import_id: int) -> Import:
        """Put what failed back into the queue; run it then."""
        with self._catalog.write() as db:
            if imports.get(db, import_id).writer is not None:
                raise ConflictError(f"Import {import_id} is being worked on", fix="Wait until it is done.")
            imports.retry_failed(db, import_id)
            return imports.get(db, import_id)

    def pause(self, import_id: int) -> None:
        """Have this process pause an import; what is under way is read again later."""
        if (stopping := self._stops.get(import_id)) is not None:
            stopping.set()

    def is_pausing(self, import_id: int) -> bool:
        """Tell whether a run of this process is to end soon."""
        stopping = self._stops.get(import_id)
        return stopping is not None and stopping.is_set()

    def recover(self) -> None:
        """Say of the imports whose process died that they wait to go on."""
        with self._catalog.read() as db:
            found = imports.in_hand(db)
        for one in found:
            if one.writer and not self._claim.alive(one.writer):
                self._change(one.id, state="paused", reason=INTERRUPTED, writer=None)

    def stop(self, *, timeout_s: float = 10) -> None:
        """Pause what this process runs, and wait for it."""
        for stopping in list(self._stops.values()):
            stopping.set()
        for thread in list(self._threads.values()):
            thread.join(timeout_s)

    def _carry_out(self, import_id: int, stopping: threading.Event, on_progress: OnProgress) -> None:
        self._settle()
        self._list(import_id, stopping, on_progress)
        if not stopping.is_set():
            self._bring(import_id, stopping, on_progress)

    def _list(self, import_id: int, stopping: threading.Event, on_progress: OnProgress) -> None:
        """Note everything that the source lists; a run that was interrupted before the end of it lists again."""
        one = self.get(import_id)
        if one.is_listed:
            return
        for some in _groups(sources.again(self._storages(), one).list()):
            with self._catalog.write() as db:
                imports.add_items(db, import_id, some)
            on_progress(self.get(import_id))
            if stopping.is_set():
                return
        self._change(import_id, is_listed=1)

    def _bring(self, import_id: int, stopping: threading.Event, on_progress: OnProgress) -> None:
        target = self._storages().get(self.get(import_id).target_id)
        run = Run(self._tools(target), import_id, target, stopping=stopping)
        self._runs[import_id] = run
        try:
            done = run(lambda: on_progress(self.get(import_id)))
        finally:
            del self._runs[import_id]
        if done:
            failed = self.get(import_id).count("failed").files
            self._change(import_id, state="failed" if failed else "done", ended_at=utc_now())
        else:
            self._change(import_id, reason=run.reason)

    def _tools(self, target: Storage) -> Tools:
        library = Library(
            self._catalog,
            lambda: self._storages().only(target),
            self._spool,
            self._pauses,
            writer=self._claim.id,
            max_file_bytes=self._max_file_bytes,
        )
        return Tools(self._catalog, self._storages, library, self._spool, self._urls(), self._max_file_bytes)

    @contextmanager
    def _alone(self, import_id: int) -> Iterator[threading.Event]:
        """Hold an import while no other one runs; it is paused at the end unless it has come to its end."""
        with self._catalog.write() as db:
            for other in imports.in_hand(db):
                if other.writer and self._claim.alive(other.writer):
                    raise ConflictError(f"Import {other.id} is being worked on", fix="Wait until it is done.")
                imports.change(db, other.id, state="paused", writer=None)
            imports.change(db, import_id, state="running", reason="", writer=self._claim.id)
        stopping = self._stops[import_id] = threading.Event()
        try:
            yield stopping
        finally:
            del self._stops[import_id]
            state = self.get(import_id).state
            self._change(import_id, state="paused" if state == "running" else state, writer=None)

    def _run_in_background(self, import_id: int, stopping: threading.Event, held: ExitStack) -> None:
        try:
            with held:
                self._carry_out(import_id, stopping, _tell_nobody)
        except StudyBuddyError as error:
            log.warning("import %d was interrupted: %s", import_id, error)
            self._change(import_id, reason=reason_of(error))
        except Exception as error:
            log.exception("import %d was interrupted", import_id)
            self._change(import_id, reason=str(error))
        finally:
            self._threads.pop(import_id, None)

    def _target(self, name: str | None) -> Storage:
        storages = self._storages()
        target = storages.named(name) if name else storages.target
        if not target.takes_files:
            raise ConflictError(f"{target.label} is read only", fix="Choose another target.")
        return target

    def _expect_runnable(self, one: Import) -> None:
        if one.state in {"done", "failed"}:
            raise ConflictError(f"Import {one.id} has come to its end", fix="Begin another one, or retry what failed.")

    def _change(self, import_id: int, **columns: str | int | None) -> None:
        with self._catalog.write() as db:
            imports.change(db, import_id, **columns)


def _groups(listed: Iterator[Wanted]) -> Iterator[list[Wanted]]:
    while some := list(islice(listed, _AT_ONCE)):
        yield some
