"""Deleting for good: rows first, in one transaction that dooms the copies; then the objects, as often as it takes."""

import logging
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from studybuddy.catalog import Database, arrivals, copies, files, lectures, sessions
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.records import Copy
from studybuddy.errors import StorageError, UnavailableError
from studybuddy.processing.derived import beside
from studybuddy.storages import Storages

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


def remove(catalog: Catalog, storages: Storages, doomed: Collection[Copy]) -> None:
    """Remove what is left of files whose rows are dropped: what was made from them, and their objects."""
    beside(catalog.path).remove({copy.file_id for copy in doomed if copy.file_id is not None})
    remove_objects(catalog, storages, doomed)


def remove_objects(catalog: Catalog, storages: Storages, doomed: Iterable[Copy]) -> int:
    """Delete the objects of doomed copies, then their rows; return how many are gone.

    One whose storage does not answer, or that is still being written, stays doomed for the next time.
    """
    waiting, total = [copy for copy in doomed if copy.writer is None], 0
    silent: set[int] = set()  # storages that did not answer: asked once, not once for each object
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="removal") as pool:
        while waiting:
            group, waiting = waiting[:_GROUP], waiting[_GROUP:]
            is_gone = pool.map(partial(_remove_object, storages, silent), group)
            gone = [copy.id for copy, is_it in zip(group, is_gone, strict=True) if is_it]
            with catalog.write() as db:
                for copy_id in gone:
                    copies.forget(db, copy_id)
            total += len(gone)
    return total


def _remove_object(storages: Storages, silent: set[int], copy: Copy) -> bool:
    if copy.storage_id in silent:
        return False
    try:
        storages.get(copy.storage_id).delete(copy.key)
    except StorageError as error:
        if isinstance(error, UnavailableError):
            silent.add(copy.storage_id)
        log.warning("object %s stays in %s for now: %s", copy.key, storages.label(copy.storage_id), error)
        return False
    return True
