"""What the parts of the drivers' contract share."""

import io
from collections.abc import Callable

import pytest

from studybuddy.drivers.driver import Driver, Written
from studybuddy.streams import read_into
from studybuddy.units import KIB, MIB

LARGE = 65 * MIB  # above what goes in one request
KEY = "study-sessions/7/0123456789abcdef.pdf"
SOURCE = "study-sessions/7/source.bin"
TYPE = "application/pdf"


def put(driver: Driver, key: str, data: bytes, *, content_type: str = TYPE) -> Written:
    return driver.write(key, io.BytesIO(data), size=len(data), content_type=content_type)


def get(driver: Driver, key: str, start: int = 0, stop: int | None = None) -> bytes:
    with driver.read(key, start=start, stop=stop) as stream:
        return b"".join(iter(lambda: stream.read(64 * KIB), b""))


def get_into(driver: Driver, key: str, start: int = 0, stop: int | None = None, *, size: int = 300 * KIB) -> bytes:
    """As `get`, but into one buffer of `size` bytes, again and again."""
    buffer = memoryview(bytearray(size))
    with driver.read(key, start=start, stop=stop) as stream:
        return b"".join(iter(lambda: bytes(buffer[: read_into(stream, buffer)]), b""))


def keys_in(driver: Driver, prefix: str = "") -> list[str]:
    return [found.key for found in driver.list(prefix)]


class Contract:
    """What a driver's tests give to the suite."""

    refuses_overwrite = True  # False: the provider cannot tell, and replaces the object whole
    keeps_content_type = True
    has_urls = True
    lists_in_order = True

    @pytest.fixture
    def driver(self) -> Driver:
        """An empty storage."""
        raise NotImplementedError

    @pytest.fixture
    def neighbour(self) -> Driver:
        """Another empty storage of the same provider, beside the first: another prefix, or another folder."""
        raise NotImplementedError

    @pytest.fixture
    def absent(self) -> Driver:
        """A storage whose place cannot be used."""
        raise NotImplementedError

    @pytest.fixture
    def unfinished(self) -> Callable[[], list[str]]:
        """Tells what is left of writes that never ended."""
        raise NotImplementedError

    def store(self, driver: Driver, key: str, data: bytes, *, content_type: str = TYPE) -> None:
        """Put an object there that is to be read; a storage that is only read gets it another way."""
        put(driver, key, data, content_type=content_type)
