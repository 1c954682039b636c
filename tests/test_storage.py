"""A storage over a driver: what it checks and verifies, whatever the driver says."""

import hashlib
import io
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from studybuddy.drivers.driver import Held, Written
from studybuddy.drivers.local.driver import LocalDriver
from studybuddy.errors import IntegrityError, InvalidKeyError, ObjectNotFoundError, StudyBuddyError
from studybuddy.settings.places import LocalSettings
from studybuddy.storage import Storage
from studybuddy.streams import Readable
from studybuddy.units import MIB
from tests.contracts.base import keys_in
from tests.contracts.sources import Breaking, some_bytes

KEY = "audio/1_0123456789abcdef.m4a"
DATA = some_bytes(3 * MIB)
SHA256 = hashlib.sha256(DATA).hexdigest()
TYPE = "audio/mp4"


class DamagingDriver(LocalDriver):
    """A storage that changes a bit of what it takes, and does not check it."""

    def write(self, key: str, source: Readable, *, size: int, content_type: str) -> Written:
        written = super().write(key, source, size=size, content_type=content_type)
        path = self.root / key
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
        return replace(written, verified=False)


class UncheckedDriver(LocalDriver):
    """A storage that checks nothing that it takes, loses what is called so, and changes a bit of what is called so."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.asked: list[list[str]] = []

    def write_many(self, objects: Sequence[Held]) -> list[Written | StudyBuddyError]:
        taken = [replace(held, content=bytes(5)) if "changed" in held.key else held for held in objects]
        done = super().write_many(taken)
        for held in objects:
            if "lost" in held.key:
                self.delete(held.key)
        return [replace(one, verified=False) if isinstance(one, Written) else one for one in done]

    def read_many(self, keys: Sequence[str]) -> Generator[bytes | None, None, None]:
        self.asked.append(list(keys))
        return super().read_many(keys)


def storage_over(driver: LocalDriver) -> Storage:
    return Storage(1, "local", "local:test", driver, "this computer", LocalSettings(driver.root))


@pytest.fixture
def driver(tmp_path: Path) -> LocalDriver:
    return LocalDriver(tmp_path / "objects")


@pytest.fixture
def storage(driver: LocalDriver) -> Storage:
    return storage_over(driver)


def write(storage: Storage, key: str = KEY, *, sha256: str | None = SHA256, size: int = len(DATA)) -> str:
    return storage.write(key, io.BytesIO(DATA), size=size, sha256=sha256, content_type=TYPE)


@pytest.mark.parametrize("sha256", [SHA256, None], ids=["hash known", "hash not known"])
def test_a_write_tells_the_hash_of_what_is_stored(storage: Storage, sha256: str | None) -> None:
    assert write(storage, sha256=sha256) == SHA256
    storage.verify(KEY, size=len(DATA), sha256=SHA256)
    with storage.read(KEY, start=1, stop=5) as stream:
        assert stream.read() == DATA[1:5]
    assert storage.stat(KEY).size == len(DATA)


def test_a_source_with_another_hash_leaves_nothing(storage: Storage, driver: LocalDriver) -> None:
    with pytest.raises(IntegrityError):
        write(storage, sha256="0" * 64)
    assert keys_in(driver) == []


@pytest.mark.parametrize("size", [len(DATA) - 1, len(DATA) + 1, 0])
def test_a_source_of_another_length_leaves_nothing(storage: Storage, driver: LocalDriver, size: int) -> None:
    with pytest.raises(IntegrityError):
        write(storage, size=size)
    assert keys_in(driver) == []


def test_bytes_that_the_storage_damaged_are_noticed_and_removed(tmp_path: Path) -> None:
    driver = DamagingDriver(tmp_path)
    with pytest.raises(IntegrityError):
        write(storage_over(driver))
    assert keys_in(driver) == []


def test_an_error_of_the_source_passes_through(storage: Storage, driver: LocalDriver) -> None:
    with pytest.raises(ZeroDivisionError):
        storage.write(KEY, Breaking(10, ZeroDivisionError()), size=100, sha256=None, content_type=TYPE)
    assert keys_in(driver) == []


def test_verifying_finds_what_is_damaged_short_or_missing(storage: Storage, driver: LocalDriver) -> None:
    write(storage)
    path = driver.root / KEY
    path.write_bytes(b"x" + DATA[1:])
    with pytest.raises(IntegrityError, match="SHA-256"):
        storage.verify(KEY, size=len(DATA), sha256=SHA256)
    path.write_bytes(DATA[:-1])
    with pytest.raises(IntegrityError, match="bytes"):
        storage.verify(KEY, size=len(DATA), sha256=SHA256)
    storage.delete(KEY)
    with pytest.raises(ObjectNotFoundError):
        storage.verify(KEY, size=len(DATA), sha256=SHA256)


def test_a_finished_file_is_moved_into_place(storage: Storage, tmp_path: Path) -> None:
    path = tmp_path / "spooled"
    path.write_bytes(DATA)
    storage.put_file(KEY, path, size=len(DATA), sha256=SHA256, content_type=TYPE)
    assert not path.exists()
    storage.verify(KEY, size=len(DATA), sha256=SHA256)


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs a second file system")
def test_a_finished_file_of_another_file_system_is_copied_and_verified(storage: Storage) -> None:
    path = Path("/dev/shm") / f"study-buddy-{SHA256[:16]}"
    path.write_bytes(DATA)
    try:
        storage.put_file(KEY, path, size=len(DATA), sha256=SHA256, content_type=TYPE)
        storage.verify(KEY, size=len(DATA), sha256=SHA256)
        storage.delete(KEY)
        with pytest.raises(IntegrityError):
            storage.put_file(KEY, path, size=len(DATA), sha256="0" * 64, content_type=TYPE)
        with pytest.raises(ObjectNotFoundError):
            storage.stat(KEY)
    finally:
        path.unlink()


@pytest.mark.parametrize("key", ["../x", "", "a//b", "/a", "a b", "Übung.pdf", ".study-buddy/storage.json", "a/../b"])
def test_a_key_that_is_not_ours_is_refused_everywhere(storage: Storage, tmp_path: Path, key: str) -> None:
    with pytest.raises(InvalidKeyError):
        write(storage, key)
    with pytest.raises(InvalidKeyError):
        storage.put_file(key, tmp_path, size=0, sha256=SHA256, content_type=TYPE)
    with pytest.raises(InvalidKeyError):
        storage.read(key)
    with pytest.raises(InvalidKeyError):
        storage.stat(key)
    with pytest.raises(InvalidKeyError):
        storage.delete(key)


def test_many_objects_that_nobody_checked_are_read_back_together(tmp_path: Path) -> None:
    driver = UncheckedDriver(tmp_path / "objects")
    keys = ["audio/1.mp3", "audio/changed.mp3", "audio/2.mp3", "audio/lost.mp3"]
    objects = [Held(key, b"sound", hashlib.sha256(b"sound").hexdigest(), TYPE) for key in keys]
    first, changed, second, lost = storage_over(driver).put_many(objects)
    assert first is second is None
    assert isinstance(changed, IntegrityError)
    assert isinstance(lost, ObjectNotFoundError)
    assert driver.asked == [keys]
    assert keys_in(driver) == ["audio/1.mp3", "audio/2.mp3"]
