"""Opens everything from the settings, and begins and ends its background work."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from studybuddy.catalog import choices, transcriptions
from studybuddy.catalog.connection import Catalog
from studybuddy.claims import Claim
from studybuddy.jobs import Runner
from studybuddy.library import Library
from studybuddy.opening import open_folder, open_storages, open_urls
from studybuddy.pauses import Pauses
from studybuddy.recovery import Recovery
from studybuddy.settings import Settings
from studybuddy.spending.metering import Metering
from studybuddy.spool import Spool
from studybuddy.storage import Storage
from studybuddy.storages import ChosenStorages
from studybuddy.uploads import Uploads

if TYPE_CHECKING:
    from studybuddy.answers import Answers
    from studybuddy.backups.backup import Backups
    from studybuddy.cards.cards import Cards
    from studybuddy.importing.imports import Imports
    from studybuddy.listening import Listening
    from studybuddy.migration.migrations import Migrations
    from studybuddy.outbox import Outbox
    from studybuddy.processing.page_images import PageImages
    from studybuddy.processing.queue import Queue
    from studybuddy.processing.transcriber import Transcriber
    from studybuddy.processing.transcriptions import Transcriptions
    from studybuddy.processing.workers import Worker
    from studybuddy.scan.scans import Scans
    from studybuddy.spending.budget import Budgets

_RECOVER_EVERY_S = 60
_SWEEP_EVERY_S = 3600
_OUTBOX_EVERY_S = 5
_READ_EVERY_S = 2
_BUDGET_EVERY_S = 600
_READY_S = 2  # what is not needed for the first page waits for it
_BACKUP_AFTER_S = 120  # when the start's own work is done


@dataclass(eq=False)
class Wiring:
    """Everything that is open. What not every start needs is loaded when it is asked for. `close` it at the end."""

    settings: Settings
    catalog: Catalog
    storages: ChosenStorages
    spool: Spool
    pauses: Pauses
    library: Library
    uploads: Uploads
    recovery: Recovery
    claim: Claim
    metering: Metering
    writers: list[Callable[[], bool]]  # each tells whether it is writing copies right now
    runner: Runner = field(default_factory=Runner)
    readers: "dict[Runner, Worker | None]" = field(default_factory=dict)
    transcribe_runner: Runner = field(default_factory=Runner)  # of its own: a service may take its time
    transcriber: "Transcriber | None" = None
    outbox_runner: Runner = field(default_factory=Runner)  # of its own: a long drain must not hold up recovery

    @cached_property
    def answers(self) -> "Answers":
        """Whether each storage answers."""
        from studybuddy.answers import Answers  # noqa: PLC0415

        return Answers(self.storages, self.pauses)

    @cached_property
    def backups(self) -> "Backups":
        """The catalog's backups."""
        from studybuddy.backups.backup import Backups  # noqa: PLC0415

        return Backups(self.catalog, self.storages, self.settings.data_dir / "backup")

    @cached_property
    def budgets(self) -> "Budgets":
        """What a month may cost."""
        from studybuddy.spending.budget import Budgets  # noqa: PLC0415

        return Budgets(self.catalog, self.storages)

    @cached_property
    def cards(self) -> "Cards":
        """Flashcards."""
        from studybuddy.cards.cards import Cards  # noqa: PLC0415

        return Cards(self.catalog)

    @cached_property
    def imports(self) -> "Imports":
        """Files of other programs, on their way in."""
        from studybuddy.importing.imports import Imports  # noqa: PLC0415

        imports = Imports(
            self.catalog, self.storages, self.spool, self.pauses, self.claim,
            open_url=open_urls(self.settings), max_file_bytes=self.settings.max_upload_bytes,
        )  # fmt: skip
        imports.settle_by(self.recovery.run)
        self.writers.append(imports.is_running)
        return imports

    @cached_property
    def listening(self) -> "Listening":
        """Where a person stopped, what they noted, and which page belongs to it."""
        from studybuddy.listening import Listening  # noqa: PLC0415

        return Listening(self.catalog)

    @cached_property
    def migrations(self) -> "Migrations":
        """Moves of files from storage to storage."""
        from studybuddy.migration.migrations import Migrations  # noqa: PLC0415

        migrations = Migrations(self.catalog, self.storages, self.claim)
        self.writers.append(migrations.is_running)
        return migrations

    @cached_property
    def outbox(self) -> "Outbox":
        """What waits for another storage. Its background work tries all of it first."""
        from studybuddy.outbox import Outbox  # noqa: PLC0415

        outbox = Outbox(self.catalog, self.storages, self.pauses, self.claim)
        self.writers.append(outbox.is_draining)
        outbox.wake_by(self.outbox_runner.hurry)
        outbox.hurry()  # whoever starts the app again may have put right what was wrong
        return outbox

    @cached_property
    def processing(self) -> "Queue":
        """Which files are to be read, and what came of it."""
        from studybuddy.processing.queue import Queue  # noqa: PLC0415

        return Queue(self.catalog, self.storages, self.pauses, self.claim)

    @cached_property
    def page_images(self) -> "PageImages":
        """Pictures of documents' pages."""
        from studybuddy.processing.page_images import PageImages  # noqa: PLC0415

        folder = self.settings.data_dir / "processing"
        return PageImages(self.library, self.processing.derived, self.claim, folder=folder)

    @cached_property
    def scans(self) -> "Scans":
        """Comparisons of the catalog with what storages hold."""
        from studybuddy.scan.scans import Scans  # noqa: PLC0415

        scans = Scans(self.catalog, self.storages, self.spool, self.claim)
        self.writers.append(scans.is_writing)
        return scans

    @cached_property
    def transcriptions(self) -> "Transcriptions":
        """Which transcripts were asked for, and what came of it."""
        from studybuddy.processing.transcriptions import Transcriptions  # noqa: PLC0415

        return Transcriptions(self.catalog, self.claim, is_set_up=self.settings.transcribe is not None)

    def new_transcriber(self) -> "Transcriber":
        """Return one that makes transcripts, for one thread; `close` it at the end."""
        from studybuddy.processing.transcriber import Transcriber  # noqa: PLC0415
        from studybuddy.processing.whisper import engine_of  # noqa: PLC0415

        folder = self.settings.data_dir / "processing"
        engine = engine_of(self.settings.transcribe)
        return Transcriber(self.transcriptions, self.library, self.claim, folder=folder, engine=engine)

    def new_worker(self) -> "Worker":
        """Return one that reads files, for one thread; `close` it at the end."""
        from studybuddy.processing.workers import Worker  # noqa: PLC0415

        folder = self.settings.data_dir / "processing"
        return Worker(self.processing, self.library, self.claim, folder=folder)

    def start(self) -> None:
        """Begin the background work of a server."""
        every = self.runner.every
        every(_RECOVER_EVERY_S, "recovery", self.recovery.run)
        # Behind recovery: it settles first what a dead process had begun to save.
        every(_RECOVER_EVERY_S, "unfinished uploads", self.uploads.resume)
        every(_RECOVER_EVERY_S, "interrupted migrations", self._recover_migrations, first_after_s=_READY_S)
        every(_RECOVER_EVERY_S, "interrupted imports", self._recover_imports, first_after_s=_READY_S)
        every(_SWEEP_EVERY_S, "old trash", self.recovery.purge_old_trash, first_after_s=60)
        every(_SWEEP_EVERY_S, "stale uploads", self.uploads.sweep, first_after_s=60)
        every(_SWEEP_EVERY_S, "stray derived files", self.recovery.remove_stray_derived, first_after_s=90)
        every(_SWEEP_EVERY_S, "daily backup", self._back_up, first_after_s=_BACKUP_AFTER_S)
        every(_BUDGET_EVERY_S, "budget", self._review_budget, first_after_s=_READY_S)
        self.runner.start()
        self.outbox_runner.every(_OUTBOX_EVERY_S, "outbox", self._move_waiting, first_after_s=_READY_S)
        self.outbox_runner.start()
        for _ in range(self.settings.workers):
            self._start_reading()
        if self.settings.workers and self.settings.transcribe:
            self.transcribe_runner.every(_READ_EVERY_S, "transcripts", self._transcribe, first_after_s=_READY_S)
            self.transcribe_runner.start()

    def _start_reading(self) -> None:
        """Begin a worker that reads files, on a thread of its own."""
        reader = Runner()
        reader.every(_READ_EVERY_S, "reading files", partial(self._read_files, reader), first_after_s=_READY_S)
        self.readers[reader] = None
        reader.start()

    def _read_files(self, reader: Runner) -> None:
        worker = self.readers[reader] or self.new_worker()
        self.readers[reader] = worker
        worker.run()

    def _transcribe(self) -> None:
        with self.catalog.read() as db:
            if not transcriptions.is_any_open(db):
                return
        self.transcriber = self.transcriber or self.new_transcriber()
        self.transcriber.run()

    def _recover_migrations(self) -> None:
        self.migrations.recover()

    def _recover_imports(self) -> None:
        self.imports.recover()

    def _review_budget(self) -> None:
        with self.catalog.read() as db:
            limited = choices.get(db, choices.BUDGET)
        if limited or self.storages().held:
            self.budgets.review()

    def _move_waiting(self) -> None:
        self.outbox.run()

    def _back_up(self) -> None:
        self.backups.run_daily()

    def place(self, name: str) -> Storage:
        """Return a storage by its name, else a folder, as a place for backups; raise NotFoundError for neither."""
        storages = self.storages()
        if name in {storage.name for storage in storages.opened.values()}:
            return storages.named(name)
        return open_folder(Path(name).expanduser())

    def close(self) -> None:
        """End the background work and let go of everything."""
        loaded = vars(self)
        if "outbox" in loaded:
            self.outbox.stop()
        workers = [worker for worker in self.readers.values() if worker is not None]
        for worker in workers:
            worker.stop()
        if self.transcriber is not None:
            self.transcriber.stop()
        for name in ("migrations", "imports"):
            if name in loaded:
                loaded[name].stop()
        self.runner.stop()
        self.outbox_runner.stop()
        for reader in self.readers:
            reader.stop()
        self.transcribe_runner.stop()
        for worker in workers:
            worker.close()
        if self.transcriber is not None:
            self.transcriber.close()
        for name in ("page_images", "scans"):
            if name in loaded:
                loaded[name].close()
        self.uploads.close()
        self.metering.close()
        self.catalog.close()
        self.claim.release()


def open_all(settings: Settings) -> Wiring:
    """Open the catalog and the storages. No storage is asked anything yet, so that a dead one delays nothing."""
    catalog = Catalog(settings.data_dir / "catalog.db")
    catalog.prepare()
    claim = Claim(settings.data_dir / "claims")
    spool = Spool(settings.data_dir / "spool", writer=claim.id)
    metering = Metering(catalog)
    opened = open_storages(settings, catalog, writer=claim.id, counter=metering.counter)
    storages = ChosenStorages(catalog, opened)
    pauses = Pauses()
    library = Library(catalog, storages, spool, pauses, writer=claim.id, max_file_bytes=settings.max_upload_bytes)
    writers = [library.is_adding]
    return Wiring(
        settings=settings,
        catalog=catalog,
        storages=storages,
        spool=spool,
        pauses=pauses,
        library=library,
        uploads=Uploads(library, spool, max_file_bytes=settings.max_upload_bytes),
        recovery=Recovery(catalog, storages, spool, claim, is_writing=lambda: any(writes() for writes in writers)),
        claim=claim,
        metering=metering,
        writers=writers,
    )
