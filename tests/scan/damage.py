"""A small library, and what can happen to it without its knowing."""

import hashlib
import os
import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import TYPE_CHECKING, cast
from uuid import uuid4

from studybuddy import keys
from studybuddy.adding.new_files import NewFile
from studybuddy.catalog import copies, folding, words
from studybuddy.catalog.records import Copy, File
from studybuddy.drivers.driver import Driver
from studybuddy.moving import copy_object
from studybuddy.storage import Storage
from studybuddy.wiring import Wiring

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(slots=True)
class Damaged:
    """Adds files here, there or in both places, and reaches their objects past the library."""

    wiring: Wiring
    client: "S3Client"
    bucket: str
    chance: random.Random = field(default_factory=lambda: random.Random(7))

    @property
    def here(self) -> Storage:
        return self.wiring.storages().local

    @property
    def there(self) -> Storage:
        return self.wiring.storages().named("s3")

    def add(self, *, places: tuple[str, ...] = ("local",), size: int = 3_000) -> File:
        """Add a file of random bytes; its current copy is in the first place."""
        library = self.wiring.library
        session = library.session_titled("Week 6")
        file = library.add(BytesIO(self.chance.randbytes(size)), NewFile("a.bin", session.id)).file
        if "s3" in places:
            self.copy(file, self.there, current=places[0] == "s3")
        if "local" not in places:
            old = self.copy_of(file, self.here)
            with self.wiring.catalog.write() as db:
                copies.doom(db, old.id)
            self.wiring.recovery.remove_doomed()
        return library.file(file.id)

    def copy(self, file: File, target: Storage, *, current: bool) -> None:
        """Give a file another copy."""
        source = self.copy_of(file, self.here)
        key = keys.another(source.key)
        copy_object(
            self.here, source.key, target, key, size=file.size, sha256=file.sha256, content_type=file.content_type
        )
        with self.wiring.catalog.write() as db:
            new = copies.insert(db, file_id=file.id, storage_id=target.id, key=key, writer=self.wiring.claim.id)
            if current:
                assert copies.switch(db, file_id=file.id, source_copy_id=source.id, target_copy_id=new)
            else:
                assert copies.confirm(db, new)

    def copy_of(self, file: File, storage: Storage) -> Copy:
        """Return the copy that a file has in a storage."""
        with self.wiring.catalog.read() as db:
            found = [one for one in copies.of_file(db, file.id) if one.storage_id == storage.id]
        assert len(found) == 1
        return found[0]

    def key(self, file: File, storage: Storage) -> str:
        return self.copy_of(file, storage).key

    def read(self, storage: Storage, key: str) -> bytes:
        with storage.driver.read(key) as stream:
            return b"".join(iter(lambda: stream.read(1 << 20), b""))

    def put(self, storage: Storage, key: str, content: bytes) -> None:
        """Set the bytes at a key, whatever was there."""
        if storage is self.here:
            path = self.wiring.settings.uploads_dir / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        else:
            self.client.put_object(Bucket=self.bucket, Key=f"school/{key}", Body=content)

    def flip(self, storage: Storage, key: str, at: int) -> None:
        content = bytearray(self.read(storage, key))
        content[at] ^= 1
        self.put(storage, key, bytes(content))

    def swap(self, storage: Storage, one: str, other: str) -> None:
        first, second = self.read(storage, one), self.read(storage, other)
        self.put(storage, one, second)
        self.put(storage, other, first)

    def move(self, storage: Storage, key: str, folder: str) -> str:
        """Move an object to another folder; return its new key."""
        target = f"{folder}/{key.rpartition('/')[2]}"
        self.put(storage, target, self.read(storage, key))
        storage.driver.delete(key)
        return target

    def stray(self, storage: Storage, folder: str = "study-sessions/1") -> str:
        """Leave an object that nobody knows; return its key."""
        key = f"{folder}/{uuid4().hex}.bin"
        self.put(storage, key, os.urandom(self.chance.randint(10, 900)))
        return key

    def sql(self, statement: str, *values: object) -> None:
        """Change the catalog as a careless tool would."""
        with closing(sqlite3.connect(self.wiring.catalog.path)) as connection:
            words.register(connection)
            folding.register(connection)
            connection.execute(statement, values)
            connection.commit()

    def everything(self) -> dict[tuple[str, str], str]:
        """Return the SHA-256 of every object of both storages."""
        return {
            (storage.name, found.key): hashlib.sha256(self.read(storage, found.key)).hexdigest()
            for storage in (self.here, self.there)
            for found in storage.driver.list()
        }


def with_driver(storage: Storage, driver: object) -> Storage:
    return replace(storage, driver=cast(Driver, driver))
