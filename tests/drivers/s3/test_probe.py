"""What a storage has taken need not be read back where it refuses wrong bodies; that is found out, not believed."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

import pytest

from studybuddy.drivers.s3.bodies import SINGLE_BYTES
from studybuddy.drivers.s3.driver import S3Driver
from studybuddy.errors import IntegrityError
from studybuddy.streams import sha256_of
from studybuddy.units import KIB, MIB
from tests.contracts.base import KEY, get, keys_in, put
from tests.contracts.sources import Endless, some_bytes
from tests.servers.fault_proxy import FaultProxy
from tests.servers.place import Server
from tests.servers.strict_s3 import CARELESS_KEY, OPAQUE_KEY

SMALL = some_bytes(10 * KIB)


@pytest.fixture
def proxy(strict_s3_server: Server) -> Iterator[FaultProxy]:
    proxy = FaultProxy(strict_s3_server.url)
    yield proxy
    proxy.close()


def opened(server: Server, proxy: FaultProxy, access_key: str, *, checksums: bool = False) -> S3Driver:
    """Open a new bucket by this key, and let the driver learn what its ETags are."""
    bucket = server.new_bucket()
    driver = S3Driver(replace(server, access_key=access_key).at(proxy.url).settings(bucket), checksums=checksums)
    put(driver, "first", SMALL)
    return driver


@pytest.mark.parametrize("checksums", [False, True])
@pytest.mark.parametrize("size", [0, 100 * KIB, 9 * MIB, SINGLE_BYTES + 1], ids=["empty", "small", "larger", "parts"])
def test_what_a_storage_that_looks_has_taken_is_right(
    strict_s3_server: Server, proxy: FaultProxy, size: int, checksums: bool
) -> None:
    driver = opened(strict_s3_server, proxy, OPAQUE_KEY, checksums=checksums)
    assert driver.write(KEY, Endless(size), size=size, content_type="x/y").verified
    with driver.read(KEY) as stream:
        assert sha256_of(stream) == sha256_of(Endless(size))


@pytest.mark.parametrize("size", [100 * KIB, SINGLE_BYTES + 1], ids=["small", "parts"])
def test_what_a_storage_that_does_not_look_has_taken_is_read_back(
    strict_s3_server: Server, proxy: FaultProxy, size: int
) -> None:
    driver = opened(strict_s3_server, proxy, CARELESS_KEY)
    assert not driver.write(KEY, Endless(size), size=size, content_type="x/y").verified


def test_a_body_that_changes_on_its_way_is_refused_by_a_storage_that_looks(
    strict_s3_server: Server, proxy: FaultProxy
) -> None:
    driver = opened(strict_s3_server, proxy, OPAQUE_KEY)
    put(driver, "second", SMALL)
    proxy.add("flip_request", method="PUT", times=99)
    with pytest.raises(IntegrityError):
        driver.write(KEY, BytesIO(SMALL), size=len(SMALL), content_type="x/y")
    assert keys_in(driver) == ["first", "second"]


def test_it_is_found_out_once_and_leaves_nothing(strict_s3_server: Server, proxy: FaultProxy) -> None:
    driver = opened(strict_s3_server, proxy, OPAQUE_KEY)
    for number in range(3):
        assert put(driver, f"more/{number}", SMALL).verified
    assert proxy.count("PUT") == 1 + 2 + 3
    assert proxy.count("DELETE") == 1
    assert keys_in(driver) == ["first", "more/0", "more/1", "more/2"]


def test_a_storage_that_fails_at_the_probe_is_read_back(strict_s3_server: Server, proxy: FaultProxy) -> None:
    driver = opened(strict_s3_server, proxy, OPAQUE_KEY)
    proxy.add("status:403", method="PUT", path="study-buddy-check", times=99)
    assert not put(driver, KEY, SMALL).verified
    assert get(driver, KEY) == SMALL


def test_nothing_is_found_out_where_the_etags_tell_enough(strict_s3_server: Server, proxy: FaultProxy) -> None:
    driver = opened(strict_s3_server, proxy, strict_s3_server.access_key)
    assert put(driver, KEY, SMALL).verified
    assert proxy.count("PUT") == 2
