"""The queue of what is to be read: who works on what, what came of it, what is asked for again."""

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from studybuddy.catalog import Database, contents, files, plain_transcripts, processing
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.contents import FactValues
from studybuddy.catalog.processing import Job, JobState, Listed
from studybuddy.catalog.records import File
from studybuddy.catalog.records import Page as Part
from studybuddy.claims import Claim
from studybuddy.errors import ConflictError, NoSpaceError, NotFoundError, StudyBuddyError, UnavailableError
from studybuddy.names import shown_name
from studybuddy.pauses import Pauses
from studybuddy.processing import transcripts
from studybuddy.processing.derived import Made, beside
from studybuddy.processing.results import Cue, DerivedName, Page
from studybuddy.storages import Storages
from studybuddy.units import TIME_FORMAT

log = logging.getLogger(__name__)

_TRIES = 5
_FIRST_PAUSE_S, _GROWTH = 60, 5
_STORAGE_PAUSE_S = 30
_SLOW_S, _REST_FACTOR = 0.1, 50


@dataclass(frozen=True, slots=True)
class Found:
    """What was read in a file. `contents` is read once, inside the transaction that keeps it."""

    contents: Iterable[Page | Cue]
    facts: FactValues
    remarks: Sequence[str]
    made: Sequence[str]
    version: int


@dataclass(frozen=True, slots=True)
class Status:
    """How far the reading of the library is."""

    counts: dict[JobState, int]  # files outside the trash
    current: list[Listed]


