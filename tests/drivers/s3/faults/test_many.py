"""Many small objects at once on a bad network: each is written or told, whole or not at all."""

import hashlib
from contextlib import closing

import pytest

from studybuddy.drivers.driver import CopyOf
from studybuddy.drivers.s3.driver import S3Driver
from studybuddy.errors import IntegrityError
from studybuddy.units import KIB
from tests.contracts.base import get, keys_in, put
from tests.contracts.many import held
from tests.contracts.sources import some_bytes
from tests.drivers.s3.faults.conftest import stored
from tests.servers.fault_proxy import FaultProxy

OBJECTS = [held(f"many/{number:02}", some_bytes(20 * KIB, seed=number)) for number in range(12)]
FAULTS = ["status:503", "reset_before", "reset_in_answer", "truncate", "hang"]


@pytest.mark.parametrize("skip", [0, 5])
@pytest.mark.parametrize("fault", [*FAULTS, "reset_in_request", "flip_request", "lose_answer", "double"])
def test_many_are_all_written_when_one_of_their_requests_breaks(
    driver: S3Driver, direct: S3Driver, proxy: FaultProxy, fault: str, skip: int
) -> None:
    stored(driver).put_many(OBJECTS[:1])  # so that it is known whether bodies are checked
    driver.delete(OBJECTS[0].key)
    proxy.add(fault, method="PUT", skip=skip)
    failures = stored(driver).put_many(OBJECTS)
    assert proxy.count("PUT", fault) == 1
    kept = {one.key for one, failure in zip(OBJECTS, failures, strict=True) if failure is None}
    assert set(keys_in(direct)) == kept
    assert len(kept) >= len(OBJECTS) - (fault == "flip_request")
    assert all(get(direct, one.key) == one.content for one in OBJECTS if one.key in kept)


def test_bytes_that_change_on_their_way_are_noticed_in_each_of_many(
    driver: S3Driver, direct: S3Driver, proxy: FaultProxy
) -> None:
    proxy.add("flip_request", method="PUT", times=99)
    failures = stored(driver).put_many(OBJECTS)
    assert all(isinstance(failure, IntegrityError) for failure in failures)
    assert keys_in(direct) == []


@pytest.mark.parametrize("skip", [0, 5])
@pytest.mark.parametrize("fault", [*FAULTS, "stall"])
def test_what_does_not_come_with_others_is_left_to_be_read_by_itself(
    driver: S3Driver, direct: S3Driver, proxy: FaultProxy, fault: str, skip: int
) -> None:
    for one in OBJECTS:
        put(direct, one.key, one.content)
    proxy.add(fault, method="GET", skip=skip)
    found = list(driver.read_many([one.key for one in OBJECTS]))
    assert len(found) <= len(OBJECTS)
    assert all(content in (None, one.content) for one, content in zip(OBJECTS, found, strict=False))
    assert proxy.count("GET", fault) == 1
    assert [get(driver, one.key) for one in OBJECTS] == [one.content for one in OBJECTS]


def test_a_reader_that_wants_no_more_leaves_connections_that_can_be_used(driver: S3Driver, direct: S3Driver) -> None:
    for one in OBJECTS:
        put(direct, one.key, one.content)
    with closing(driver.read_many([one.key for one in OBJECTS])) as contents:
        assert hashlib.sha256(next(contents) or b"").hexdigest() == OBJECTS[0].sha256
    assert [get(driver, one.key) for one in OBJECTS] == [one.content for one in OBJECTS]


@pytest.mark.parametrize("skip", [0, 5])
@pytest.mark.parametrize("method", ["HEAD", "PUT"])
@pytest.mark.parametrize("fault", [*FAULTS, "lose_answer", "double", "status:403", "status:400:InvalidArgument"])
def test_many_are_all_copied_or_told_when_one_of_their_requests_breaks(
    driver: S3Driver, direct: S3Driver, proxy: FaultProxy, *, fault: str, method: str, skip: int
) -> None:
    for one in OBJECTS:
        put(direct, one.key, one.content)
    storage = stored(driver)
    is_new = method == "PUT"  # nobody looks first then
    wanted = [(CopyOf(one.key, f"copies/{one.key}", len(one.content), is_new=is_new), one.sha256) for one in OBJECTS]
    proxy.add(fault, method=method, skip=skip)
    failures = storage.copy_many(storage, wanted)
    assert proxy.count(method, fault) == 1
    made = {copy.key: one for (copy, _), one, failure in zip(wanted, OBJECTS, failures, strict=True) if not failure}
    assert len(made) == len(OBJECTS)
    assert set(keys_in(direct, "copies/")) == set(made)
    assert all(get(direct, key) == one.content for key, one in made.items())


def test_copies_of_other_bytes_are_told_and_removed_and_the_others_stay(driver: S3Driver, direct: S3Driver) -> None:
    for one in OBJECTS:
        put(direct, one.key, one.content)
    storage = stored(driver)
    wanted = [(CopyOf(one.key, f"copies/{one.key}", len(one.content)), one.sha256) for one in OBJECTS]
    wanted[3] = (wanted[3][0], "0" * 64)
    failures = storage.copy_many(storage, wanted)
    assert [isinstance(failure, IntegrityError) for failure in failures] == [place == 3 for place in range(12)]
    assert len(keys_in(direct, "copies/")) == len(OBJECTS) - 1
