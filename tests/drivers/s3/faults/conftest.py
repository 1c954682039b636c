"""The S3 driver on a bad network: a proxy that spoils what it is told to, and short deadlines."""

from collections.abc import Iterator

import pytest

from studybuddy.drivers.s3.clients import Deadlines
from studybuddy.drivers.s3.driver import S3Driver
from studybuddy.settings.places import S3Settings
from studybuddy.storage import Storage
from studybuddy.units import KIB, MIB
from tests.contracts.sources import some_bytes
from tests.servers.fault_proxy import FaultProxy
from tests.servers.place import Server

SHORT = Deadlines(connect=1.0, answer=1.0, retry=2.0, body=5.0, stall=5.0, long=15.0, range=1.5, standstill=3.0)
SMALL = some_bytes(100 * KIB)
LARGE_BYTES = 65 * MIB


@pytest.fixture
def bucket(strict_s3_server: Server) -> str:
    return strict_s3_server.new_bucket()


@pytest.fixture
def proxy(strict_s3_server: Server) -> Iterator[FaultProxy]:
    proxy = FaultProxy(strict_s3_server.url)
    yield proxy
    proxy.close()


@pytest.fixture
def driver(strict_s3_server: Server, proxy: FaultProxy, bucket: str) -> S3Driver:
    """A driver whose requests go through the proxy; it has just had an answer."""
    driver = S3Driver(strict_s3_server.at(proxy.url).settings(bucket), deadlines=SHORT)
    driver.delete("nothing")
    proxy.log.clear()
    return driver


@pytest.fixture
def direct(strict_s3_server: Server, bucket: str) -> S3Driver:
    return S3Driver(strict_s3_server.settings(bucket))


def stored(driver: S3Driver) -> Storage:
    return Storage(1, "s3", "s3:", driver, "S3", S3Settings("bucket", "region"))
