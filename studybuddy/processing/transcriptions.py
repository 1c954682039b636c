"""The transcripts that were asked for: who makes which, what came of it, what is asked for again."""

import logging
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta

from studybuddy.catalog import Database, files, transcriptions
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.records import File, Page
from studybuddy.catalog.transcriptions import Listed, Transcription
from studybuddy.claims import Claim
from studybuddy.errors import ConflictError, NoSpaceError, StudyBuddyError, UnavailableError
from studybuddy.names import shown_name
from studybuddy.processing.results import Cue
from studybuddy.processing.transcription import HOW_TO, BusyError
from studybuddy.units import TIME_FORMAT, utc_now

log = logging.getLogger(__name__)

PAUSES_S = (10.0, 30.0, 120.0, 600.0)
"""How long it waits after each try in vain; then it gives up."""


class Transcriptions:
    """All transcripts that were asked for. What a dead process was making goes on where it was."""

    def __init__(
        self, catalog: Catalog, claim: Claim, *, is_set_up: bool, pauses_s: Sequence[float] = PAUSES_S
    ) -> None:
        self._catalog = catalog
        self._claim = claim
        self._pauses_s = pauses_s
        self._held: set[int] = set()
        self.is_set_up = is_set_up

    def find(self, file_id: int) -> Transcription | None:
        """Return what is known of a recording's transcript; None when nobody asked for one."""
        with self._catalog.read() as db:
            files.get(db, file_id)
            return transcriptions.find(db, file_id)

    def open_ones(self) -> list[Listed]:
        """Return what is being made, and what waits first."""
        with self._catalog.read() as db:
            return transcriptions.open_ones(db)

    def failed(self, *, limit: int = 50, after: str | None = None) -> Page[Listed]:
        """List what could not be made, the first that failed first."""
        with self._catalog.read() as db:
            return transcriptions.failed_page(db, limit=limit, after=after)

    def ask(self, file_ids: Sequence[int]) -> None:
        """Have transcripts made in the background; raise ConflictError for what can have none."""
        if not self.is_set_up:
            raise ConflictError("Nothing is set up that makes transcripts", fix=HOW_TO)
        with self._catalog.write() as db:
            for file_id in file_ids:
                _expect_hearable(files.get(db, file_id))
                if transcriptions.has_captions(db, file_id):
                    raise ConflictError(
                        f"File {file_id} has a transcript from captions",
                        fix="Put its caption file in the trash first to have another made.",
                    )
            for file_id in file_ids:
                transcriptions.ask(db, file_id)

    def take(self, only: Collection[int] | None = None) -> File | None:
        """Take the next recording that is due, of all or of some; None when there is none."""
        with self._catalog.read() as db:
            if transcriptions.next_due(db, now=utc_now(), only=only) is None:
                return None
        with self._catalog.write() as db:
            file_id = transcriptions.next_due(db, now=utc_now(), only=only)
            if file_id is None or not transcriptions.take(db, file_id, self._claim.id):
                return None
            self._held.add(file_id)
            return files.get(db, file_id)

    def keep(self, file: File, found: Sequence[Cue], *, done_ms: int, progress: float) -> bool:
        """Keep what was heard up to a moment; tell whether it still was ours to make."""
        with self._catalog.write() as db:
            return transcriptions.keep(
                db, file.id, self._claim.id, found, done_ms=done_ms, progress=progress
            )  # fmt: skip

    def finish(self, file: File) -> None:
        """Show what was heard."""

        def write(db: Database) -> None:
            if transcriptions.end(db, file.id, self._claim.id, "done", progress=1.0):
                transcriptions.show(db, file.id)

        self._give_back(file, write)

    def refuse(self, file: File, reason: str, fix: str) -> None:
        """Note why there is no transcript; it is not tried again by itself."""
        log.info("file %d gets no transcript: %s", file.id, reason)
        self._end(file, "failed", reason=reason, fix=fix)

    def put_off(self, file: File, error: StudyBuddyError) -> None:
        """Have it tried again later; give up after some tries. A storage that does not answer only delays."""
        waits = isinstance(error, UnavailableError | NoSpaceError)
        found = self.find(file.id)
        attempts = (found.attempts if found else 0) + (not waits)
        if attempts > len(self._pauses_s):
            self.refuse(file, str(error), error.fix)
            return
        asked = error.pause_s if isinstance(error, BusyError) else 0.0
        seconds = max(self._pauses_s[max(attempts - 1, 0)], asked)
        next_at = (datetime.now(UTC) + timedelta(seconds=seconds)).strftime(TIME_FORMAT)
        log.info("the transcript of file %d is tried later: %s", file.id, error)
        self._end(file, "pending", next_at=next_at, reason=str(error), fix=error.fix, attempts=attempts)

    def give_back(self, file: File) -> None:
        """Let whoever comes next go on where this one is."""
        self._end(file, "pending")

    def settle(self) -> None:
        """Give back what dead processes were making."""
        with self._catalog.read() as db:
            lost = [
                (file_id, owner) for file_id, owner in transcriptions.owners(db) if not self._is_made(file_id, owner)
            ]
        if lost:
            with self._catalog.write() as db:
                for file_id, owner in lost:
                    transcriptions.end(db, file_id, owner, "pending")

    def _is_made(self, file_id: int, owner: str) -> bool:
        return file_id in self._held if owner == self._claim.id else self._claim.alive(owner)

    def _end(self, file: File, state: transcriptions.State, **columns: str | float) -> None:
        self._give_back(file, lambda db: transcriptions.end(db, file.id, self._claim.id, state, **columns))

    def _give_back(self, file: File, write: Callable[[Database], object]) -> None:
        try:
            with self._catalog.write() as db:
                write(db)
        finally:
            self._held.discard(file.id)  # where the catalog cannot be written, `settle` gives it back


def _expect_hearable(file: File) -> None:
    if file.kind != "audio":
        raise ConflictError(f"{shown_name(file.name)} is no recording", fix="Only recordings get transcripts.")
    if file.trashed_at is not None:
        raise ConflictError(f"File {file.id} is in the trash", fix="Restore it first.")
