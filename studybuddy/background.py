"""What a server does by itself: duties that come round, on threads of their own where they may take long."""

from functools import partial
from typing import TYPE_CHECKING

from studybuddy.catalog import choices
from studybuddy.jobs import Runner

if TYPE_CHECKING:
    from studybuddy.processing.transcriber import Transcriber
    from studybuddy.processing.workers import Worker
    from studybuddy.wiring import Wiring

_RECOVER_EVERY_S = 60
_RECOVER_AFTER_S = 0.5  # the server listens first
_SWEEP_EVERY_S = 3600
_OUTBOX_EVERY_S = 5
_READ_EVERY_S = 2
_BUDGET_EVERY_S = 600
_READY_S = 2  # what is not needed for the first page waits for it
_BACKUP_AFTER_S = 120  # when the start's own work is done


class Background:
    """The background work of one process. `stop` it at the end."""

    def __init__(self, wiring: "Wiring") -> None:
        self._wiring = wiring
        self._runner = Runner()
        self._outbox = Runner()  # a long drain must not hold up recovery
        self._transcribing = Runner()  # a service may take its time
        self._readers: dict[Runner, Worker | None] = {}
        self._transcriber: Transcriber | None = None

    def start(self) -> None:
        """Begin."""
        self._start_duties()
        self._outbox.every(_OUTBOX_EVERY_S, "outbox", self._move_waiting, first_after_s=_READY_S)
        self._outbox.start()
        settings = self._wiring.settings
        for _ in range(settings.workers):
            self._start_reading()
        if settings.workers and settings.transcribe:
            self._transcribing.every(_READ_EVERY_S, "transcripts", self._transcribe, first_after_s=_READY_S)
            self._transcribing.start()

    def hurry_outbox(self) -> None:
        """Look at once what waits for another storage."""
        self._outbox.hurry()

    def stop(self) -> None:
        """End all of it; what is being read or transcribed is given up."""
        for one in self._working():
            one.stop()
        for runner in (self._runner, self._outbox, *self._readers, self._transcribing):
            runner.stop()
        for one in self._working():
            one.close()

    def _working(self) -> "list[Worker | Transcriber]":
        return [one for one in (*self._readers.values(), self._transcriber) if one is not None]

    def _start_duties(self) -> None:
        every, wiring = self._runner.every, self._wiring
        every(_RECOVER_EVERY_S, "recovery", wiring.recovery.run, first_after_s=_RECOVER_AFTER_S)
        # Behind recovery: it settles first what a dead process had begun to save.
        every(_RECOVER_EVERY_S, "unfinished uploads", wiring.uploads.resume, first_after_s=_RECOVER_AFTER_S)
        every(_RECOVER_EVERY_S, "interrupted migrations", self._recover_migrations, first_after_s=_READY_S)
        every(_RECOVER_EVERY_S, "interrupted imports", self._recover_imports, first_after_s=_READY_S)
        every(_SWEEP_EVERY_S, "old trash", wiring.recovery.purge_old_trash, first_after_s=60)
        every(_SWEEP_EVERY_S, "stale uploads", wiring.uploads.sweep, first_after_s=60)
        every(_SWEEP_EVERY_S, "stray derived files", wiring.recovery.remove_stray_derived, first_after_s=90)
        every(_SWEEP_EVERY_S, "daily backup", self._back_up, first_after_s=_BACKUP_AFTER_S)
        every(_BUDGET_EVERY_S, "budget", self._review_budget, first_after_s=_READY_S)
        self._runner.start()

    def _start_reading(self) -> None:
        """Begin a worker that reads files, on a thread of its own."""
        reader = Runner()
        reader.every(_READ_EVERY_S, "reading files", partial(self._read_files, reader), first_after_s=_READY_S)
        self._readers[reader] = None
        reader.start()

    def _read_files(self, reader: Runner) -> None:
        worker = self._readers[reader] or self._wiring.new_worker()
        self._readers[reader] = worker
        worker.run()

    def _transcribe(self) -> None:
        from studybuddy.catalog import transcriptions  # noqa: PLC0415  most have no service for it

        with self._wiring.catalog.read() as db:
            if not transcriptions.is_any_open(db):
                return
        self._transcriber = self._transcriber or self._wiring.new_transcriber()
        self._transcriber.run()

    # What is asked of these services loads them: not before their duty's first time.

    def _recover_migrations(self) -> None:
        self._wiring.migrations.recover()
        self._wiring.migrations.go_on()

    def _recover_imports(self) -> None:
        self._wiring.imports.recover()

    def _move_waiting(self) -> None:
        self._wiring.outbox.run()

    def _back_up(self) -> None:
        self._wiring.backups.run_daily()

    def _review_budget(self) -> None:
        with self._wiring.catalog.read() as db:
            limited = choices.get(db, choices.BUDGET)
        if limited or self._wiring.storages().held:
            self._wiring.budgets.review()
