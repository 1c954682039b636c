"""Objects and the catalog's copies side by side, in the order of their keys, a part of each at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

from studybuddy.catalog import findings
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.findings import KnownCopy
from studybuddy.catalog.words import storable
from studybuddy.drivers.driver import ObjectInfo
from studybuddy.errors import StorageError
from studybuddy.storage import Storage

PROBES = "study-buddy-check/"  # what checks of a storage leave there when they are cut off
# Ours alone, in byte order. Nothing else in a bucket is looked at; backups are looked after by those who make them.
_PREFIXES = ("audio/", "images/", PROBES, "study-sessions/")
_SOME = 1000


@dataclass(frozen=True, slots=True)
class Pair:
    """An object, the copy that names it, or both."""

    object: ObjectInfo | None
    copy: KnownCopy | None


def pairs(catalog: Catalog, storage: Storage) -> Iterator[Pair]:
    """Yield every object under our prefixes and every copy in a storage, in constant memory.

    The catalog is asked after the objects were listed, with a short read each time: a file's rows are there before
    its object, and stay until it is gone. What was added or deleted meanwhile still has to be looked at again.
    """
    objects = _listed(storage)
    after = ""
    while True:
        some = list(islice(objects, _SOME))
        plain = [found for found in some if found.key == storable(found.key)]
        yield from (Pair(found, None) for found in some if found.key != storable(found.key))
        at_end = len(some) < _SOME
        if plain or at_end:
            upto = None if at_end else plain[-1].key
            yield from _merged(plain, _known(catalog, storage.id, after, upto))
            after = upto or after
        if at_end:
            return


def _listed(storage: Storage) -> Iterator[ObjectInfo]:
    before = ""
    # Where no files of ours go, what is ours has names that others gave.
    prefixes = _PREFIXES if storage.takes_files else ("",)
    for found in chain.from_iterable(storage.driver.list(prefix) for prefix in prefixes):
        if found.key <= before and found.key == storable(found.key):
            raise StorageError(
                f"{storage.label} does not list its objects in order: {found.key} came behind {before}", key=found.key
            )
        before = max(before, found.key)
        yield found


def _known(catalog: Catalog, storage_id: int, after: str, upto: str | None) -> Iterator[KnownCopy]:
    while True:
        with catalog.read() as db:
            some = findings.known_copies(db, storage_id, after=after, upto=upto, limit=_SOME)
        yield from some
        if len(some) < _SOME:
            return
        after = some[-1].key


def _merged(objects: list[ObjectInfo], copies: Iterator[KnownCopy]) -> Iterator[Pair]:
    copy = next(copies, None)
    for found in objects:
        while copy is not None and copy.key < found.key:
            yield Pair(None, copy)
            copy = next(copies, None)
        if copy is not None and copy.key == found.key:
            yield Pair(found, copy)
            copy = next(copies, None)
        else:
            yield Pair(found, None)
    while copy is not None:
        yield Pair(None, copy)
        copy = next(copies, None)
