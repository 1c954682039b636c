"""A storage that does not answer is told soon; one that only takes long is waited for."""

import socket
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from studybuddy.drivers.s3.driver import S3Driver
from studybuddy.errors import UnavailableError
from studybuddy.units import KIB, MIB
from tests.contracts.base import KEY, get, put
from tests.contracts.sources import Endless, some_bytes
from tests.drivers.s3.faults.conftest import LARGE_BYTES, SHORT, SMALL
from tests.servers.fault_proxy import FaultProxy
from tests.servers.place import Server


@pytest.mark.parametrize("size", [100 * KIB, 9 * MIB, LARGE_BYTES], ids=["small", "larger", "in parts"])
@pytest.mark.parametrize("place", ["refused", "black hole"])
def test_a_dead_storage_is_told_soon(strict_s3_server: Server, place: str, size: int) -> None:
    """With the real deadlines: a black hole accepts the connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as hole:
        port = hole.getsockname()[1]
        if place == "refused":
            hole.close()
        driver = S3Driver(strict_s3_server.at(f"http://127.0.0.1:{port}").settings("bucket"))
        started = time.monotonic()
        with pytest.raises(UnavailableError) as raised:
            driver.write(KEY, Endless(size), size=size, content_type="x/y")
        assert time.monotonic() - started < 20
        assert raised.value.retryable
        assert raised.value.fix


def test_a_storage_that_dies_between_two_writes_is_told_soon(
    strict_s3_server: Server, proxy: FaultProxy, bucket: str
) -> None:
    driver = S3Driver(strict_s3_server.at(proxy.url).settings(bucket))
    put(driver, "one", SMALL)
    proxy.add("hang", times=99)
    started = time.monotonic()
    with pytest.raises(UnavailableError):
        put(driver, "two", SMALL)
    assert time.monotonic() - started < 20


PATIENT = replace(SHORT, body=60.0, long=60.0, stall=60.0, pulse=0.4)


@pytest.mark.parametrize("size", [9 * MIB, LARGE_BYTES], ids=["larger", "in parts"])
def test_a_storage_that_falls_silent_on_a_large_body_is_not_waited_for_as_long_as_the_body(
    strict_s3_server: Server, proxy: FaultProxy, bucket: str, size: int
) -> None:
    driver = S3Driver(strict_s3_server.at(proxy.url).settings(bucket), deadlines=PATIENT)
    put(driver, "one", SMALL)
    proxy.add("hang", times=10**9)
    started = time.monotonic()
    with pytest.raises(UnavailableError, match="does not answer"):
        driver.write("two", Endless(size), size=size, content_type="x/y")
    assert time.monotonic() - started < 20


def test_a_storage_that_takes_long_over_a_large_body_but_answers_others_is_waited_for(
    strict_s3_server: Server, proxy: FaultProxy, bucket: str
) -> None:
    driver = S3Driver(strict_s3_server.at(proxy.url).settings(bucket), deadlines=replace(PATIENT, body=3.0))
    proxy.add("hang", method="PUT")
    data = some_bytes(9 * MIB)
    put(driver, KEY, data)
    assert proxy.count("PUT", "hang") == 1
    assert proxy.count("PUT") == 2  # it was tried again when the body's own deadline was over, not before
    assert proxy.count("HEAD") > 4
    assert get(driver, KEY) == data


@pytest.mark.parametrize("ask", ["read", "stat", "delete", "list"])
def test_a_dead_storage_is_told_to_everyone_soon(strict_s3_server: Server, ask: str) -> None:
    driver = S3Driver(strict_s3_server.at("http://127.0.0.1:1").settings("bucket"), deadlines=SHORT)
    asks: dict[str, Callable[[], object]] = {
        "read": lambda: get(driver, KEY),
        "stat": lambda: driver.stat(KEY),
        "delete": lambda: driver.delete(KEY),
        "list": lambda: list(driver.list()),
    }
    started = time.monotonic()
    with pytest.raises(UnavailableError):
        asks[ask]()
    assert time.monotonic() - started < SHORT.retry + SHORT.answer + 15
