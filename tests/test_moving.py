"""One object from one storage to another, and what is wrong on the way."""

import hashlib
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest

from studybuddy.drivers.driver import Driver, Written
from studybuddy.drivers.local.driver import LocalDriver
from studybuddy.drivers.s3.driver import S3Driver
from studybuddy.errors import (
    IntegrityError,
    ObjectNotFoundError,
    PermissionDeniedError,
    SourceDamagedError,
    SourceMissingError,
    SourceUnavailableError,
    StorageError,
    UnavailableError,
)
from studybuddy.moving import Resumption, copy_object
from studybuddy.settings.places import LocalSettings, PlaceSettings, S3Settings
from studybuddy.storage import Storage
from studybuddy.streams import Readable
from studybuddy.units import MIB
from tests.contracts.sources import some_bytes
from tests.servers.place import Server

KEY, NEW_KEY = "study-sessions/1/old.pdf", "study-sessions/1/new.pdf"


def storage(driver: Driver, name: str) -> Storage:
    return Storage(1, name, f"test:{name}", driver, f"the {name}", LocalSettings(Path()))


def place_of(driver: Driver) -> PlaceSettings:
    return LocalSettings(Path()) if isinstance(driver, LocalDriver) else S3Settings("bucket", "region")


def holding(driver: Driver, data: bytes) -> Storage:
    driver.write(KEY, BytesIO(data), size=len(data), content_type="application/pdf")
    return storage(driver, "source")


def copy(source: Storage, target: Storage, data: bytes) -> None:
    """Copy what the catalog takes for `data`."""
    copy_object(
        source, KEY, target, NEW_KEY, size=len(data), sha256=hashlib.sha256(data).hexdigest(),
        content_type="application/pdf",
    )  # fmt: skip


def content(storage: Storage) -> bytes:
    with storage.read(NEW_KEY) as stream:
        return b"".join(iter(lambda: stream.read(MIB), b""))


@pytest.fixture
def local(tmp_path: Path) -> LocalDriver:
    return LocalDriver(tmp_path / "one")


@pytest.fixture
def other(tmp_path: Path) -> LocalDriver:
    return LocalDriver(tmp_path / "two")


@pytest.fixture
def s3(rclone_server: Server) -> S3Driver:
    return S3Driver(rclone_server.settings(rclone_server.new_bucket()))


@pytest.mark.parametrize("size", [0, 1, 100_000])
@pytest.mark.parametrize("way", ["within", "up", "down"])
def test_an_object_arrives_whole(way: str, size: int, local: LocalDriver, other: LocalDriver, s3: S3Driver) -> None:
    ways: dict[str, tuple[Driver, Driver]] = {"within": (local, other), "up": (local, s3), "down": (s3, local)}
    data = some_bytes(size)
    source, target = holding(ways[way][0], data), storage(ways[way][1], "target")
    copy(source, target, data)
    assert content(target) == data


def test_an_object_arrives_whole_in_another_bucket_of_the_service(strict_s3_server: Server) -> None:
    one, other = (S3Driver(strict_s3_server.settings(strict_s3_server.new_bucket())) for _ in range(2))
    data = some_bytes(1000)
    target = storage(other, "target")
    copy(holding(one, data), target, data)
    assert content(target) == data


def test_the_provider_copies_where_it_can(local: LocalDriver, other: LocalDriver) -> None:
    class Unread(LocalDriver):
        @contextmanager
        def read(self, key: str, *, start: int = 0, stop: int | None = None) -> Iterator[Readable]:
            raise AssertionError("read, where the kernel can copy")
            yield

    data = some_bytes(1000)
    source, target = holding(Unread(local.root), data), storage(other, "target")
    copy(source, target, data)
    assert content(target) == data


def test_where_the_targets_keys_may_not_read_the_source_the_bytes_come_by(
    local: LocalDriver, other: LocalDriver
) -> None:
    class Denied(LocalDriver):
        def copy_from(self, source: Driver, source_key: str, key: str, *, size: int) -> Written:
            raise PermissionDeniedError("not with these keys")

    data = some_bytes(1000)
    target = storage(Denied(other.root), "target")
    copy(holding(local, data), target, data)
    assert content(target) == data


@pytest.mark.parametrize("damage", [b"other bytes", b"short", b"longer than it should be"])
@pytest.mark.parametrize("way", ["within", "up"])
def test_a_damaged_source_is_named_and_nothing_of_it_arrives(
    way: str, damage: bytes, local: LocalDriver, other: LocalDriver, s3: S3Driver
) -> None:
    target = storage(other if way == "within" else s3, "target")
    with pytest.raises(SourceDamagedError, match="the source holds a damaged copy"):
        copy(holding(local, damage), target, b"their bytes")
    assert list(target.driver.list()) == []


@pytest.mark.parametrize("way", ["within", "up"])
def test_a_source_that_is_not_there_is_told(way: str, local: LocalDriver, other: LocalDriver, s3: S3Driver) -> None:
    target = storage(other if way == "within" else s3, "target")
    with pytest.raises(ObjectNotFoundError, match=KEY):
        copy(storage(local, "source"), target, b"bytes")
    assert list(target.driver.list()) == []


class Breaking(LocalDriver):
    """A source that gives half of its bytes, then an error."""

    failure: StorageError = UnavailableError("the source does not answer")

    @contextmanager
    def read(self, key: str, *, start: int = 0, stop: int | None = None) -> Iterator[Readable]:
        failure = self.failure

        class Half:
            given = False

            def read(self, size: int = -1, /) -> bytes:
                if self.given:
                    raise failure
                self.given = True
                return b"half"

        yield Half()


