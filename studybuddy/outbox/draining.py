"""How files leave the outbox: claimed, copied by several threads, switched in groups, and only then removed here."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from functools import partial

from studybuddy import keys, removal
from studybuddy.catalog import Database, copies, files, outbox
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.records import Copy, File
from studybuddy.claims import Activity, Claim
from studybuddy.errors import (
    NotFoundError,
    PermissionDeniedError,
    SourceDamagedError,
    StudyBuddyError,
    UnavailableError,
)
from studybuddy.moving import Resumption, copy_object, goes_on
from studybuddy.pauses import Pauses
from studybuddy.storages import Storages

log = logging.getLogger(__name__)

_AT_ONCE = 8
_GROUP = 64


@dataclass(frozen=True, slots=True)
class Wish:
    """What to move: what is due at `now` (None: everything), of these files alone (None: of all)."""

    now: str | None = None
    only: Sequence[int] | None = None
    on_moved: Callable[[File], object] = lambda _: None


@dataclass(frozen=True, slots=True)
class NotMoved:
    """A file that stays where it is for now, and why."""

    file: File
    error: StudyBuddyError

    @property
    def stops_all(self) -> bool:
        """Whether no other file would get there either."""
        return isinstance(self.error, UnavailableError | PermissionDeniedError)


@dataclass(slots=True)
class Drained:
    """What a drain did."""

    moved: int = 0
    bytes: int = 0
    failed: list[NotMoved] = field(default_factory=list)  # one that `stops_all` stands for all behind it
    waiting: int = 0  # what is in the outbox still


@dataclass(frozen=True, slots=True)
class _Move:
    """A file on its way, or at its end."""

    file: File
    source: Copy
    target: Copy
    resumes: bool = False  # something may have come to the target before
    error: StudyBuddyError | None = None
    begun: bool = False  # whether there may be something at the target


class Draining:
    """Moves what waits for a storage. No process moves a file that another is moving."""

    def __init__(self, catalog: Catalog, storages: Callable[[], Storages], pauses: Pauses, claim: Claim) -> None:
        self._catalog = catalog
        self._storages = storages
        self._pauses = pauses
        self._claim = claim
        self._activity = Activity()
        self.stopping = False  # what is under way ends, and nothing more begins

    @property
    def active(self) -> bool:
        """Whether this process is writing copies right now."""
        return self._activity.going_on

    def to(self, storage_id: int, wish: Wish, drained: Drained) -> None:
        """Move files to a storage until none is left or it fails; add to `drained` what was done.

        A storage that failed before gets one file first.
        """
        with self._activity:
            suspect = self._is_suspect(storage_id)
            after, known = 0, len(drained.failed)
            while not self.stopping:
                moves, after = self._begin(storage_id, wish, drained, after=after, limit=1 if suspect else _GROUP)
                self._carry(moves, wish, drained, trial=suspect)
                if not after or any(one.stops_all for one in drained.failed[known:]):
                    return
                suspect = suspect and not moves

    def _is_suspect(self, storage_id: int) -> bool:
        with self._catalog.read() as db:
            tried = any(pause.storage_id == storage_id for pause in outbox.pauses(db))
        return tried or self._pauses.reason(storage_id) is not None

    def _begin(
        self, storage_id: int, wish: Wish, drained: Drained, *, after: int, limit: int
    ) -> tuple[list[_Move], int]:
        """Note what is about to be written; return it, and the last id that was looked at (0: there are no more)."""
        movable = partial(outbox.movable, storage_id=storage_id, after=after, limit=limit, now=wish.now, only=wish.only)
        with self._catalog.read() as db:
            found = movable(db)
        if not found:
            return [], 0
        try:
            self._storages().get(storage_id)
        except UnavailableError as error:
            self._put_off_unnamed(storage_id, found[0][0], error, drained)
            return [], 0
        with self._catalog.write() as db:
            found = movable(db)
            free = [(file, source) for file, source in found if not self._is_moving(db, file.id, storage_id)]
            moves = [self._note(db, file, source, storage_id) for file, source in free]
        return moves, found[-1][0].id if found else 0

    def _put_off_unnamed(self, storage_id: int, file: File, error: StudyBuddyError, drained: Drained) -> None:
        drained.failed.append(NotMoved(file, error))
        with self._catalog.write() as db:
            outbox.put_off_storage(db, storage_id, str(error))

    def _is_moving(self, db: Database, file_id: int, storage_id: int) -> bool:
        return any(
            copy.state == "writing" and copy.storage_id == storage_id and self._claim.alive(copy.writer or "")
            for copy in copies.of_file(db, file_id)
        )

    def _note(self, db: Database, file: File, source: Copy, storage_id: int) -> _Move:
        kept = copies.kept_for_outbox(db, file.id, storage_id=storage_id)
        if kept is not None:
            copies.take_over(db, [kept.id], self._claim.id)
            return _Move(file, source, replace(kept, writer=self._claim.id), resumes=True)
        key, resumable = keys.another(source.key), goes_on(self._storages().get(storage_id), file.size)
        (copy_id,) = copies.insert_all(db, [(file.id, key, resumable)], storage_id=storage_id, writer=self._claim.id)
        return _Move(file, source, Copy(copy_id, file.id, storage_id, key, "writing", self._claim.id, resumable))

    def _carry(self, moves: Sequence[_Move], wish: Wish, drained: Drained, *, trial: bool) -> None:
        if not moves:
            return
        left = {move.target.id for move in moves}
        pool = ThreadPoolExecutor(min(_AT_ONCE, len(moves)), thread_name_prefix="outbox")
        try:
            pending = {pool.submit(self._copy, move, trial=trial) for move in moves}
            while pending:
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                settled = [future.result() for future in done]
                self._settle(settled, wish, drained)
                left -= {move.target.id for move in settled}
        finally:
            # Only when nobody writes them any more may the copies be given up.
            pool.shutdown(cancel_futures=True)
            if left:
                self._abandon(left)

    def _copy(self, move: _Move, *, trial: bool) -> _Move:
        try:
            if self.stopping:
                return move
            if not trial:
                self._pauses.check(move.target.storage_id)
            storages = self._storages()
            source, target = storages.get(move.source.storage_id), storages.get(move.target.storage_id)
        except UnavailableError as error:
            return replace(move, error=error)
        file = move.file
        try:
            with self._pauses.watch(target.id, trial=True):
                copy_object(
                    source, move.source.key, target, move.target.key,
                    size=file.size, sha256=file.sha256, content_type=file.content_type,
                    resumption=Resumption(is_new=not move.resumes),
                )  # fmt: skip
        except StudyBuddyError as error:
            return replace(move, error=error, begun=True)
        return replace(move, begun=True)

    def _settle(self, moves: Sequence[_Move], wish: Wish, drained: Drained) -> None:
        arrived: list[File] = []
        doomed: list[Copy] = []
        with self._catalog.write() as db:
            for move in moves:
                if self._goes_on(db, move):
                    copies.take_over(db, [move.target.id], None)
                elif not move.begun:
                    copies.doom(db, move.target.id)
                    copies.forget(db, move.target.id)
                elif move.error is None and outbox.arrive(db, source=move.source, target=move.target):
                    outbox.resume_storage(db, move.target.storage_id)
                    arrived.append(files.get(db, move.file.id))
                    doomed.append(move.source)
                else:
                    copies.doom(db, move.target.id)
                    if not isinstance(move.error, UnavailableError):  # else recovery removes it when it can
                        doomed.append(replace(move.target, writer=None))
            for move in moves:
                if move.error is not None:
                    self._put_off(db, move, drained)
        self._tell(arrived, wish, drained)
        removal.remove_objects(self._catalog, self._storages(), doomed)

    def _goes_on(self, db: Database, move: _Move) -> bool:
        """Tell whether the next drain goes on with what has come of a copy."""
        if move.begun:
            target = self._storages().get(move.target.storage_id)
            kept = move.error is not None and goes_on(target, move.file.size, move.error)
        else:
            kept = move.resumes
        return kept and _still_waits(db, move)

    def _tell(self, arrived: Sequence[File], wish: Wish, drained: Drained) -> None:
        for file in arrived:
            drained.moved += 1
            drained.bytes += file.size
            wish.on_moved(file)
            log.info("file %d moved to %s", file.id, self._storages().label(file.storage_id or 0))

    def _put_off(self, db: Database, move: _Move, drained: Drained) -> None:
        error, file = move.error, move.file
        if error is None or not _still_waits(db, move):
            return  # it was given up or deleted meanwhile
        told = any(one.stops_all and one.file.wanted_storage_id == file.wanted_storage_id for one in drained.failed)
        failure = NotMoved(file, error)
        if isinstance(error, SourceDamagedError):
            copies.spoil(db, move.source.id)
        if failure.stops_all and not told:
            outbox.put_off_storage(db, move.target.storage_id, str(error))
        if not isinstance(error, UnavailableError):
            outbox.put_off_file(db, file.id, str(error))
        if not failure.stops_all or not told:
            log.warning("file %d stays in %s: %s", file.id, self._storages().label(file.storage_id or 0), error)
            drained.failed.append(failure)

    def _abandon(self, copy_ids: set[int]) -> None:
        with self._catalog.write() as db:
            for copy_id in copy_ids:
                copy = copies.get(db, copy_id)
                if copy is not None and copy.state in {"writing", "doomed"}:
                    copies.doom(db, copy_id)


def _still_waits(db: Database, move: _Move) -> bool:
    try:
        now = files.get(db, move.file.id)
    except NotFoundError:
        return False
    return now.current_copy_id == move.source.id and now.wanted_storage_id == move.target.storage_id
