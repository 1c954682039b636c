"""A look at whether every file's object is where the catalog says: listed, not read; nothing is changed by it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from studybuddy.backups.parts import OnStage
from studybuddy.catalog import files
from studybuddy.catalog.connection import Catalog
from studybuddy.errors import StorageError
from studybuddy.scan.pairing import Pair, pairs
from studybuddy.status import expect_there
from studybuddy.storage import Storage
from studybuddy.storages import Storages

_AT_ONCE = 500
_NAMES_KEPT = 20


@dataclass(frozen=True, slots=True)
class Unseen:
    """A storage that could not be looked at."""

    storage: str  # for people
    files: int
    reason: str


@dataclass(slots=True)
class Look:
    """What a look came to, in files."""

    found: int = 0
    missing: int = 0
    names: list[str] = field(default_factory=list)  # of the first that are missing
    unseen: list[Unseen] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether every file was found."""
        return not self.missing and not self.unseen


def look_over(catalog: Catalog, storages: Storages, on_stage: OnStage) -> Look:
    """Look at the objects of all files. A storage that cannot be looked at is told, and stops nothing."""
    look = Look()
    with catalog.read() as db:
        counts = files.by_storage(db)
    for storage_id, count in counts.items():
        on_stage(f"looking whether the files are in {storages.label(storage_id)}")
        try:
            missing, names = _missing_in(catalog, storages.get(storage_id))
        except StorageError as error:
            look.unseen.append(Unseen(storages.label(storage_id), count, str(error)))
            continue
        look.found += count - missing
        look.missing += missing
        look.names += names[: _NAMES_KEPT - len(look.names)]
    return look


def _missing_in(catalog: Catalog, storage: Storage) -> tuple[int, list[str]]:
    """Count the files whose current copies are not in a storage, or have another size there; name the first."""
    expect_there(storage)
    lost = (pair.copy.id for pair in pairs(catalog, storage) if pair.copy and _is_lost(pair))
    count, names = 0, list[str]()
    for some in _grouped(lost):
        with catalog.read() as db:
            missing = files.with_current_copy(db, some)
        count += len(missing)
        names += missing[: _NAMES_KEPT - len(names)]
    return count, names


def _is_lost(pair: Pair) -> bool:
    return pair.copy is not None and (pair.object is None or pair.object.size != pair.copy.size)


def _grouped(ids: Iterator[int]) -> Iterator[list[int]]:
    while some := list(islice(ids, _AT_ONCE)):
        yield some
