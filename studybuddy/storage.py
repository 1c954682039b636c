"""A named storage over a driver: keys checked, bytes hashed and verified, once for all drivers."""

import hashlib
import logging
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Literal, cast

from studybuddy.drivers.driver import (
    CopiesMany,
    CopyOf,
    Driver,
    Held,
    HoldsForeignKeys,
    KeepsUnfinishedObjects,
    ObjectInfo,
    ReadsMany,
    TakesFiles,
    Unfinished,
    WritesMany,
    Written,
)
from studybuddy.errors import (
    IntegrityError,
    LostPartsError,
    StorageError,
    StudyBuddyError,
    UnavailableError,
    UnsupportedError,
)
from studybuddy.keys import check_key
from studybuddy.settings.places import LocalSettings, PlaceSettings, S3Settings, SupabaseSettings
from studybuddy.streams import HashingReader, Passing, Readable, sha256_of

log = logging.getLogger(__name__)

StorageKind = Literal["local", "s3", "supabase"]


@cache
def _holds_foreign_keys(driver: type) -> bool:
    # Asked once for each class: what Python does to answer takes as long as to read a small object.
    return issubclass(driver, HoldsForeignKeys)


@dataclass(frozen=True, slots=True)
class Storage:
    """One place for objects."""

    id: int
    name: str  # "local", "s3", ...: for commands and settings
    identity: str  # its URL in the catalog
    driver: Driver
    label: str  # for people: "this computer", "S3 · my-bucket"
    place: PlaceSettings

    @property
    def kind(self) -> StorageKind:
        """What kind of place it is."""
        match self.place:
            case LocalSettings():
                return "local"
            case S3Settings():
                return "s3"
            case SupabaseSettings():
                return "supabase"

    @property
    def takes_files(self) -> bool:
        """Whether new files can go there."""
        return self.kind != "supabase"

    def write(self, key: str, source: Readable, *, size: int, sha256: str | None, content_type: str) -> str:
        """Write an object and verify what the storage holds; return its hex SHA-256.

        Raises IntegrityError when `source` has not this size or hash, or the storage holds other bytes;
        nothing is there then.
        """
        hashing = HashingReader(source, size=size, sha256=sha256)
        self.write_hashed(key, hashing, size=size, content_type=content_type)
        return hashing.sha256

    def write_hashed(
        self, key: str, source: HashingReader, *, size: int, content_type: str, verifying: Passing = lambda _: None
    ) -> None:
        """Write an object from a source that hashes itself, and verify what the storage holds.

        `verifying` is told what is read back, piece by piece; what it raises ends it.
        """
        written = self.driver.write(check_key(key), source, size=size, content_type=content_type)
        if not written.verified:
            self._verify_or_remove(key, size=size, sha256=source.sha256, passing=verifying)

    def keeps_unfinished(self, size: int) -> bool:
        """Tell whether what comes of an object of so many bytes is kept when its writer stops."""
        return isinstance(self.driver, KeepsUnfinishedObjects) and self.driver.keeps_unfinished(size)

    def unfinished(self, key: str, *, size: int, content_type: str, is_new: bool) -> Unfinished:
        """Return an object that is to be written with `finish`, with what came of it before; nothing did if `is_new`.

        Raises UnsupportedError where none is kept.
        """
        if not isinstance(self.driver, KeepsUnfinishedObjects):
            raise UnsupportedError(f"{self.label} keeps nothing that is not whole", key=key)
        return self.driver.unfinished(check_key(key), size=size, content_type=content_type, is_new=is_new)

    def finish(
        self, key: str, unfinished: Unfinished, source: Readable, *, sha256: str, verifying: Passing = lambda _: None
    ) -> None:
        """Write the rest of an object, and verify what the storage holds; what has come stays when this raises.

        Raises IntegrityError when the object has another SHA-256: nothing is there then.
        """
        written = unfinished.write(source)
        if not written.verified:
            self._verify_or_remove(key, size=written.size, sha256=sha256, passing=verifying)

    def drop_unfinished(self, key: str) -> None:
        """Drop what came of an object that was never finished; the log tells of what the keys may not drop."""
        if not isinstance(self.driver, KeepsUnfinishedObjects):
            return
        try:
            self.driver.drop_unfinished(check_key(key))
        except UnavailableError:
            raise
        except StorageError as error:
            # The bucket's lifecycle rule drops them then.
            log.warning("parts of %s may stay behind: %s", key, error)

    def copy_from(self, source: "Storage", source_key: str, key: str, *, size: int, sha256: str) -> None:
        """Let the provider copy an object of `source` itself, and verify what it made.

        Raises UnsupportedError where it cannot, and IntegrityError when these are not the bytes; nothing is there then.
        """
        written = self.driver.copy_from(source.driver, source._known(source_key), check_key(key), size=size)
        self._expect(written, key, sha256)

    def copies_many_from(self, source: "Storage") -> bool:
        """Whether the provider copies many small objects of `source` in little more time than one."""
        return isinstance(self.driver, CopiesMany) and self.driver.copies_from(source.driver)

    def copy_many(self, source: "Storage", copies: Sequence[tuple[CopyOf, str]]) -> list[StudyBuddyError | None]:
        """Let the provider copy small objects of `source` itself, each with its hex SHA-256, and verify what it made.

        Says of each why it could not be; nothing is there then.
        """
        if not isinstance(self.driver, CopiesMany):
            return [UnsupportedError(f"{self.label} copies one at a time", key=one.key) for one, _ in copies]
        wanted = [replace(one, source_key=source._known(one.source_key), key=check_key(one.key)) for one, _ in copies]
        made = self.driver.copy_many(source.driver, wanted)
        return self._failures(made, [(one.key, sha256) for one, sha256 in copies])

    def put_file(self, key: str, path: Path, *, size: int, sha256: str, content_type: str) -> None:
        """Write a finished file whose hash is known; the driver may take the file itself away instead."""
        check_key(key)
        if isinstance(self.driver, TakesFiles):
            try:
                self.driver.take(key, path, size=size)
            except UnsupportedError:
                pass  # it lies in another file system
            else:
                return
        try:
            self._write_file(key, path, size=size, sha256=sha256, content_type=content_type)
        except LostPartsError:
            log.warning("%s lost parts of %s: it is sent once more", self.label, key)
            self._write_file(key, path, size=size, sha256=sha256, content_type=content_type)

    @property
    def writes_many(self) -> bool:
        """Whether many small objects are written there in little more time than one."""
        return isinstance(self.driver, WritesMany)

    def get_many(self, keys: Sequence[str]) -> Generator[bytes | None, None, None]:
        """Yield small objects' bytes; None where one is to be read by itself, if only to learn why it cannot be."""
        if isinstance(self.driver, ReadsMany):
            yield from self.driver.read_many([self._known(key) for key in keys])

    def put_many(self, objects: Sequence[Held]) -> list[StudyBuddyError | None]:
        """Write small objects at once, and verify what the storage holds; say of each why it could not be."""
        if not isinstance(self.driver, WritesMany):
            return [UnsupportedError(f"{self.label} writes one at a time", key=held.key) for held in objects]
        for held in objects:
            check_key(held.key)
        return self._failures(self.driver.write_many(objects), [(held.key, held.sha256) for held in objects])

    def verify(self, key: str, *, size: int, sha256: str, passing: Passing = lambda _: None) -> None:
        """Read an object back, telling `passing` of each piece; raise IntegrityError for another size or hash."""
        with self.read(key) as stream:
            found, found_sha256 = sha256_of(stream, passing=passing)
        if found != size:
            raise IntegrityError(f"{self.label}: {key} has {found} bytes, not {size}", key=key)
        if found_sha256 != sha256:
            raise IntegrityError(f"{self.label}: {key} has the SHA-256 {found_sha256}, not {sha256}", key=key)

    def read(self, key: str, *, start: int = 0, stop: int | None = None) -> AbstractContextManager[Readable]:
        """Open the bytes [start, stop) of an object."""
        return self.driver.read(self._known(key), start=start, stop=stop)

    def stat(self, key: str) -> ObjectInfo:
        """Return what the storage says of an object."""
        return self.driver.stat(self._known(key))

    def delete(self, key: str) -> None:
        """Delete an object; nothing there is no error."""
        self.driver.delete(self._known(key))

    def url(self, key: str, *, expires: timedelta, disposition: str, content_type: str) -> str | None:
        """Return a link to an object, or None where the storage has none."""
        return self.driver.url(self._known(key), expires=expires, disposition=disposition, content_type=content_type)

    def _known(self, key: str) -> str:
        if _holds_foreign_keys(type(self.driver)):
            return cast(HoldsForeignKeys, self.driver).check_key(key)
        return check_key(key)

    def _write_file(self, key: str, path: Path, *, size: int, sha256: str, content_type: str) -> None:
        with path.open("rb") as stream:
            self.write(key, stream, size=size, sha256=sha256, content_type=content_type)

    def _failures(
        self, made: Sequence[Written | StudyBuddyError], wanted: Sequence[tuple[str, str]]
    ) -> list[StudyBuddyError | None]:
        """Verify many small objects of these keys and hashes at once; say of each why it is not there."""
        unproven = [
            (key, sha256)
            for done, (key, sha256) in zip(made, wanted, strict=True)
            if isinstance(done, Written) and not _proves(done, sha256)
        ]
        contents = self.get_many([key for key, _ in unproven])
        right = {key for (key, sha256), found in zip(unproven, contents, strict=False) if _sha256_of(found) == sha256}
        return [
            None if key in right else self._failure_of(done, key, sha256)
            for done, (key, sha256) in zip(made, wanted, strict=True)
        ]

    def _failure_of(self, done: Written | StudyBuddyError, key: str, sha256: str) -> StudyBuddyError | None:
        if isinstance(done, StudyBuddyError):
            return done
        try:
            self._expect(done, key, sha256)
        except StudyBuddyError as error:
            return error
        return None

    def _expect(self, written: Written, key: str, sha256: str) -> None:
        """Raise IntegrityError when the storage holds other bytes; they are removed then."""
        if not _proves(written, sha256):
            self._verify_or_remove(key, size=written.size, sha256=sha256)

    def _verify_or_remove(self, key: str, *, size: int, sha256: str, passing: Passing = lambda _: None) -> None:
        try:
            self.verify(key, size=size, sha256=sha256, passing=passing)
        except IntegrityError:
            self.driver.delete(key)
            raise


def _proves(written: Written, sha256: str) -> bool:
    """Tell whether the storage itself has seen that it holds the right bytes."""
    return written.verified or written.sha256 == sha256


def _sha256_of(content: bytes | None) -> str | None:
    return None if content is None else hashlib.sha256(content).hexdigest()
