"""Copies within a service: where it tells a checksum of what it made, nothing is read back."""

import hashlib
from collections.abc import Iterator

import pytest

from studybuddy.drivers.s3.driver import S3Driver
from studybuddy.errors import IntegrityError
from studybuddy.storage import Storage
from studybuddy.units import KIB
from tests.contracts.base import KEY, SOURCE, keys_in, put
from tests.contracts.sources import some_bytes
from tests.servers.fault_proxy import FaultProxy
from tests.servers.place import Server

DATA = some_bytes(100 * KIB)
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def proxy(strict_s3_server: Server) -> Iterator[FaultProxy]:
    proxy = FaultProxy(strict_s3_server.url)
    yield proxy
    proxy.close()


def opened(server: Server, *, checksums: bool | None) -> Storage:
    settings = server.settings(server.new_bucket())
    driver = S3Driver(settings, checksums=checksums)
    put(driver, SOURCE, DATA)
    return Storage(1, "s3", "s3:", driver, "S3", settings)


@pytest.mark.parametrize(("checksums", "reads"), [(True, 0), (None, 0), (False, 1)])
def test_a_copy_whose_checksum_is_told_is_not_read(
    strict_s3_server: Server, proxy: FaultProxy, checksums: bool | None, reads: int
) -> None:
    storage = opened(strict_s3_server.at(proxy.url), checksums=checksums)
    storage.copy_from(storage, SOURCE, KEY, size=len(DATA), sha256=SHA256)
    assert proxy.count("GET") == reads
    assert proxy.count("HEAD") <= 3


@pytest.mark.parametrize("checksums", [True, False])
def test_a_copy_of_other_bytes_is_removed(strict_s3_server: Server, checksums: bool) -> None:
    storage = opened(strict_s3_server, checksums=checksums)
    with pytest.raises(IntegrityError):
        storage.copy_from(storage, SOURCE, KEY, size=len(DATA), sha256="0" * 64)
    assert keys_in(storage.driver) == [SOURCE]


def test_a_service_that_takes_no_such_header_copies_all_the_same_and_is_read(
    strict_s3_server: Server, proxy: FaultProxy
) -> None:
    storage = opened(strict_s3_server.at(proxy.url), checksums=None)
    proxy.log.clear()
    proxy.add("status:400:InvalidArgument", method="PUT")
    for key in (KEY, "another"):
        storage.copy_from(storage, SOURCE, key, size=len(DATA), sha256=SHA256)
    assert (proxy.count("PUT"), proxy.count("GET")) == (3, 2)
    assert keys_in(storage.driver, KEY) == [KEY]
