"""The storages that are open, and where new files go."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from studybuddy.catalog import choices
from studybuddy.catalog.choices import Choice
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.records import StorageRow
from studybuddy.errors import NotFoundError, UnavailableError
from studybuddy.storage import Storage
from studybuddy.units import utc_now

_FRESH_S = 1.0


@dataclass(frozen=True, slots=True)
class Storages:
    """Every storage by its id in the catalog. `target` takes new files; `local` takes them when `target` cannot."""

    opened: Mapping[int, Storage]
    known: Mapping[int, StorageRow]  # also those that the settings no longer name
    target: Storage
    local: Storage
    default: Storage  # where the settings send new files
    chosen: Choice | None = None  # what was chosen in the app instead: a storage's name
    held: Choice | None = None  # why new files stay on this computer for now, whatever was chosen
    problems: tuple[str, ...] = ()  # what the settings name and cannot be opened

    @property
    def unnamed(self) -> tuple[StorageRow, ...]:
        """The storages that hold or held files of ours and that the settings no longer name."""
        return tuple(row for row in self.known.values() if row.id not in self.opened)

    def get(self, storage_id: int) -> Storage:
        """Return an open storage; raise UnavailableError for one that the settings no longer name."""
        storage = self.opened.get(storage_id)
        if storage is None:
            raise UnavailableError(
                f"The settings no longer name the storage {self.label(storage_id)}",
                fix="Name it in storages.toml, or put its bucket and endpoint back into .env, then start again.",
            )
        return storage

    def only_reads(self, storage_id: int) -> bool:
        """Tell whether nothing is ever added, changed or deleted in an open storage."""
        storage = self.opened.get(storage_id)
        return storage is not None and not storage.takes_files

    def only(self, storage: Storage) -> "Storages":
        """Return these with new files going to one storage, and nowhere else when that one fails."""
        return replace(self, target=storage, local=storage)

    def named(self, name: str) -> Storage:
        """Return an open storage by its name for commands; raise NotFoundError, which lists the names."""
        for storage in self.opened.values():
            if storage.name == name:
                return storage
        names = ", ".join(storage.name for storage in self.opened.values())
        raise NotFoundError(f"There is no storage {name!r}", fix=f"There are: {names}.")

    def label(self, storage_id: int) -> str:
        """Return what people call a storage."""
        row = self.known.get(storage_id)
        return row.label if row else f"storage {storage_id}"


class ChosenStorages:
    """Today's storages: where new files go can be chosen anew while the app runs, by any of its processes.

    Call it for each piece of work; what it returned may be a second old, never more.
    """

    def __init__(self, catalog: Catalog, opened: Storages) -> None:
        self._catalog = catalog
        self._lock = threading.Lock()
        self._now = opened
        self._read_at = float("-inf")

    def __call__(self) -> Storages:
        if time.monotonic() - self._read_at > _FRESH_S:
            self._refresh()
        return self._now

    def choose(self, name: str | None) -> Storages:
        """Send new files to a storage from now on; None: where the settings say. `mode.change` looks first."""
        with self._catalog.write() as db:
            choices.choose(db, choices.STORAGE, name)
            if choices.get(db, choices.HELD):
                choices.choose(db, choices.HELD, None)
                choices.choose(db, choices.OVERRULED, utc_now()[:7])
        self._refresh()
        return self._now

    def hold(self, reason: str | None) -> Storages:
        """Keep new files on this computer for a reason until this is called without one, or a person chooses."""
        with self._catalog.write() as db:
            choices.choose(db, choices.HELD, reason)
        self._refresh()
        return self._now

    def _refresh(self) -> None:
        with self._lock, self._catalog.read() as db:
            chosen, held = choices.get(db, choices.STORAGE), choices.get(db, choices.HELD)
            by_name = {storage.name: storage for storage in self._now.opened.values()}
            # A storage that was chosen once and is no longer named: the settings decide, and the page says so.
            target = by_name.get(chosen.value, self._now.default) if chosen else self._now.default
            target = self._now.local if held else target
            self._now = replace(self._now, target=target, chosen=chosen, held=held)
            self._read_at = time.monotonic()