class Queue:
    """The jobs of all files. What a dead process was reading is read again from its start."""

    def __init__(self, catalog: Catalog, storages: Callable[[], Storages], pauses: Pauses, claim: Claim) -> None:
        self._catalog = catalog
        self._storages = storages
        self._pauses = pauses
        self._claim = claim
        self.derived = beside(catalog.path)
        self._lock = threading.Lock()
        self._held: set[int] = set()
        self._rest_until = 0.0  # time.monotonic()

    def status(self) -> Status:
        """Return how many files are in each state, and what is being read."""
        with self._catalog.read() as db:
            return Status(processing.counts(db), processing.current(db))

    def failed(self, *, limit: int = 50, after: str | None = None) -> Part[Listed]:
        """List what could not be read, the first that failed first."""
        with self._catalog.read() as db:
            return processing.failed_page(db, limit=limit, after=after)

    def job(self, file_id: int) -> Job:
        """Return what is known of the reading of one file."""
        with self._catalog.read() as db:
            return processing.get(db, file_id)

    def again(self, file_ids: Sequence[int]) -> None:
        """Have files read again, before all others; raise ConflictError for one that cannot be."""
        with self._catalog.write() as db:
            for file_id in file_ids:
                _expect_readable(files.get(db, file_id), processing.get(db, file_id))
            processing.ask_for(db, file_ids)

    def again_failed(self) -> int:
        """Have everything that failed read again; return how many files that are."""
        with self._catalog.write() as db:
            return processing.ask_for_failed(db)

    def made(self, file_id: int, name: DerivedName) -> Made:
        """Return a file that was made from another; raise NotFoundError when there is none.

        One that was made and is not there any more is made again.
        """
        job = self.job(file_id)
        found = self.derived.find(file_id, name) if name in job.made else None
        if found is None:
            if name in job.made and job.state == "done":
                with self._catalog.write() as db:
                    processing.ask_for(db, [file_id])
            raise NotFoundError(f"File {file_id} has no {name}", fix="Look at its processing: it may come yet.")
        return found

    def take(self, only: Collection[int] | None = None) -> File | None:
        """Take the next file that is due, of all or of some, whose storage can be asked; None when there is none."""
        while (file_id := self._next_due(only)) is not None:
            with self._lock, self._catalog.write() as db:
                if processing.take(db, file_id, self._claim.id):
                    self._held.add(file_id)
                    return files.get(db, file_id)
        return None

    def _next_due(self, only: Collection[int] | None) -> int | None:
        begun = time.monotonic()
        if only is None and begun < self._rest_until:
            return None
        storages = self._storages()
        silent = {*self._pauses.waiting(), *(row.id for row in storages.unnamed)}
        with self._catalog.read() as db:
            found = processing.next_due(db, but_in=silent, only=only)
        took = time.monotonic() - begun
        if found is None and took > _SLOW_S:
            # Where a million files wait for a storage that is silent, it takes a while to find no other.
            self._rest_until = begun + _REST_FACTOR * took
        return found

    def set_progress(self, file: File, progress: float) -> None:
        """Note how far the reading of a file is."""
        with self._catalog.write() as db:
            processing.set_progress(db, file.id, progress)

    def finish(self, file: File, found: Found) -> bool:
        """Keep what was read in a file; tell whether it still was ours to read."""
        with self._giving_back(file), self._catalog.write() as db:
            kept = self._end(
                db, file, "done", progress=1.0, attempts=0, reason="", fix="",
                remarks=[*found.remarks], made=[*found.made], version=found.version,
            )  # fmt: skip
            if kept:
                contents.replace(db, file.id, found.contents)
                contents.set_facts(db, file.id, found.facts)
                now = files.get(db, file.id)
                if now.kind == "caption" or plain_transcripts.may_be(db, now):
                    transcripts.settle(db, now.session_id)
            return kept

    def refuse(self, file: File, reason: str, fix: str) -> None:
        """Note why a file cannot be read; it is not tried again by itself."""
        with self._giving_back(file), self._catalog.write() as db:
            self._end(db, file, "failed", progress=0.0, reason=reason, fix=fix)
        log.info("file %d cannot be read: %s", file.id, reason)

    def put_off(self, file: File, error: StudyBuddyError) -> None:
        """Have a file tried again later, and later still each time; give up after some tries.

        A storage that does not answer, or a full disk, only delays: that is no try.
        """
        waits = isinstance(error, UnavailableError | NoSpaceError)
        attempts = self.job(file.id).attempts + (not waits)
        if attempts >= _TRIES:
            self.refuse(file, str(error), error.fix)
            return
        seconds = _STORAGE_PAUSE_S if waits else _FIRST_PAUSE_S * _GROWTH ** (attempts - 1)
        next_at = (datetime.now(UTC) + timedelta(seconds=seconds)).strftime(TIME_FORMAT)
        with self._giving_back(file), self._catalog.write() as db:
            self._end(db, file, "pending", progress=0.0, next_at=next_at, reason=str(error), attempts=attempts)
        log.info("file %d is read later: %s", file.id, error)

    def give_back(self, file: File) -> None:
        """Let a file be read by whoever comes next, as if it had not been begun."""
        with self._giving_back(file), self._catalog.write() as db:
            self._end(db, file, "pending", progress=0.0)

    def settle(self) -> None:
        """Give back what dead processes were reading, and let captions belong to the right recordings."""
        with self._catalog.read() as db:
            lost = [(file_id, owner) for file_id, owner in processing.owners(db) if not self._is_read(file_id, owner)]
            due = contents.sessions_due(db, limit=1)
        if lost or due:
            with self._catalog.write() as db:
                for file_id, owner in lost:
                    processing.end(db, file_id, owner, "pending", progress=0.0)
                transcripts.settle_due(db)

    def _end(self, db: Database, file: File, state: JobState, **columns: str | float | list[str]) -> bool:
        return processing.end(db, file.id, self._claim.id, state, **columns)

    def _is_read(self, file_id: int, owner: str) -> bool:
        return file_id in self._held if owner == self._claim.id else self._claim.alive(owner)

    @contextmanager
    def _giving_back(self, file: File) -> Iterator[None]:
        # Also when the catalog cannot be written: then `settle` finds that nobody reads it.
        try:
            yield
        finally:
            self._held.discard(file.id)


def _expect_readable(file: File, job: Job) -> None:
    if job.state == "skipped":
        raise ConflictError(f"{shown_name(file.name)} is not read: {job.reason}", fix="Open it as it is.")
    if file.trashed_at is not None:
        raise ConflictError(f"File {file.id} is in the trash", fix="Restore it first.")
