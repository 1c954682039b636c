"""Opens everything from the settings, and begins and ends its background work."""

from dataclasses import dataclass
from pathlib import Path

from studybuddy.answers import Answers
from studybuddy.backup import Backups
from studybuddy.catalog.connection import Catalog
from studybuddy.claims import Claim
from studybuddy.importing.imports import Imports
from studybuddy.jobs import Runner
from studybuddy.library import Library
from studybuddy.migration.migrations import Migrations
from studybuddy.opening import open_folder, open_storages, open_urls
from studybuddy.outbox import Outbox
from studybuddy.pauses import Pauses
from studybuddy.recovery import Recovery
from studybuddy.scan.scans import Scans
from studybuddy.settings import Settings
from studybuddy.spool import Spool
from studybuddy.storage import Storage
from studybuddy.storages import ChosenStorages
from studybuddy.uploads import Uploads

_RECOVER_EVERY_S = 60
_SWEEP_EVERY_S = 3600
_OUTBOX_EVERY_S = 5
_BACKUP_AFTER_S = 120  # when the start's own work is done


@dataclass(frozen=True, slots=True)
class Wiring:
    """Everything that is open. `close` it at the end."""

    settings: Settings
    catalog: Catalog
    storages: ChosenStorages
    spool: Spool
    pauses: Pauses
    answers: Answers
    library: Library
    uploads: Uploads
    outbox: Outbox
    migrations: Migrations
    imports: Imports
    recovery: Recovery
    scans: Scans
    backups: Backups
    claim: Claim
    runner: Runner
    outbox_runner: Runner  # of its own: a long drain must not hold up recovery

    def start(self) -> None:
        """Begin the background work of a server: recovery, unfinished uploads, old trash."""
        self.runner.every(_RECOVER_EVERY_S, "recovery", self.recovery.run)
        self.runner.every(_RECOVER_EVERY_S, "interrupted migrations", self.migrations.recover)
        self.runner.every(_RECOVER_EVERY_S, "interrupted imports", self.imports.recover)
        # Behind recovery: it settles first what a dead process had begun to save.
        self.runner.every(_RECOVER_EVERY_S, "unfinished uploads", self.uploads.resume)
        self.runner.every(_SWEEP_EVERY_S, "old trash", self.recovery.purge_old_trash, first_after_s=60)
        self.runner.every(_SWEEP_EVERY_S, "stale uploads", self.uploads.sweep, first_after_s=60)
        self.runner.every(_SWEEP_EVERY_S, "daily backup", self.backups.run_daily, first_after_s=_BACKUP_AFTER_S)
        self.runner.start()
        self.outbox_runner.every(_OUTBOX_EVERY_S, "outbox", self.outbox.run)
        self.outbox.wake_by(self.outbox_runner.hurry)
        self.outbox.hurry()  # whoever starts the app again may have put right what was wrong
        self.outbox_runner.start()

    def place(self, name: str) -> Storage:
        """Return a storage by its name, else a folder, as a place for backups; raise NotFoundError for neither."""
        storages = self.storages()
        if name in {storage.name for storage in storages.opened.values()}:
            return storages.named(name)
        return open_folder(Path(name).expanduser())

    def close(self) -> None:
        """End the background work and let go of everything."""
        self.outbox.stop()
        self.migrations.stop()
        self.imports.stop()
        self.runner.stop()
        self.outbox_runner.stop()
        self.scans.close()
        self.uploads.close()
        self.catalog.close()
        self.claim.release()


def open_all(settings: Settings) -> Wiring:
    """Open the catalog and the storages. No storage is asked anything yet, so that a dead one delays nothing."""
    catalog = Catalog(settings.data_dir / "catalog.db")
    catalog.prepare()
    claim = Claim(settings.data_dir / "claims")
    spool = Spool(settings.data_dir / "spool", writer=claim.id)
    storages = ChosenStorages(catalog, open_storages(settings, catalog, writer=claim.id))
    pauses = Pauses()
    library = Library(catalog, storages, spool, pauses, writer=claim.id, max_file_bytes=settings.max_upload_bytes)
    outbox = Outbox(catalog, storages, pauses, claim)
    migrations = Migrations(catalog, storages, claim)
    imports = Imports(
        catalog, storages, spool, pauses, claim, open_url=open_urls(settings), max_file_bytes=settings.max_upload_bytes
    )
    scans = Scans(catalog, storages, spool, claim)
    writers = (library.is_adding, outbox.is_draining, migrations.is_running, imports.is_running, scans.is_writing)
    recovery = Recovery(catalog, storages, spool, claim, is_writing=lambda: any(writes() for writes in writers))
    imports.settle_by(recovery.run)
    return Wiring(
        settings=settings,
        catalog=catalog,
        storages=storages,
        spool=spool,
        pauses=pauses,
        answers=Answers(storages, pauses),
        library=library,
        uploads=Uploads(library, spool, max_file_bytes=settings.max_upload_bytes),
        outbox=outbox,
        migrations=migrations,
        imports=imports,
        recovery=recovery,
        scans=scans,
        backups=Backups(catalog, storages, settings.data_dir / "backup"),
        claim=claim,
        runner=Runner(),
        outbox_runner=Runner(),
    )