def test_a_source_that_stops_answering_is_told_from_a_target_that_does(local: LocalDriver, s3: S3Driver) -> None:
    source, target = storage(Breaking(local.root), "source"), storage(s3, "target")
    with pytest.raises(SourceUnavailableError, match="the source does not answer"):
        copy(source, target, b"half and half")
    assert list(target.driver.list()) == []


class Wrong(LocalDriver):
    """A target that holds other bytes than it was sent."""

    def write(self, key: str, source: Readable, *, size: int, content_type: str) -> Written:
        while source.read(MIB):
            pass
        written = super().write(key, BytesIO(bytes(size)), size=size, content_type=content_type)
        return replace(written, verified=False)


class WronglyCopied(LocalDriver):
    """A target whose provider copies wrongly."""

    def copy_from(self, source: Driver, source_key: str, key: str, *, size: int) -> Written:
        return replace(self.write(key, BytesIO(bytes(100)), size=100, content_type=""), verified=False)


@pytest.mark.parametrize("way", ["within", "down"])
def test_a_target_that_holds_other_bytes_is_not_the_sources_fault(
    way: str, local: LocalDriver, other: LocalDriver, s3: S3Driver
) -> None:
    data = some_bytes(100)
    source = holding(local if way == "within" else s3, data)
    target = storage(WronglyCopied(other.root) if way == "within" else Wrong(other.root), "target")
    with pytest.raises(IntegrityError) as caught:
        copy(source, target, data)
    assert not isinstance(caught.value, SourceDamagedError)
    assert list(other.list()) == []


class Forgetful(LocalDriver):
    """A target that loses what it took."""

    def write(self, key: str, source: Readable, *, size: int, content_type: str) -> Written:
        written = super().write(key, source, size=size, content_type=content_type)
        self.delete(key)
        return replace(written, verified=False)


def test_what_a_target_lost_is_not_missing_in_the_source(local: LocalDriver, s3: S3Driver) -> None:
    source, target = holding(s3, b"bytes"), storage(Forgetful(local.root), "target")
    with pytest.raises(ObjectNotFoundError) as caught:
        copy(source, target, b"bytes")
    assert not isinstance(caught.value, SourceMissingError)


class BadLine(LocalDriver):
    """A source whose bytes change on their way, for the first time."""

    asked = 0

    @contextmanager
    def read(self, key: str, *, start: int = 0, stop: int | None = None) -> Iterator[Readable]:
        self.asked += 1
        with super().read(key, start=start, stop=stop) as stream:
            yield stream if self.asked > 1 else BytesIO(stream.read()[::-1])


def test_what_a_bad_line_damages_is_not_a_damaged_source(local: LocalDriver, s3: S3Driver) -> None:
    source, target = holding(BadLine(local.root), b"bytes"), storage(s3, "target")
    with pytest.raises(IntegrityError, match="on its way") as caught:
        copy(source, target, b"bytes")
    assert not isinstance(caught.value, SourceDamagedError)
    assert list(target.driver.list()) == []
    copy(source, target, b"bytes")


class Enough(Exception):
    """Raised to end a copy."""


@pytest.mark.parametrize("passed", [0, 80 * MIB])
def test_a_large_copy_between_folders_ends_when_it_is_told_to(
    passed: int, local: LocalDriver, other: LocalDriver
) -> None:
    seen = 0

    def passing(size: int) -> None:
        nonlocal seen
        seen += size
        if seen > passed or (seen == passed and not size):  # while it is copied, or while it is read back
            raise Enough

    data = bytes(80 * MIB)
    source, target = holding(local, data), storage(other, "target")
    with pytest.raises(Enough):
        copy_object(
            source, KEY, target, NEW_KEY, size=len(data), sha256=hashlib.sha256(data).hexdigest(),
            content_type="application/pdf", passing=passing,
        )  # fmt: skip


def test_a_large_object_passes_in_little_memory(local: LocalDriver, s3: S3Driver) -> None:
    data = some_bytes(48 * MIB)
    source = holding(local, data)
    sha256 = hashlib.sha256(data).hexdigest()
    del data
    tracemalloc.start()
    target = storage(s3, "target")
    copy_object(source, KEY, target, NEW_KEY, size=48 * MIB, sha256=sha256, content_type="application/pdf")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 24 * MIB


@pytest.mark.parametrize("way", ["up", "down"])
def test_what_the_target_has_is_told_once_and_does_not_come_by_again(
    way: str, local: LocalDriver, s3: S3Driver
) -> None:
    data = some_bytes(70 * MIB)
    source_driver, target_driver = (local, s3) if way == "up" else (s3, local)
    source, target = (
        replace(holding(source_driver, data), place=place_of(source_driver)),
        storage(target_driver, "target"),
    )
    passed, held = [0], [0]

    def pass_by(told: list[int], size: int) -> None:
        told[0] += size
        if not held[0] and passed[0] > 40 * MIB:
            raise InterruptedError

    def go_on(*, is_new: bool) -> None:
        copy_object(
            source, KEY, target, NEW_KEY, size=len(data), sha256=hashlib.sha256(data).hexdigest(),
            content_type="application/pdf", passing=partial(pass_by, passed),
            resumption=Resumption(is_new=is_new, held=partial(pass_by, held)),
        )  # fmt: skip

    with pytest.raises(InterruptedError):
        go_on(is_new=True)
    passed[0] = 0
    go_on(is_new=False)
    assert held[0] >= 8 * MIB
    assert held[0] + passed[0] == len(data)
    assert content(target) == data
