"""The parts of a backup: made on this computer's disk, sent to a place, fetched and removed."""

import gzip
import hashlib
import logging
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import chain
from pathlib import Path

from studybuddy.backups.layout import CATALOG, MANIFEST, SUMMARY, Backup, Part, find
from studybuddy.catalog import manifest, snapshots
from studybuddy.catalog.connection import Catalog
from studybuddy.errors import IntegrityError
from studybuddy.keys import backup_key, backup_name, backup_time
from studybuddy.slices import no_space
from studybuddy.storage import Storage
from studybuddy.streams import HashingReader, chunks, sha256_of, sync_file
from studybuddy.units import utc_now

log = logging.getLogger(__name__)

OnStage = Callable[[str], None]  # hears what is being done

AUTOMATIC_KEPT = 7
_UNFINISHED_KEPT = timedelta(days=1)
_LEVEL = 3  # of compression: half the time of the default, for a tenth more bytes


def say_nothing(_stage: str) -> None:
    """Nobody watches."""


def make(catalog: Catalog, folder: Path, *, automatic: bool, on_stage: OnStage) -> Backup:
    """Write a backup's parts into a folder."""
    made_at, path = utc_now(), folder / "catalog.db"
    with no_space():
        holds = snapshots.take(catalog, path, lambda done, of: on_stage(f"copying the catalog: {100 * done // of} %"))
        on_stage("packing it")
        with path.open("rb") as stream:
            copied = _pack(folder / CATALOG, chunks(stream))
        content = hashlib.sha256()
        with snapshots.opened(path) as db:
            lines = _hashed(manifest.lines(db), content)
            header = manifest.header(made_at=made_at, **asdict(holds))
            listed = _pack(folder / MANIFEST, chain([header], lines))
    name = backup_name(datetime.now(UTC))
    return Backup(name, made_at, automatic, content.hexdigest(), holds, (copied, listed))


def send(backup: Backup, folder: Path, place: Storage) -> None:
    """Write a backup to a place. Its summary comes last: a backup without one was never finished."""
    for part in backup.parts:
        with (folder / part.name).open("rb") as stream:
            key = backup_key(backup.name, part.name)
            place.write(key, stream, size=part.size, sha256=part.sha256, content_type="application/gzip")
    summary = backup.summary()
    key = backup_key(backup.name, SUMMARY)
    place.write(key, BytesIO(summary), size=len(summary), sha256=None, content_type="application/json")


def fetch(place: Storage, backup: Backup, name: str, path: Path) -> None:
    """Unpack one part of a backup to `path`; raise IntegrityError when it is not what it was."""
    part, unpacking = backup.part(name), zlib.decompressobj(zlib.MAX_WBITS | 16)
    with place.read(backup_key(backup.name, name)) as stream, no_space(), path.open("xb") as target:
        checked = HashingReader(stream)
        try:
            for piece in chunks(checked):
                target.write(unpacking.decompress(piece))
        except zlib.error:
            pass  # told below: its hash is another
        sync_file(target)
    if (checked.size, checked.sha256) != (part.size, part.sha256) or not unpacking.eof:
        raise IntegrityError(f"The backup {backup.name} is damaged: {name} is not what was written")


def remove_old(place: Storage, *, library: str) -> None:
    """Remove this library's automatic backups but for the newest, and what was left unfinished a day ago."""
    long_ago = datetime.now(UTC) - _UNFINISHED_KEPT
    automatic = 0
    for found in find(place):
        if found.backup is None:
            if backup_time(found.name) < long_ago:
                _remove(place, found.keys)
        elif found.backup.automatic and found.backup.holds.library == library:
            automatic += 1
            if automatic > AUTOMATIC_KEPT:
                _remove(place, found.keys)


def _remove(place: Storage, keys: Iterable[str]) -> None:
    # The summary first: what is only half removed is then unfinished, and not taken for a backup.
    for key in sorted(keys, key=lambda key: not key.endswith(SUMMARY)):
        place.delete(key)
    log.info("removed an old backup from %s", place.label)


def _hashed(lines: Iterable[bytes], content: "hashlib._Hash") -> Iterator[bytes]:
    for line in lines:
        content.update(line)
        yield line


def _pack(path: Path, pieces: Iterable[bytes]) -> Part:
    with gzip.open(path, "wb", compresslevel=_LEVEL) as target:
        for piece in pieces:
            target.write(piece)
    with path.open("rb") as stream:
        size, sha256 = sha256_of(stream)
    return Part(path.name, size, sha256)
