"""What S3 refuses is told with what to do: wrong keys, permissions, region, bucket."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from studybuddy.drivers.s3.driver import S3Driver
from studybuddy.errors import ObjectNotFoundError, PermissionDeniedError, StorageError
from tests.contracts.base import KEY, get, put
from tests.drivers.s3.faults.conftest import SMALL
from tests.servers.fault_proxy import FaultProxy
from tests.servers.place import Server


def test_a_wrong_access_key_is_told(strict_s3_server: Server, bucket: str) -> None:
    wrong = Server(strict_s3_server.url, "AKIAWRONG", "wrong-secret-value")
    with pytest.raises(PermissionDeniedError) as raised:
        S3Driver(wrong.settings(bucket)).check()
    assert "AWS_ACCESS_KEY_ID" in raised.value.fix


def test_a_wrong_secret_is_told_and_never_shown(rclone_server: Server) -> None:
    bucket = rclone_server.new_bucket()
    wrong = Server(rclone_server.url, rclone_server.access_key, "wrong-secret-value")
    driver = S3Driver(wrong.settings(bucket))
    for ask in (driver.check, lambda: get(driver, KEY), lambda: driver.stat(KEY), lambda: list(driver.list())):
        with pytest.raises(PermissionDeniedError) as raised:
            ask()
        assert raised.value.fix
        assert "wrong-secret" not in str(raised.value) + raised.value.fix + repr(vars(raised.value))


def test_a_refused_permission_is_named(driver: S3Driver, direct: S3Driver, proxy: FaultProxy) -> None:
    put(direct, KEY, SMALL)
    proxy.add("status:403", times=99)
    refused: dict[str, Callable[[], object]] = {
        "s3:PutObject": lambda: put(driver, "new", SMALL),
        "s3:GetObject": lambda: get(driver, KEY),
        "s3:DeleteObject": lambda: driver.delete(KEY),
        "s3:ListBucket": lambda: list(driver.list()),
    }
    for permission, ask in refused.items():
        with pytest.raises(PermissionDeniedError) as raised:
            ask()
        assert permission in raised.value.fix


def test_a_wrong_region_is_told(strict_s3_server: Server, bucket: str) -> None:
    driver = S3Driver(replace(strict_s3_server.settings(bucket), region="eu-west-1"))
    for ask in (driver.check, lambda: get(driver, KEY), lambda: list(driver.list())):
        with pytest.raises(StorageError) as raised:
            ask()
        assert "AWS_REGION" in raised.value.fix


def test_a_missing_bucket_is_not_taken_for_a_missing_object(strict_s3_server: Server) -> None:
    driver = S3Driver(strict_s3_server.settings("no-such-bucket"))
    asks: tuple[Callable[[], object], ...] = (
        lambda: put(driver, KEY, SMALL),
        lambda: get(driver, KEY),
        lambda: driver.stat(KEY),
        lambda: list(driver.list()),
        lambda: driver.delete(KEY),
    )
    for ask in asks:
        with pytest.raises(StorageError) as raised:
            ask()
        assert not isinstance(raised.value, ObjectNotFoundError)
        assert "no-such-bucket" in str(raised.value)
        assert "create the bucket" in raised.value.fix
