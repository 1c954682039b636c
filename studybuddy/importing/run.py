"""Running an import: many things are brought at once, one thread writes the journal."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace

from studybuddy import status
from studybuddy.catalog import imports
from studybuddy.catalog.imports import Item, ItemChange
from studybuddy.errors import CatalogError, IntegrityError, NoSpaceError, StorageError, StudyBuddyError
from studybuddy.importing.bringing import Bringing, Tools
from studybuddy.migration.copying import Stopped
from studybuddy.migration.live import Current, Live
from studybuddy.storage import Storage

log = logging.getLogger(__name__)

_ATTEMPTS = 3
_WORKERS = 16  # each has one file on this computer's disk while it is under way
_GROUP = 64
_COMMIT_EVERY_S = 0.25
_AGAIN_AFTER_S = 1.0


class Run:
    """One run of one import, by the process that works on it."""

    def __init__(self, tools: Tools, import_id: int, target: Storage, *, stopping: threading.Event) -> None:
        self._tools = tools
        self._id = import_id
        self._target = target
        self._stopping = stopping
        self._bringing = Bringing(tools)
        self._under_way: dict[Future[ItemChange], Item] = {}
        self._changes: list[ItemChange] = []
        self.live = Live()
        self.reason = ""  # why it paused, when nobody wanted it to

    def __call__(self, on_progress: Callable[[], object]) -> bool:
        """Bring what is left; tell whether nothing is left. What failed for now is tried again, up to three times."""
        with ThreadPoolExecutor(_WORKERS, thread_name_prefix="import") as pool:
            try:
                while self._pass(pool, on_progress) and not self._stopping.wait(_AGAIN_AFTER_S):
                    pass
            except BaseException:
                self._stopping.set()
                raise
        return not self._stopping.is_set()

    def _pass(self, pool: ThreadPoolExecutor, on_progress: Callable[[], object]) -> bool:
        """Go once through the items that are left; tell whether some are to be tried again."""
        left, again, committed_at = self._left(), False, time.monotonic()
        item = next(left, None)
        while item or self._under_way or self._changes:
            while item and len(self._under_way) < 2 * _WORKERS:
                again = not self._submit(pool, item) or again
                item = next(left, None) if not self._stopping.is_set() else None
            self._collect()
            due = len(self._changes) >= _GROUP or time.monotonic() - committed_at > _COMMIT_EVERY_S
            if self._changes and (due or not self._under_way):
                again = any(one.state == "todo" for one in self._changes) or again
                self._commit()
                committed_at = time.monotonic()
                on_progress()
        return again

    def _left(self) -> Iterator[Item]:
        position = 0
        while True:
            with self._tools.catalog.read() as db:
                found = imports.items(db, self._id, states=["todo"], limit=4 * _GROUP, after=position)
            if not found:
                return
            yield from found
            position = found[-1].position

    def _submit(self, pool: ThreadPoolExecutor, item: Item) -> bool:
        """Begin an item, unless the same file is under way for another one; tell whether it was begun."""
        if any(other.wanted.origin_url == item.wanted.origin_url for other in self._under_way.values()):
            return False
        self._under_way[pool.submit(self._bring, item)] = item
        return True

    def _bring(self, item: Item) -> ItemChange:
        self._expect_wanted()
        self.live.current[item.position] = Current(item.wanted.name or item.wanted.place, item.wanted.size or 0, 0)
        try:
            return self._bringing.bring(item, lambda size: self._passing(item, size))
        finally:
            self.live.current.pop(item.position, None)

    def _passing(self, item: Item, size: int) -> None:
        self._expect_wanted()
        current = self.live.current[item.position]
        self.live.current[item.position] = replace(current, done=current.done + size)

    def _expect_wanted(self) -> None:
        if self._stopping.is_set():
            raise Stopped

    def _collect(self) -> None:
        done, _ = wait(self._under_way, timeout=_COMMIT_EVERY_S, return_when=FIRST_COMPLETED)
        for future in done:
            self._changes.append(self._outcome(self._under_way.pop(future), future))

    def _commit(self) -> None:
        with self._tools.catalog.write() as db:
            imports.change_items(db, self._id, self._changes)
        done = [one for one in self._changes if one.state == "done"]
        self.live.files += len(done)
        self.live.bytes += sum(one.size or 0 for one in done)
        self._changes = []

    def _outcome(self, item: Item, future: Future[ItemChange]) -> ItemChange:
        try:
            return future.result()
        except Stopped:
            return ItemChange(item.position, "todo", item.attempts)
        except StudyBuddyError as error:
            return self._judged(item, error)

    def _judged(self, item: Item, error: StudyBuddyError) -> ItemChange:
        """Say what a failure means: for its item alone, for a second try, or for the whole import."""
        reason = reason_of(error)
        trouble = self._trouble(item, error)
        if trouble and not self._stopping.is_set():
            log.warning("the import pauses: %s", trouble)
            self.reason = trouble
            self._stopping.set()
        if self._stopping.is_set():
            return ItemChange(item.position, "todo", item.attempts, error=reason)
        may_succeed = isinstance(error, StorageError) and (error.retryable or isinstance(error, IntegrityError))
        again = may_succeed and item.attempts + 1 < _ATTEMPTS
        return ItemChange(item.position, "todo" if again else "failed", item.attempts + 1, error=reason)

    def _trouble(self, item: Item, error: StudyBuddyError) -> str:
        """Say what keeps every file from coming; nothing when it is this one alone."""
        if self.reason or isinstance(error, NoSpaceError | CatalogError):
            return self.reason or f"{error}. {error.fix}"
        if not isinstance(error, StorageError):
            return ""
        source = self._tools.storages().opened.get(item.wanted.storage_id or 0)
        failure: StudyBuddyError | None = status.ask(source).failure if source else None
        try:
            self._target.driver.check()
        except StudyBuddyError as wrong:
            failure = wrong
        return f"{failure}. {failure.fix}" if failure else ""


def reason_of(error: StudyBuddyError) -> str:
    """Say in one line what happened and what to do."""
    return f"{str(error).rstrip('.')}. {error.fix}".strip()
