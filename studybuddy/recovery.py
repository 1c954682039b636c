"""What a start does first: settle what a dead process left half done, and throw away what is past its time."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from studybuddy import removal
from studybuddy.adding.rows import abandon, acknowledge
from studybuddy.adding.spool import Spool
from studybuddy.catalog import Database, arrivals, copies, files, sessions
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.records import Copy
from studybuddy.claims import Claim
from studybuddy.drivers.driver import KeepsTemporaryFiles, LeavesProbes
from studybuddy.errors import IntegrityError, NotFoundError, ObjectNotFoundError, StorageError, UnavailableError
from studybuddy.processing.derived import beside
from studybuddy.storages import Storages
from studybuddy.units import TIME_FORMAT

log = logging.getLogger(__name__)

_UNFINISHED_KEPT = timedelta(days=7)  # as the set-up lets a bucket keep it


class Recovery:
    """Cleans up after processes that died. What a living process writes is never touched."""

    def __init__(
        self,
        catalog: Catalog,
        storages: Callable[[], Storages],
        spool: Spool,
        claim: Claim,
        *,
        is_writing: Callable[[], bool],
    ) -> None:
        self._catalog = catalog
        self._storages = storages
        self._spool = spool
        self._claim = claim
        self._is_writing = is_writing

    def run(self) -> None:
        """Do all of it; safe at any time, also twice at once."""
        self.settle_writing()
        self.drop_arrivals()
        self.remove_doomed()
        self.remove_probes()
        self.remove_temporary()
        self._claim.sweep()

    def run_here(self) -> None:
        """Do what this computer can do alone, so that a storage that does not answer holds up no command."""
        here = self._storages().local.id
        self.settle_writing(in_storage=here)
        self.drop_arrivals()
        self.remove_doomed(in_storage=here)
        self.remove_temporary()
        self._claim.sweep()

    def settle_writing(self, *, in_storage: int | None = None) -> None:
        """Adopt every object that nobody writes any more and that is whole; give the others up."""
        writing = self._in_state("writing", in_storage)
        orphans = [copy for copy in writing if not self._is_written(copy)]
        silent: set[int] = set()  # storages that did not answer: asked once, not once for each copy
        for copy in orphans:
            try:
                if copy.storage_id not in silent:
                    self._settle(copy)
            except StorageError as error:
                log.warning("file %s waits for its storage: %s", copy.file_id, error)
                if isinstance(error, UnavailableError):
                    silent.add(copy.storage_id)
        with self._catalog.write() as db:
            for file_id in files.never_acknowledged(db):
                abandon(db, file_id)

    def drop_arrivals(self) -> None:
        """Drop the sessions that were on their way in when their processes died."""
        with self._catalog.read() as db:
            lost = [session_id for session_id, writer in arrivals.all_of(db) if not self._claim.alive(writer)]
        for session_id in lost:
            with self._catalog.write() as db:
                # Another process may have been here first.
                doomed = removal.drop_arrival(db, session_id) if session_id in dict(arrivals.all_of(db)) else []
            # Their objects go with the other doomed ones: this storage may not be the one to be asked now.
            beside(self._catalog.path).remove({copy.file_id for copy in doomed if copy.file_id is not None})
            log.info("session %d did not come whole", session_id)

    def remove_doomed(self, *, in_storage: int | None = None) -> None:
        """Delete the objects of doomed copies."""
        doomed = [
            replace(copy, writer=None) for copy in self._in_state("doomed", in_storage) if not self._is_written(copy)
        ]
        removal.remove_objects(self._catalog, self._storages(), doomed)

    def remove_probes(self) -> None:
        """Delete what checks left in storages that answer again."""
        for storage in self._storages().opened.values():
            if isinstance(storage.driver, LeavesProbes):
                try:
                    storage.driver.remove_probes()
                except StorageError as error:
                    log.warning("a probe stays in %s for now: %s", storage.label, error)

    def remove_temporary(self) -> None:
        """Remove the temporary files of dead processes."""
        for path in self._spool.stale_temporary(self._claim.alive):
            path.unlink(missing_ok=True)
        local = self._storages().local
        if isinstance(local.driver, KeepsTemporaryFiles):
            local.driver.remove_stale_temporary(self._claim.alive)
            kept = local.driver.unfinished_keys()
            known = {copy.key for copy in self._in_state("writing", local.id)} if kept else set()
            for key in set(kept) - known:  # of a catalog that is no more
                local.drop_unfinished(key)

    def purge_old_trash(self) -> None:
        """Delete what has been in the trash for 30 days."""
        from studybuddy.catalog.lists import TRASH_KEPT  # noqa: PLC0415 - no start needs the lists

        limit = (datetime.now(UTC) - TRASH_KEPT).strftime(TIME_FORMAT)
        with self._catalog.write() as db:
            doomed = [copy for file_id in files.trashed_before(db, limit) for copy in removal.drop_file(db, file_id)]
            for session_id in sessions.trashed_before(db, limit):
                doomed += removal.drop_session(db, session_id)
        removal.remove(self._catalog, self._storages(), doomed)

    def remove_stray_derived(self) -> None:
        """Remove what was made from files that are gone, where a process died between the two."""
        with self._catalog.read() as db:
            beside(self._catalog.path).remove_strays(lambda ids: files.known(db, ids))

    def _in_state(self, state: str, storage_id: int | None) -> list[Copy]:
        with self._catalog.read() as db:
            return [copy for copy in copies.in_state(db, state) if storage_id in {None, copy.storage_id}]

    def _is_written(self, copy: Copy) -> bool:
        # Asked after the copy was seen: a process that writes nothing by then has left it behind.
        if copy.writer == self._claim.id:
            return self._is_writing()
        return copy.writer is not None and self._claim.alive(copy.writer)

    def _settle(self, copy: Copy) -> None:
        if self._goes_on(copy):
            return
        whole = self._is_whole(copy)
        if not whole or copy.resumable:
            self._storages().get(copy.storage_id).drop_unfinished(copy.key)
        with self._catalog.write() as db:
            now = copies.get(db, copy.id)
            if now is None or now.state != "writing" or copy.file_id is None:
                return
            adopted = whole and self._adopt(db, copy, copy.file_id)
            if not adopted:
                copies.doom(db, copy.id)
        log.info("file %s: copy %d is %s", copy.file_id, copy.id, "kept" if adopted else "dropped")

    @staticmethod
    def _adopt(db: Database, copy: Copy, file_id: int) -> bool:
        """Make a whole copy of use: a new file's only one, or one that was on its way out of the outbox."""
        from studybuddy.catalog import outbox  # noqa: PLC0415 - see above

        current = copies.current_or_none(db, file_id)
        if current is not None:
            return outbox.arrive(db, source=current, target=copy)
        for file in acknowledge(db, {copy.id: copy.key}).values():
            sessions.touch(db, file.session_id)
        return True

    def _goes_on(self, copy: Copy) -> bool:
        """Tell whether somebody goes on with what has come of a copy."""
        since = (datetime.now(UTC) - _UNFINISHED_KEPT).strftime(TIME_FORMAT)
        with self._catalog.read() as db:
            return copies.is_gone_on_with(db, copy.id, since=since)

    def _is_whole(self, copy: Copy) -> bool:
        storage = self._storages().get(copy.storage_id)
        try:
            with self._catalog.read() as db:
                size, sha256 = files.bytes_of(db, copy.file_id or 0)
            storage.verify(copy.key, size=size, sha256=sha256)
        except (ObjectNotFoundError, IntegrityError, NotFoundError):
            return False
        return True
