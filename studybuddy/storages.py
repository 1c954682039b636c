"""The storages that are open, and where new files go."""

from collections.abc import Mapping
from dataclasses import dataclass

from studybuddy.catalog.records import StorageRow
from studybuddy.errors import UnavailableError
from studybuddy.storage import Storage


@dataclass(frozen=True, slots=True)
class Storages:
    """Every storage by its id in the catalog. `target` takes new files; `local` takes them when `target` cannot."""

    opened: Mapping[int, Storage]
    known: Mapping[int, StorageRow]  # also those that the settings no longer name
    target: Storage
    local: Storage

    def get(self, storage_id: int) -> Storage:
        """Return an open storage; raise UnavailableError for one that the settings no longer name."""
        storage = self.opened.get(storage_id)
        if storage is None:
            raise UnavailableError(
                f"The settings no longer name the storage {self.label(storage_id)}",
                fix="Put its bucket and endpoint back into the settings, then start again.",
            )
        return storage

    def label(self, storage_id: int) -> str:
        """Return what people call a storage."""
        row = self.known.get(storage_id)
        return row.label if row else f"storage {storage_id}"
