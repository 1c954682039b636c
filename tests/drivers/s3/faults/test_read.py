"""Reads on a bad network: they go on where they broke, and what is not right is noticed."""

import hashlib
import io
import time
from collections.abc import Callable

import pytest

from studybuddy.drivers.s3.driver import S3Driver
from studybuddy.errors import IntegrityError, UnavailableError, UnsupportedError
from studybuddy.units import KIB, MIB
from tests.contracts.base import KEY, get, get_into, keys_in, put
from tests.contracts.sources import some_bytes
from tests.drivers.s3.faults.conftest import SHORT, SMALL, stored
from tests.servers.fault_proxy import FaultProxy
from tests.servers.place import Server


@pytest.mark.parametrize("fault", ["status:503", "reset_before", "reset_in_answer", "truncate", "stall", "hang"])
@pytest.mark.parametrize("skip", [0, 1], ids=["whole", "second range"])
@pytest.mark.parametrize("reading", [get, get_into], ids=["in pieces", "into memory"])
def test_a_read_that_breaks_goes_on_where_it_was(
    driver: S3Driver, direct: S3Driver, proxy: FaultProxy, *, reading: Callable[..., bytes], fault: str, skip: int
) -> None:
    data = some_bytes(20 * MIB)
    put(direct, KEY, data)
    proxy.add(fault, method="GET", skip=skip)
    assert reading(driver, KEY, 0, len(data) if skip else None) == data
    assert proxy.count("GET", fault) == 1


def test_a_read_that_breaks_every_time_but_moves_comes_to_its_end(
    driver: S3Driver, direct: S3Driver, proxy: FaultProxy
) -> None:
    data = some_bytes(8 * MIB)
    put(direct, KEY, data)
    proxy.add("truncate", method="GET", times=4)
    assert get(driver, KEY) == data


def test_what_its_reader_does_meanwhile_is_no_standstill(driver: S3Driver, direct: S3Driver) -> None:
    data = some_bytes(20 * MIB)
    put(direct, KEY, data)
    with driver.read(KEY) as stream:
        found = stream.read(KIB)
        time.sleep(SHORT.standstill + 0.5)
        assert found + stream.read() == data


def test_bytes_that_drip_do_not_hold_a_read_for_ever(driver: S3Driver, direct: S3Driver, proxy: FaultProxy) -> None:
    put(direct, KEY, SMALL)
    proxy.add("drip", method="GET", times=99, delay=0.05)
    started = time.monotonic()
    with pytest.raises(UnavailableError):
        get(driver, KEY)
    assert time.monotonic() - started < SHORT.standstill + 2 * SHORT.range + 15


def test_bytes_that_drip_from_a_storage_with_plain_ranges_do_not_hold_a_read_either(
    rclone_server: Server,
) -> None:
    bucket = rclone_server.new_bucket()
    put(S3Driver(rclone_server.settings(bucket)), KEY, SMALL)
    proxy = FaultProxy(rclone_server.url)
    try:
        driver = S3Driver(rclone_server.at(proxy.url).settings(bucket), deadlines=SHORT)
        assert get(driver, KEY, 5) == SMALL[5:]
        proxy.add("stall", method="GET")
        assert get(driver, KEY, 5) == SMALL[5:]
        proxy.add("drip", method="GET", times=99, delay=0.5)
        started = time.monotonic()
        with pytest.raises(UnavailableError):
            get(driver, KEY, len(SMALL) - 1000)
        assert time.monotonic() - started < 30
    finally:
        proxy.close()


def test_a_storage_that_ignores_ranges_is_noticed(driver: S3Driver, direct: S3Driver, proxy: FaultProxy) -> None:
    put(direct, KEY, SMALL)
    proxy.add("no_range", method="GET", times=99)
    with pytest.raises(UnsupportedError):
        get(driver, KEY, 50)
    assert get(driver, KEY) == SMALL


def test_an_object_that_changes_while_it_is_read_is_noticed(
    driver: S3Driver, strict_s3_server: Server, bucket: str
) -> None:
    put(driver, KEY, some_bytes(30 * MIB))
    with pytest.raises(IntegrityError), driver.read(KEY, start=0, stop=30 * MIB) as stream:
        stream.read(10)
        strict_s3_server.client().put_object(Bucket=bucket, Key=KEY, Body=some_bytes(30 * MIB, seed=2))
        while stream.read(MIB):
            pass


def test_bytes_that_change_on_their_way_are_noticed(driver: S3Driver, direct: S3Driver, proxy: FaultProxy) -> None:
    storage = stored(driver)
    digest = hashlib.sha256(SMALL).hexdigest()
    proxy.add("flip_request", method="PUT", times=99)
    with pytest.raises(IntegrityError):
        storage.write(KEY, io.BytesIO(SMALL), size=len(SMALL), sha256=digest, content_type="x/y")
    assert keys_in(direct) == []
    proxy.rules.clear()
    storage.write(KEY, io.BytesIO(SMALL), size=len(SMALL), sha256=digest, content_type="x/y")
    proxy.add("flip_answer", method="GET")
    with pytest.raises(IntegrityError):
        storage.verify(KEY, size=len(SMALL), sha256=digest)


@pytest.mark.parametrize("fault", ["status:503", "reset_before", "hang"])
def test_what_is_asked_without_a_body_is_tried_again(driver: S3Driver, proxy: FaultProxy, fault: str) -> None:
    put(driver, KEY, SMALL)
    for method in ("HEAD", "GET", "DELETE"):
        proxy.add(fault, method=method)
    assert driver.stat(KEY).size == len(SMALL)
    assert keys_in(driver) == [KEY]
    driver.delete(KEY)
    assert keys_in(driver) == []
