"""The S3 driver under the contract: on a server as strict as AWS, and on one with quirks of its own."""

from collections.abc import Callable

import pytest

from studybuddy.drivers.driver import Driver
from studybuddy.drivers.s3.driver import S3Driver
from tests.contracts.driver_contract import DriverContract
from tests.contracts.many import CopiesManyContract, ReadsManyContract, WritesManyContract
from tests.contracts.unfinished import KeepsUnfinishedContract
from tests.servers.place import Server


class S3Contract(DriverContract, WritesManyContract, ReadsManyContract, CopiesManyContract, KeepsUnfinishedContract):
    """The contract on one server."""

    checksums: bool | None = None

    @pytest.fixture
    def server(self) -> Server:
        raise NotImplementedError

    @pytest.fixture
    def bucket(self, server: Server) -> str:
        return server.new_bucket()

    @pytest.fixture
    def driver(self, server: Server, bucket: str) -> Driver:
        return S3Driver(server.settings(bucket, prefix="study/buddy"), checksums=self.checksums)

    @pytest.fixture
    def neighbour(self, server: Server, bucket: str) -> Driver:
        return S3Driver(server.settings(bucket, prefix="study/buddy2"), checksums=self.checksums)

    @pytest.fixture
    def absent(self, server: Server) -> Driver:
        return S3Driver(server.settings("no-such-bucket"))

    @pytest.fixture
    def unfinished(self, server: Server, bucket: str) -> Callable[[], list[str]]:
        return lambda: server.unfinished(bucket)

    def test_the_parts_of_an_object_whose_writer_died_are_dropped(
        self, server: Server, bucket: str, driver: S3Driver, unfinished: Callable[[], list[str]]
    ) -> None:
        for key in ("a/dead.bin", "a/other.bin"):
            server.client().create_multipart_upload(Bucket=bucket, Key=f"study/buddy/{key}")
        driver.drop_unfinished("a/dead.bin")
        assert unfinished() == ["study/buddy/a/other.bin"]
        driver.drop_unfinished("a/never.bin")


class TestStrictS3(S3Contract):
    @pytest.fixture
    def server(self, strict_s3_server: Server) -> Server:
        return strict_s3_server


class TestStrictS3WithChecksums(TestStrictS3):
    """What AWS itself is asked for."""

    checksums = True


class TestRclone(S3Contract):
    refuses_overwrite = False
    keeps_content_type = False
    lists_in_order = False

    @pytest.fixture
    def server(self, rclone_server: Server) -> Server:
        return rclone_server


class TestCeph(S3Contract):
    @pytest.fixture
    def server(self, ceph_server: Server) -> Server:
        return ceph_server
