"""Writes on a bad network: every fault is got over, or told and nothing left behind."""

from pathlib import Path

import pytest

from studybuddy.drivers.s3.driver import S3Driver
from studybuddy.errors import IntegrityError, ObjectExistsError, PermissionDeniedError, UnavailableError
from studybuddy.streams import copy, sha256_of
from studybuddy.units import KIB, MIB
from tests.contracts.base import KEY, get, keys_in, put
from tests.contracts.sources import Endless, some_bytes
from tests.drivers.s3.faults.conftest import LARGE_BYTES, SMALL, stored
from tests.servers.fault_proxy import FaultProxy
from tests.servers.place import Server


@pytest.fixture
def large_file(tmp_path: Path) -> Path:
    path = tmp_path / "large"
    with path.open("wb") as stream:
        copy(Endless(LARGE_BYTES), stream)
    return path


def put_file(driver: S3Driver, path: Path) -> str:
    with path.open("rb") as stream:
        size, sha256 = sha256_of(stream)
    stored(driver).put_file(KEY, path, size=size, sha256=sha256, content_type="x/y")
    return sha256


@pytest.mark.parametrize(
    "fault", ["status:503", "status:500", "status:429:TooManyRequests", "reset_before", "reset_in_request", "hang"]
)
@pytest.mark.parametrize("size", [100 * KIB, 9 * MIB], ids=["small", "larger"])
def test_a_write_that_fails_once_is_tried_again(driver: S3Driver, proxy: FaultProxy, fault: str, size: int) -> None:
    proxy.add(fault, method="PUT")
    data = some_bytes(size)
    assert put(driver, KEY, data).verified
    assert get(driver, KEY) == data
    assert proxy.count("PUT", fault) == 1


@pytest.mark.parametrize("size", [100 * KIB, 9 * MIB], ids=["small", "larger"])
def test_a_lost_answer_to_our_own_write_is_no_conflict(driver: S3Driver, proxy: FaultProxy, size: int) -> None:
    proxy.add("lose_answer", method="PUT")
    data = some_bytes(size)
    assert put(driver, KEY, data).verified
    assert proxy.count("PUT") == 2
    with pytest.raises(ObjectExistsError):
        put(driver, KEY, b"other")
    assert get(driver, KEY) == data


@pytest.mark.parametrize("fault", ["status:503", "lose_answer"])
def test_a_part_that_fails_once_is_sent_again(
    driver: S3Driver, proxy: FaultProxy, strict_s3_server: Server, bucket: str, fault: str
) -> None:
    proxy.add(fault, method="PUT", path="partNumber=3")
    assert driver.write(KEY, Endless(LARGE_BYTES), size=LARGE_BYTES, content_type="x/y").verified
    assert proxy.count("PUT") == 10
    assert strict_s3_server.unfinished(bucket) == []


@pytest.mark.parametrize("fault", ["status:503", "lose_answer"])
def test_joining_the_parts_is_tried_again(
    driver: S3Driver, proxy: FaultProxy, strict_s3_server: Server, bucket: str, fault: str
) -> None:
    proxy.add(fault, method="POST", path="uploadId=")
    assert driver.write(KEY, Endless(LARGE_BYTES), size=LARGE_BYTES, content_type="x/y").verified
    assert driver.stat(KEY).size == LARGE_BYTES
    assert strict_s3_server.unfinished(bucket) == []


def test_parts_that_cannot_be_sent_are_dropped(
    driver: S3Driver, proxy: FaultProxy, direct: S3Driver, strict_s3_server: Server, bucket: str
) -> None:
    proxy.add("status:403", method="PUT", path="partNumber=3", times=99)
    with pytest.raises(PermissionDeniedError):
        driver.write(KEY, Endless(LARGE_BYTES), size=LARGE_BYTES, content_type="x/y")
    assert keys_in(direct) == strict_s3_server.unfinished(bucket) == []


def test_an_object_whose_part_is_lost_is_sent_once_more(
    driver: S3Driver, proxy: FaultProxy, strict_s3_server: Server, bucket: str, large_file: Path
) -> None:
    proxy.add("swallow", method="PUT", path="partNumber=3")
    sha256 = put_file(driver, large_file)
    stored(driver).verify(KEY, size=LARGE_BYTES, sha256=sha256)
    assert proxy.count("PUT") == 18
    assert strict_s3_server.unfinished(bucket) == []


def test_an_object_whose_part_is_lost_again_is_given_up(
    driver: S3Driver, proxy: FaultProxy, strict_s3_server: Server, bucket: str, large_file: Path
) -> None:
    proxy.add("swallow", method="PUT", path="partNumber=3", times=99)
    with pytest.raises(IntegrityError, match="parts of the object were lost") as caught:
        put_file(driver, large_file)
    assert caught.value.fix
    assert proxy.count("PUT") == 18
    assert keys_in(driver) == strict_s3_server.unfinished(bucket) == []


def test_a_large_object_goes_over_no_other_bytes(
    driver: S3Driver, direct: S3Driver, strict_s3_server: Server, bucket: str
) -> None:
    put(direct, KEY, b"old")
    with pytest.raises(ObjectExistsError):
        driver.write(KEY, Endless(LARGE_BYTES), size=LARGE_BYTES, content_type="x/y")
    assert get(direct, KEY) == b"old"
    assert strict_s3_server.unfinished(bucket) == []


def test_a_storage_that_knows_no_conditions_is_written_without(driver: S3Driver, proxy: FaultProxy) -> None:
    proxy.add("status:501:NotImplemented", method="PUT")
    assert put(driver, KEY, SMALL).verified
    put(driver, KEY, b"replaced")
    assert get(driver, KEY) == b"replaced"
    assert proxy.count("PUT") == 3


def test_a_check_whose_answer_is_lost_leaves_no_probe(driver: S3Driver, direct: S3Driver, proxy: FaultProxy) -> None:
    proxy.add("lose_answer", method="PUT", times=100)
    with pytest.raises(UnavailableError):
        driver.check()
    assert keys_in(direct) == []
