"""One object looked at, as deep as it is asked for: what is wrong with it."""

import threading

from studybuddy.catalog.findings import Finding, FindingKind, KnownCopy
from studybuddy.catalog.scans import Depth
from studybuddy.drivers.driver import KeepsChecksums
from studybuddy.errors import IntegrityError, ObjectNotFoundError, StorageError, UnavailableError
from studybuddy.storage import Storage
from studybuddy.streams import HashingReader, chunks


class StoppedError(Exception):
    """Raised where someone has asked to stop."""


def look(
    storage: Storage, copy: KnownCopy, depth: Depth, stop: threading.Event, *, listed: int | None = None
) -> Finding | None:
    """Look at the object of a copy; return what is wrong with it. Raises UnavailableError.

    `listed` is the size that a listing has just told; a right one is not asked for again.
    """
    try:
        size, sha256 = _seen(storage, copy, depth, stop, listed)
    except ObjectNotFoundError:
        return _finding("missing", copy, 0, "there is no object at its key")
    except UnavailableError:
        raise
    except IntegrityError as error:
        return _finding("damaged", copy, copy.size or 0, str(error))
    except StorageError as error:
        return _finding("unreadable", copy, copy.size or 0, str(error))
    return _compared(copy, depth, size, sha256)


def _compared(copy: KnownCopy, depth: Depth, size: int, sha256: str | None) -> Finding | None:
    if size != copy.size:
        return _finding("wrong_size", copy, size, f"{size:,} bytes, not {copy.size:,}")
    if sha256 not in {None, copy.sha256}:
        return _finding("damaged", copy, size, f"its SHA-256 is {sha256}, not {copy.sha256}")
    if copy.state == "bad" and depth != "deep":
        return _finding("damaged", copy, size, "was damaged when it was last read; a deep scan reads it again")
    return None


def keeps_checksums(storage: Storage) -> bool:
    """Tell whether a storage keeps checksums that can be compared with ours."""
    return isinstance(storage.driver, KeepsChecksums) and storage.driver.keeps_checksums


def hash_of(storage: Storage, key: str, stop: threading.Event) -> str | None:
    """Return the SHA-256 of an object's bytes; None when it cannot be read. Raises UnavailableError."""
    try:
        return _whole(storage, key, stop)[1]
    except UnavailableError:
        raise
    except StorageError:
        return None


def _seen(
    storage: Storage, copy: KnownCopy, depth: Depth, stop: threading.Event, listed: int | None
) -> tuple[int, str | None]:
    driver = storage.driver
    if depth == "deep" and listed in {None, copy.size}:
        return _whole(storage, copy.key, stop)
    size = listed if listed == copy.size else driver.stat(copy.key).size
    if size is None or (depth == "deep" and size == copy.size):
        return _whole(storage, copy.key, stop)
    if depth == "checksums" and isinstance(driver, KeepsChecksums) and driver.keeps_checksums:
        return size, driver.checksum(copy.key)
    return size, None


def _whole(storage: Storage, key: str, stop: threading.Event) -> tuple[int, str]:
    with storage.driver.read(key) as stream:
        hashing = HashingReader(stream)
        for _ in chunks(hashing):
            if stop.is_set():
                raise StoppedError
        return hashing.size, hashing.sha256


def _finding(kind: FindingKind, copy: KnownCopy, size: int, detail: str) -> Finding:
    return Finding(kind, copy.key, size=size, copy_id=copy.id, file_id=copy.file_id, detail=detail)
