"""A check that is cut off leaves a probe; it is deleted as soon as the storage answers again."""

import os
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from studybuddy.drivers.s3.driver import S3Driver
from studybuddy.errors import StorageError
from studybuddy.settings import load_settings
from studybuddy.wiring import open_all
from tests.contracts.base import KEY, keys_in, put
from tests.servers import rclone
from tests.servers.fault_proxy import FaultProxy
from tests.servers.place import Server
from tests.servers.strict_s3 import OPAQUE_KEY

PROBES = "study-buddy-check/"


@pytest.fixture
def proxy(strict_s3_server: Server) -> Iterator[FaultProxy]:
    proxy = FaultProxy(strict_s3_server.url)
    yield proxy
    proxy.close()


def test_a_probe_that_could_not_be_deleted_is_deleted_later(strict_s3_server: Server, proxy: FaultProxy) -> None:
    driver = S3Driver(strict_s3_server.at(proxy.url).settings(strict_s3_server.new_bucket()))
    proxy.add("status:403", method="DELETE", times=99)
    with pytest.raises(StorageError):
        driver.check()
    assert len(keys_in(driver, PROBES)) == 1
    proxy.rules.clear()
    driver.remove_probes()
    assert keys_in(driver) == []


def test_a_probe_that_comes_after_it_was_given_up_is_deleted_later(strict_s3_server: Server, proxy: FaultProxy) -> None:
    bucket = strict_s3_server.new_bucket()
    driver = S3Driver(strict_s3_server.at(proxy.url).settings(bucket))
    proxy.add("status:403", method="PUT", times=99)
    with pytest.raises(StorageError):
        driver.check()
    late = next(target for method, target, fault in proxy.log if (method, bool(fault)) == ("PUT", True))
    strict_s3_server.client().put_object(Bucket=bucket, Key=late.partition(f"/{bucket}/")[2], Body=b"late")
    proxy.rules.clear()
    driver.remove_probes()
    assert keys_in(driver) == []


def test_nothing_is_asked_when_no_probe_was_left(strict_s3_server: Server, proxy: FaultProxy) -> None:
    driver = S3Driver(strict_s3_server.at(proxy.url).settings(strict_s3_server.new_bucket()))
    driver.check()
    proxy.log.clear()
    driver.remove_probes()
    assert proxy.log == []


def test_the_probe_of_a_storage_that_looks_at_bodies_is_deleted_later(
    strict_s3_server: Server, proxy: FaultProxy
) -> None:
    server = Server(proxy.url, OPAQUE_KEY, strict_s3_server.secret_key)
    driver = S3Driver(server.settings(strict_s3_server.new_bucket()))
    proxy.add("status:403", method="DELETE", times=99)
    put(driver, "first", b"by which the driver learns what ETags are")
    driver.write(KEY, BytesIO(b"x"), size=1, content_type="x/y")
    assert len(keys_in(driver, PROBES)) == 1
    proxy.rules.clear()
    driver.remove_probes()
    assert keys_in(driver, PROBES) == []


def test_recovery_deletes_what_a_check_left(strict_s3_server: Server, proxy: FaultProxy, tmp_path: Path) -> None:
    environ = strict_s3_server.at(proxy.url).environ(
        strict_s3_server.new_bucket(), UPLOADS_DIR=str(tmp_path / "uploads"), STUDY_BUDDY_DATA=str(tmp_path / "data")
    )
    wiring = open_all(load_settings(environ, env_file=tmp_path / "no.env"))
    driver = wiring.storages().named("s3").driver
    proxy.add("status:403", method="DELETE", times=99)
    with pytest.raises(StorageError):
        driver.check()
    wiring.recovery.run()  # it goes on where a storage does not let it
    assert len(keys_in(driver, PROBES)) == 1
    proxy.rules.clear()
    wiring.recovery.run()
    assert keys_in(driver, PROBES) == []
    wiring.close()


def test_a_check_deletes_what_others_left_long_ago_and_nothing_else(tmp_path: Path) -> None:
    with rclone.rclone_server(tmp_path) as url:
        server = Server(url, rclone.ACCESS_KEY, rclone.SECRET_KEY)
        bucket = server.new_bucket()
        keys = [f"{PROBES}old.bin", f"{PROBES}running.bin", "study-sessions/1/x.txt"]
        hours_ago = time.time() - 7200
        for key, age in zip(keys, [hours_ago, time.time(), hours_ago], strict=True):
            path = tmp_path / "data" / bucket / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"left")
            os.utime(path, (age, age))
        driver = S3Driver(server.settings(bucket))
        driver.check()
        assert keys_in(driver) == keys[1:]
