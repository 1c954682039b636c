"""Many small objects written at once by the local driver."""

import os
import resource
from pathlib import Path

import pytest

from studybuddy.drivers.driver import Held, WritesMany
from studybuddy.drivers.local.driver import LocalDriver
from studybuddy.errors import InvalidKeyError, NoSpaceError, ObjectNotFoundError, StorageError

_DESCRIPTORS = Path("/proc/self/fd")


@pytest.fixture
def driver(tmp_path: Path) -> LocalDriver:
    return LocalDriver(tmp_path / "root", writer="me")


def read(driver: LocalDriver, key: str) -> bytes:
    with driver.read(key) as stream:
        return stream.read()


def test_each_reads_back(driver: LocalDriver) -> None:
    assert isinstance(driver, WritesMany)
    objects = [Held(f"study-sessions/{number % 7}/{number}.bin", os.urandom(number)) for number in range(500)]
    assert driver.write_many(objects) == [None] * 500
    assert all(read(driver, held.key) == held.content for held in objects)
    assert len(list(driver.list())) == 500


def test_none_is_no_error(driver: LocalDriver) -> None:
    assert driver.write_many([]) == []


def test_one_that_is_there_stays_and_the_others_are_written(driver: LocalDriver) -> None:
    driver.write_many([Held("a/1", b"old")])
    failures = driver.write_many([Held("a/1", b"new"), Held("a/2", b"two")])
    assert isinstance(failures[0], StorageError)
    assert failures[1] is None
    assert (read(driver, "a/1"), read(driver, "a/2")) == (b"old", b"two")


@pytest.mark.parametrize("key", ["a/..", "../a", "a/../../b", ".study-buddy/a", "a/x\0"])
def test_no_key_leaves_the_folder(driver: LocalDriver, key: str) -> None:
    with pytest.raises(InvalidKeyError):
        driver.write_many([Held("a/1", b"x"), Held(key, b"y")])


def test_nothing_is_left_of_one_that_the_disk_does_not_take(driver: LocalDriver) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        failures = driver.write_many([Held("a/small", b"x" * 10), Held("a/large", b"x" * 5000)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert failures[0] is None
    assert isinstance(failures[1], NoSpaceError)
    with pytest.raises(ObjectNotFoundError):
        driver.stat("a/large")


@pytest.mark.skipif(not _DESCRIPTORS.is_dir(), reason="needs Linux")
def test_no_descriptor_stays_open(driver: LocalDriver) -> None:
    before = len(list(_DESCRIPTORS.iterdir()))
    driver.write_many([Held("a/1", b"1")])
    driver.write_many([Held(f"a/{number}", b"x") for number in range(300)])
    assert len(list(_DESCRIPTORS.iterdir())) <= before
