"""Many small objects written at once by the local driver."""

import resource
import signal
from pathlib import Path

import pytest

from studybuddy.drivers.driver import Written
from studybuddy.drivers.local.driver import LocalDriver
from studybuddy.errors import InvalidKeyError, NoSpaceError, ObjectNotFoundError
from tests.contracts.many import held
from tests.killing import in_child

_DESCRIPTORS = Path("/proc/self/fd")


@pytest.fixture
def driver(tmp_path: Path) -> LocalDriver:
    return LocalDriver(tmp_path / "root", writer="me")


@pytest.mark.parametrize("key", ["a/..", "../a", "a/../../b", ".study-buddy/a", "a/x\0"])
def test_no_key_leaves_the_folder(driver: LocalDriver, key: str) -> None:
    with pytest.raises(InvalidKeyError):
        driver.write_many([held("a/1", b"x"), held(key, b"y")])


def test_nothing_is_left_of_one_that_the_disk_does_not_take(driver: LocalDriver) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        failures = driver.write_many([held("a/small", b"x" * 10), held("a/large", b"x" * 5000)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert failures[0] == Written(10, verified=True)
    assert isinstance(failures[1], NoSpaceError)
    with pytest.raises(ObjectNotFoundError):
        driver.stat("a/large")


@pytest.mark.skipif(not _DESCRIPTORS.is_dir(), reason="needs Linux")
def test_no_descriptor_stays_open(driver: LocalDriver) -> None:
    before = len(list(_DESCRIPTORS.iterdir()))
    driver.write_many([held("a/1", b"1")])
    driver.write_many([held(f"a/{number}", b"x") for number in range(300)])
    assert len(list(_DESCRIPTORS.iterdir())) <= before


def test_a_process_that_was_forked_waits_for_no_thread_of_its_parent(driver: LocalDriver) -> None:
    def write() -> None:
        signal.alarm(30)  # in vain, for ever
        assert driver.write_many([held(f"child/{number}", b"x") for number in range(20)]) == [done] * 20

    done = Written(1, verified=True)
    driver.write_many([held(f"parent/{number}", b"x") for number in range(20)])
    assert in_child(write)
