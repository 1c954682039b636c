"""A bucket that is missing is made at the first write, if the driver may."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from studybuddy.drivers.s3.driver import S3Driver
from studybuddy.errors import StorageError
from tests.contracts.base import KEY, keys_in, put
from tests.servers.place import Server, new_name


class TestFirstUse:
    """A bucket that is missing is made at the first write, if the driver may."""

    @pytest.fixture(params=["strict_s3_server", "rclone_server"])
    def server(self, request: pytest.FixtureRequest) -> Server:
        found: Server = request.getfixturevalue(request.param)
        return found

    @pytest.mark.parametrize("size", [100, 9_000_000, 70_000_000], ids=["small", "larger", "in parts"])
    def test_the_first_write_makes_it(self, server: Server, size: int) -> None:
        driver = S3Driver(server.settings(new_name()), may_create=lambda: True)
        assert put(driver, KEY, bytes(size)).verified
        assert keys_in(driver) == [KEY]

    def test_the_check_makes_it_also_after_it_was_just_missed(self, server: Server) -> None:
        driver = S3Driver(server.settings(new_name()), may_create=lambda: True)
        with pytest.raises(StorageError, match="no bucket"):
            keys_in(driver)
        driver.check()
        assert keys_in(driver) == []

    def test_reading_makes_none(self, server: Server) -> None:
        driver = S3Driver(server.settings(new_name()), may_create=lambda: True)
        for _ in range(2):
            with pytest.raises(StorageError, match="no bucket"):
                keys_in(driver)

    def test_who_may_not_is_told(self, server: Server) -> None:
        driver = S3Driver(server.settings(new_name()))
        with pytest.raises(StorageError, match="no bucket") as raised:
            put(driver, KEY, b"x")
        assert "setup-bucket" in raised.value.fix

    def test_many_first_writes_at_once_make_one(self, server: Server) -> None:
        settings = server.settings(new_name())
        drivers = [S3Driver(settings, may_create=lambda: True) for _ in range(4)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda n: put(drivers[n % 4], f"a/{n}.txt", b"x"), range(8)))
        assert len(keys_in(drivers[0])) == 8
