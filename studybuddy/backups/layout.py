"""What a backup is in a storage or folder: its parts under `backups/{name}/`, and `backup.json`, written last."""

import json
import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from studybuddy.catalog.snapshots import Snapshot
from studybuddy.errors import CatalogError, IntegrityError, StudyBuddyError
from studybuddy.keys import BACKUPS, backup_key, backup_of
from studybuddy.storage import Storage
from studybuddy.units import KIB

log = logging.getLogger(__name__)

FORMAT = 1
CATALOG, MANIFEST, SUMMARY = "catalog.db.gz", "manifest.jsonl.gz", "backup.json"
_MAX_SUMMARY_BYTES = 64 * KIB


@dataclass(frozen=True, slots=True)
class Part:
    """One object of a backup."""

    name: str
    size: int  # bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class Backup:
    """One finished backup."""

    name: str
    made_at: str
    automatic: bool
    content: str  # the SHA-256 of what the manifest tells behind its first line
    holds: Snapshot
    parts: tuple[Part, ...]

    @property
    def size(self) -> int:
        """How many bytes its parts have."""
        return sum(part.size for part in self.parts)

    def part(self, name: str) -> Part:
        """Return one part; raise IntegrityError when it has none of this name."""
        for part in self.parts:
            if part.name == name:
                return part
        raise IntegrityError(f"The backup {self.name} has no {name}")

    def summary(self) -> bytes:
        """Return what `backup.json` holds."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1).encode()


@dataclass(frozen=True, slots=True)
class Found:
    """What lies under one backup's name; no backup: it was never finished, or its summary is damaged."""

    name: str
    keys: tuple[str, ...]
    backup: Backup | None


def find(place: Storage) -> list[Found]:
    """Return what backups lie in a place, finished or not, the newest first."""
    keys: dict[str, list[str]] = {}
    for key in _keys_in(place):
        if name := backup_of(key):
            keys.setdefault(name, []).append(key)
    return [Found(name, tuple(keys[name]), _read(place, name, keys[name])) for name in sorted(keys, reverse=True)]


def finished(place: Storage) -> list[Backup]:
    """Return the finished backups in a place, the newest first."""
    return [found.backup for found in find(place) if found.backup]


def _keys_in(place: Storage) -> Iterator[str]:
    return (info.key for info in place.driver.list(BACKUPS))


def _read(place: Storage, name: str, keys: list[str]) -> Backup | None:
    if backup_key(name, SUMMARY) not in keys:
        return None
    with place.read(backup_key(name, SUMMARY), stop=_MAX_SUMMARY_BYTES) as stream:
        raw = b"".join(iter(stream.read, b""))
    try:
        return _parse(raw)
    except StudyBuddyError as error:
        log.warning("the backup %s in %s is left out: %s", name, place.label, error)
        return None


def _parse(raw: bytes) -> Backup:
    try:
        told: dict[str, Any] = json.loads(raw)
        if told.pop("format") != FORMAT:
            raise CatalogError("It was made by a newer Study Buddy", fix="Update Study Buddy.")
        parts = tuple(Part(**part) for part in told.pop("parts"))
        return Backup(**told | {"holds": Snapshot(**told["holds"]), "parts": parts})
    except (ValueError, TypeError, KeyError) as error:
        raise IntegrityError("Its summary is damaged") from error
