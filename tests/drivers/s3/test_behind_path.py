"""An endpoint with a path, as Supabase's S3 endpoint has: both clients sign it, and its errors are understood."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from studybuddy.drivers.driver import Driver
from studybuddy.drivers.s3.driver import S3Driver
from studybuddy.errors import ObjectNotFoundError, PermissionDeniedError, StorageError
from studybuddy.settings.places import Secret
from tests import patient
from tests.contracts.base import KEY, put
from tests.drivers.s3.test_driver import S3Contract
from tests.servers import strict_s3
from tests.servers.place import Server

PATH = "/storage/v1/s3"


@pytest.fixture(scope="module")
def server_behind_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with strict_s3.strict_s3_server(tmp_path_factory.mktemp("path-s3"), path=PATH) as url:
        yield Server(url, strict_s3.ACCESS_KEY, strict_s3.SECRET_KEY)


class TestBehindPath(S3Contract):
    @pytest.fixture
    def server(self, server_behind_path: Server) -> Server:
        assert server_behind_path.url.endswith(PATH)
        return server_behind_path

    def test_the_server_checks_signatures(self, server: Server, bucket: str) -> None:
        driver = S3Driver(replace(server.settings(bucket), secret_access_key=Secret("another-secret-key")))
        for use in (lambda: put(driver, KEY, b"x"), lambda: driver.delete(KEY)):  # our own way, boto3's
            with pytest.raises(PermissionDeniedError):
                use()

    def test_what_is_missing_is_told_by_the_status_alone(self, server: Server, driver: Driver, absent: Driver) -> None:
        # botocore finds no code in namespaced XML.
        with pytest.raises(ObjectNotFoundError):
            driver.stat(KEY)
        for use in (absent.check, lambda: list(absent.list()), lambda: absent.stat(KEY)):
            with pytest.raises(StorageError, match="there is no bucket no-such-bucket") as raised:
                use()
            assert not isinstance(raised.value, ObjectNotFoundError)

    def test_the_path_of_another_place_is_refused(self, server: Server) -> None:
        assert patient.get(server.url.removesuffix(PATH)).status_code == 404
