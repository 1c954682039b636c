"""Backups: the catalog as it was at one moment, and a manifest from which it can be made again. No files' bytes."""

import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from studybuddy.backups import layout, parts
from studybuddy.backups.layout import Backup
from studybuddy.backups.parts import OnStage, say_nothing
from studybuddy.catalog import backups, totals
from studybuddy.catalog.backups import BackupRecord
from studybuddy.catalog.connection import Catalog
from studybuddy.errors import ConflictError, StudyBuddyError
from studybuddy.storage import Storage
from studybuddy.storages import Storages
from studybuddy.units import parse_time, utc_now

log = logging.getLogger(__name__)

# Less than a day, so that who opens the app each morning, now and then a little earlier, has one of each day.
_EVERY = timedelta(hours=20)
_AT_LEAST_EVERY = timedelta(days=7)


class Backups:
    """Makes backups, one at a time, and keeps the last seven of those that it makes by itself."""

    def __init__(self, catalog: Catalog, storages: Callable[[], Storages], folder: Path) -> None:
        self._catalog = catalog
        self._storages = storages
        self._folder = folder  # for what is being made
        self._looked_at = datetime.min.replace(tzinfo=UTC)  # when an automatic one was made, or dropped

    def home(self) -> Storage:
        """Return the storage for automatic backups: where new files go."""
        storages = self._storages()
        return storages.target if storages.target.takes_files else storages.local

    def run(self, place: Storage | None = None, *, on_stage: OnStage = say_nothing) -> Backup:
        """Back up to a place; without one, to where new files go.

        Raises ConflictError while another is being made.
        """
        place = place or self.home()
        with self._alone(), self._noting_failure(place, automatic=False):
            backup = parts.make(self._catalog, self._folder, automatic=False, on_stage=on_stage)
            self._send(backup, [place], on_stage)
        return backup

    def run_daily(self) -> None:
        """Back up when a day has passed and something has changed; what fails is told and tried again later."""
        try:
            if self._is_due():
                self._run_daily()
        except StudyBuddyError as error:
            log.warning("the daily backup failed: %s", error)

    def list(self, place: Storage) -> list[Backup]:
        """Return the finished backups in a place, the newest first."""
        return layout.finished(place)

    def last(self) -> BackupRecord | None:
        """Return what came of the last backup, also when it failed."""
        with self._catalog.read() as db:
            return backups.last(db)

    def last_done(self) -> BackupRecord | None:
        """Return the last backup that succeeded."""
        with self._catalog.read() as db:
            return backups.last_done(db)

    def _is_due(self) -> bool:
        with self._catalog.read() as db:
            last = backups.last_automatic(db)
            if last is None:
                return totals.read(db).sessions > 0
        return _age(last) >= _EVERY and datetime.now(UTC) - self._looked_at >= _EVERY

    def _run_daily(self) -> None:
        home, local = self.home(), self._storages().local
        places = [home] if home.id == local.id else [home, local]
        with self._alone(), self._noting_failure(home, automatic=True):
            backup = parts.make(self._catalog, self._folder, automatic=True, on_stage=say_nothing)
            if not self._is_nothing_new(backup):
                place = self._send(backup, places, say_nothing)
                _tidy(place, library=backup.holds.library)
        self._looked_at = datetime.now(UTC)

    def _is_nothing_new(self, backup: Backup) -> bool:
        with self._catalog.read() as db:
            last = backups.last_automatic(db)
        return last is not None and last.content == backup.content and _age(last) < _AT_LEAST_EVERY

    def _send(self, backup: Backup, places: Sequence[Storage], on_stage: OnStage) -> Storage:
        """Send a backup to the first place that takes it, and note that; return the place."""
        reason = ""
        for place in places:
            on_stage(f"writing to {place.label}")
            try:
                parts.send(backup, self._folder, place)
                break
            except StudyBuddyError as error:
                if place is places[-1]:
                    raise
                log.warning("the backup is not in %s: %s", place.label, error)
                reason = f"{place.label}: {error}"
        about = (backup.name, place.label, backup.automatic, backup.made_at)
        self._note(BackupRecord(*about, True, backup.holds.files, backup.size, backup.content, reason))
        log.info("backed up to %s as %s", place.label, backup.name)
        return place

    @contextmanager
    def _noting_failure(self, place: Storage, *, automatic: bool) -> Iterator[None]:
        try:
            yield
        except StudyBuddyError as error:
            self._note(BackupRecord("", place.label, automatic, utc_now(), False, 0, 0, "", str(error)))
            raise

    def _note(self, record: BackupRecord) -> None:
        with self._catalog.write() as db:
            backups.insert(db, record)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the folder for what is being made; what a dead process left in it is removed."""
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._folder.with_suffix(".lock"), timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise ConflictError("Another backup is being made", fix="Wait until it is done.") from None
        try:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir(mode=0o700)
            yield
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
            lock.release()


def _age(record: BackupRecord) -> timedelta:
    return datetime.now(UTC) - parse_time(record.at)


def _tidy(place: Storage, *, library: str) -> None:
    try:
        parts.remove_old(place, library=library)
    except StudyBuddyError as error:
        log.warning("old backups stay in %s for now: %s", place.label, error)
