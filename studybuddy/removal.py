"""Deleting for good: rows first, in one transaction that dooms the copies; then the objects, as often as it takes."""

import logging
from collections import Counter
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

from studybuddy.catalog import Database, arrivals, copies, files, lectures, sessions
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.records import Copy
from studybuddy.errors import PermissionDeniedError, StorageError, UnavailableError
from studybuddy.pauses import Pauses
from studybuddy.processing.derived import beside
from studybuddy.storages import Storages
from studybuddy.units import count_text

log = logging.getLogger(__name__)

_GROUP = 200
_AT_ONCE = 16  # a distant storage answers each in turn, but many at a time


def drop_file(db: Database, file_id: int) -> list[Copy]:
    """Drop a file's rows and doom its copies; return them."""
    doomed = copies.of_file(db, file_id)
    copies.doom_all_of(db, file_id)
    lectures.delete_of_file(db, file_id)
    files.delete(db, file_id)
    return doomed


def drop_session(db: Database, session_id: int) -> list[Copy]:
    """Drop a session's rows with its lectures and files, and doom their copies; return them."""
    doomed = [copy for file_id in files.ids_in_session(db, session_id) for copy in drop_file(db, file_id)]
    lectures.delete_in_session(db, session_id)
    sessions.delete(db, session_id)
    return doomed


def drop_arrival(db: Database, session_id: int) -> list[Copy]:
    """Drop a session that did not come whole; return the doomed copies.

    One into which a person has put something of their own stays, as far as it came.
    """
    if arrivals.has_more(db, session_id):
        arrivals.end(db, session_id)
        return []
    return drop_session(db, session_id)


def remove(catalog: Catalog, storages: Storages, doomed: Collection[Copy], *, pauses: Pauses | None = None) -> None:
    """Remove what is left of files whose rows are dropped: what was made from them, and their objects."""
    beside(catalog.path).remove({copy.file_id for copy in doomed if copy.file_id is not None})
    remove_objects(catalog, storages, doomed, pauses=pauses)


def remove_objects(
    catalog: Catalog, storages: Storages, doomed: Iterable[Copy], *, pauses: Pauses | None = None
) -> int:
    """Delete the objects of doomed copies, then their rows; return how many are gone.

    One whose storage does not answer or refuses, or that is still being written, stays doomed for the next time. With
    `pauses`, a storage that did not answer a moment ago is not asked.
    """
    waiting = [copy for copy in doomed if copy.writer is None]
    removal, left = _Removal(storages, pauses), Counter[int]()
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="removal") as pool:
        for start in range(0, len(waiting), _GROUP):
            group = waiting[start : start + _GROUP]
            ended = list(zip(group, pool.map(removal.delete, group), strict=True))
            left.update(copy.storage_id for copy, is_gone in ended if not is_gone)
            with catalog.write() as db:
                for copy in (copy for copy, is_gone in ended if is_gone):
                    copies.forget(db, copy.id)
    removal.tell(left)
    return len(waiting) - left.total()


class _Removal:
    """Deletes objects. A storage that fails is asked once, not once for each object."""

    def __init__(self, storages: Storages, pauses: Pauses | None) -> None:
        self._storages = storages
        self._watch = pauses.watch if pauses else nullcontext
        self._failed: dict[int, StorageError] = {}  # by storage: what it said

    def delete(self, copy: Copy) -> bool:
        """Delete a copy's object; tell whether it is gone."""
        if copy.storage_id not in self._failed:
            try:
                with self._watch(copy.storage_id):
                    storage = self._storages.get(copy.storage_id)
                    if copy.resumable:
                        storage.drop_unfinished(copy.key)
                    storage.delete(copy.key)
                return True
            except (UnavailableError, PermissionDeniedError) as error:
                self._failed[copy.storage_id] = error
            except StorageError as error:
                log.warning("object %s stays in %s for now: %s", copy.key, self._storages.label(copy.storage_id), error)
        return False

    def tell(self, left: Counter[int]) -> None:
        """Log how many objects stay in the storages that failed, and why."""
        for storage_id, error in self._failed.items():
            count, label = count_text(left[storage_id], "object"), self._storages.label(storage_id)
            log.warning("%s to be deleted in %s for now: %s", count, label, error)
