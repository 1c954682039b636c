"""Running a migration: items are copied by many threads, verified, and switched in groups by one writer."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace

from studybuddy import status
from studybuddy.catalog.migrations import Item
from studybuddy.catalog.records import Copy
from studybuddy.errors import (
    ClusterError,
    IntegrityError,
    NoSpaceError,
    ObjectNotFoundError,
    PermissionDeniedError,
    SourceDamagedError,
    SourceMissingError,
    StudyBuddyError,
    UnavailableError,
)
from studybuddy.migration.copying import Crew, Stopped
from studybuddy.migration.journal import CHANGED, Journal, Outcome
from studybuddy.migration.live import Live
from studybuddy.migration.pace import Limit, workers_for
from studybuddy.migration.threads import Threads
from studybuddy.moving import goes_on
from studybuddy.storage import Storage

log = logging.getLogger(__name__)

_ATTEMPTS = 3
_GROUP = 512
_AHEAD = 256  # so many are left to copy while the next group is begun: nobody waits for the journal
_COMMIT_EVERY_S = 0.25
_LOOK_EVERY_S = 0.01
_AGAIN_AFTER_S = 1.0


class Run:
    """One run of one migration, by the process that holds its lease."""

    def __init__(  # noqa: PLR0913
        self,
        journal: Journal,
        source: Storage,
        target: Storage,
        *,
        bytes_per_second: int | None,
        pause_wanted: Callable[[], bool],
        remove: Callable[[Iterable[Copy]], object],
        stopping: threading.Event,
        crew: Crew | None = None,  # copies instead of threads of this process
    ) -> None:
        self._journal = journal
        self._source = source
        self._target = target
        self._limit = Limit(bytes_per_second, stopping)
        self._pause_wanted = pause_wanted
        self._remove = remove
        self._stopping = stopping
        self._crew = crew
        self._copying = 0  # so many were begun and have not ended
        self._ended: deque[tuple[Item, BaseException | None]] = deque()
        self._outcomes: list[Outcome] = []
        self.live = Live()
        self.reason = ""  # why it paused, when nobody wanted it to
        self.goes_on = False  # a storage did not answer, and will again

    def __call__(self) -> bool:
        """Move what is left; tell whether nothing is left. What failed for now is tried again, up to three times."""
        self._remove(self._journal.take_back())
        workers = workers_for(self._source, self._target)
        threads = Threads(
            self._source, self._target, count=workers, live=self.live, passing=self._passing, ended=self._end,
            bytes_per_second=self._limit.bytes_per_second,
        )  # fmt: skip
        with threads.working():
            try:
                while self._pass(threads) and not self._stopping.wait(_AGAIN_AFTER_S):
                    pass
            except BaseException:
                self._stopping.set()
                raise
        return not self._stopping.is_set()

    def _pass(self, threads: Threads) -> bool:
        """Go once through the items that are left; tell whether some are to be tried again."""
        position, more, again = 0, True, False
        while more or self._copying or self._outcomes:
            ahead = max(_AHEAD, self._crew.ahead if self._crew else 0)
            if self._pause_wanted():
                self._stopping.set()
            more = more and not self._stopping.is_set()
            room = _GROUP if more and self._copying <= ahead else 0
            if room or self._outcomes:
                again = again or any(one.state == "todo" for one in self._outcomes)
                begun = self._commit(begin=room, after=position)
                self._submit(threads, begun)
                more = more and (not room or len(begun) == room)
                position = begun[-1].position if begun else position
            self._collect(left=ahead if more else 0)
        return again

    def _commit(self, *, begin: int, after: int) -> list[Item]:
        begun, doomed = self._journal.advance(self._outcomes, begin=begin, after=after)
        switched = [one.item for one in self._outcomes if one.state == "switched"]
        self.live.files += len(switched)
        self.live.bytes += sum(item.size for item in switched)
        self._outcomes = []
        self._remove(doomed)
        return begun

    def _submit(self, threads: Threads, begun: Iterable[Item]) -> None:
        here, away = [], []
        for item in begun:
            if item.target_key is None:
                self._outcomes.append(Outcome(item, "skipped", CHANGED))
            elif self._crew and not item.is_there:
                away.append(item)
            else:
                here.append(item)
        self._copying += len(here) + len(away)
        threads.submit(here)
        for item, future in self._crew.submit(away) if self._crew and away else ():
            future.add_done_callback(lambda done, item=item: self._end(item, done.exception()))  # type: ignore[misc]

    def _end(self, item: Item, error: BaseException | None) -> None:
        self._ended.append((item, error))

    def _passing(self, size: int) -> None:
        if self._stopping.is_set():
            raise Stopped
        self._limit.passing(size)

    def _collect(self, *, left: int) -> None:
        """Take what is done until it is time to commit, or only `left` are being copied."""
        commit_at = time.monotonic() + _COMMIT_EVERY_S
        while self._copying > left and time.monotonic() < commit_at:
            if not self._ended:
                time.sleep(_LOOK_EVERY_S)  # not woken by each: it would keep those that copy from going on
                continue
            self._copying -= 1
            self._outcomes.append(self._outcome(*self._ended.popleft()))

    def _outcome(self, item: Item, error: BaseException | None) -> Outcome:
        match error:
            case None:
                return Outcome(item, "switched")
            case Stopped():
                return self._goes_on(Outcome(replace(item, attempts=item.attempts - 1), "todo"), error)
            case StudyBuddyError():
                return self._goes_on(self._judged(item, error), error)
        # One bad item, or a bug that it wakes, must not keep the others from moving.
        log.error("file %d could not be copied", item.file_id, exc_info=error)
        return Outcome(item, "failed", f"An error in the app ({type(error).__name__}); its log says more.")

    def _goes_on(self, outcome: Outcome, error: BaseException) -> Outcome:
        return replace(outcome, goes_on=goes_on(self._target, outcome.item.size, error))

    def _judged(self, item: Item, error: StudyBuddyError) -> Outcome:
        """Say what a failure means: for its item alone, for a second try, or for the whole migration."""
        reason = f"{error}. {error.fix}".strip()
        if isinstance(error, SourceDamagedError):
            return Outcome(item, "failed", reason, source_is_bad=True)
        if item.is_there and isinstance(error, ObjectNotFoundError | IntegrityError):
            return Outcome(item, "todo", reason, target_is_bad=True)  # it is made anew
        trouble = "" if isinstance(error, IntegrityError) else self._trouble(error)
        if trouble and not self._stopping.is_set():
            log.warning("the migration pauses: %s", trouble)
            self.reason = trouble
            self._stopping.set()
        if self._stopping.is_set():
            return Outcome(replace(item, attempts=item.attempts - 1), "todo", reason)
        if isinstance(error, SourceMissingError):
            return Outcome(item, "failed", reason, source_is_bad=True)
        return Outcome(item, "todo" if item.attempts < _ATTEMPTS else "failed", reason)

    def _trouble(self, error: StudyBuddyError) -> str:
        """Say what keeps every file from moving; nothing when it is this one alone."""
        if self.reason:
            return self.reason
        failure = error if isinstance(error, NoSpaceError | ClusterError) else self._failure()
        if isinstance(failure, PermissionDeniedError) and isinstance(error, PermissionDeniedError):
            failure = error  # what was asked for a file says more than what was asked for none
        # Machines of a cluster are there only as long as the command that leads them.
        self.goes_on = isinstance(failure, UnavailableError) and self._crew is None
        return f"{failure}. {failure.fix}" if failure else ""

    def _failure(self) -> StudyBuddyError | None:
        """Look whether the two storages can be used at all."""
        try:
            status.expect_there(self._source)
            status.expect_there(self._target)
            self._target.driver.check()
        except StudyBuddyError as error:
            return error
        return status.ask(self._source).failure
