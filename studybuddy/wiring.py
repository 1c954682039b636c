"""Opens everything from the settings."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from studybuddy.adding.spool import Spool
from studybuddy.adding.uploads import Uploads
from studybuddy.background import Background
from studybuddy.catalog.connection import Catalog
from studybuddy.claims import Claim
from studybuddy.library import Library
from studybuddy.opening import open_folder, open_storages, open_urls
from studybuddy.pauses import Pauses
from studybuddy.recovery import Recovery
from studybuddy.settings import Settings
from studybuddy.spending.metering import Metering
from studybuddy.storage import Storage
from studybuddy.storages import ChosenStorages

if TYPE_CHECKING:
    from studybuddy.answers import Answers
    from studybuddy.backups.backup import Backups
    from studybuddy.cards.cards import Cards
    from studybuddy.importing.imports import Imports
    from studybuddy.listening.listening import Listening
    from studybuddy.migration.migrations import Migrations
    from studybuddy.outbox.outbox import Outbox
    from studybuddy.processing.page_images import PageImages
    from studybuddy.processing.queue import Queue
    from studybuddy.processing.transcriber import Transcriber
    from studybuddy.processing.transcriptions import Transcriptions
    from studybuddy.processing.workers import Worker
    from studybuddy.scan.scans import Scans
    from studybuddy.spending.budget import Budgets


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

    @cached_property
    def answers(self) -> "Answers":
        """Whether each storage answers."""
        from studybuddy.answers import Answers  # noqa: PLC0415

        return Answers(self.storages, self.pauses)

    @cached_property
    def background(self) -> Background:
        """What a server does by itself."""
        return Background(self)

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
            urls=lambda: open_urls(self.settings), max_file_bytes=self.settings.max_upload_bytes,
        )  # fmt: skip
        imports.settle_by(self.recovery.run)
        self.writers.append(imports.is_running)
        return imports

    @cached_property
    def listening(self) -> "Listening":
        """Where a person stopped, what they noted, and which page belongs to it."""
        from studybuddy.listening.listening import Listening  # noqa: PLC0415

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
        from studybuddy.outbox.outbox import Outbox  # noqa: PLC0415

        outbox = Outbox(self.catalog, self.storages, self.pauses, self.claim)
        self.writers.append(outbox.is_draining)
        outbox.wake_by(self.background.hurry_outbox)
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
        self.background.start()

    def place(self, name: str) -> Storage:
        """Return a storage by its name, else a folder, as a place for backups; raise NotFoundError for neither."""
        storages = self.storages()
        if name in {storage.name for storage in storages.opened.values()}:
            return storages.named(name)
        return open_folder(Path(name).expanduser())

    def close(self) -> None:
        """End the background work and let go of everything."""
        loaded = vars(self)
        for name in ("outbox", "migrations", "imports", "background"):
            if name in loaded:
                loaded[name].stop()
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
