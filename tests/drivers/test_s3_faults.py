"""The S3 driver on a bad network: every fault is got over, or told soon and plainly."""

import hashlib
import io
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from studybuddy.drivers.s3 import S3Driver
from studybuddy.drivers.s3_clients import Deadlines
from studybuddy.errors import (
    IntegrityError,
    ObjectExistsError,
    ObjectNotFoundError,
    PermissionDeniedError,
    StorageError,
    UnavailableError,
    UnsupportedError,
)
from studybuddy.places import S3Settings
from studybuddy.storage import Storage
from studybuddy.streams import copy, sha256_of
from studybuddy.units import KIB, MIB
from tests.contracts.base import KEY, get, keys_in, put
from tests.contracts.sources import Endless, some_bytes
from tests.servers.fault_proxy import FaultProxy
from tests.servers.place import Server

SHORT = Deadlines(connect=1.0, answer=1.0, retry=2.0, body=2.0, stall=2.0, long=5.0, range=1.5, standstill=3.0)
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


@pytest.fixture
def large_file(tmp_path: Path) -> Path:
    path = tmp_path / "large"
    with path.open("wb") as stream:
        copy(Endless(LARGE_BYTES), stream)
    return path


def put_file(driver: S3Driver, path: Path) -> str:
    with path.open("rb") as stream:
        size, sha256 = sha256_of(stream)
    stored(driver).put_file(KEY, path, size=size, sha256=sha256, content_type="x/y")
    return sha256


def stored(driver: S3Driver) -> Storage:
    return Storage(1, "s3", "s3:", driver, "S3", S3Settings("bucket", "region"))


@pytest.mark.parametrize(
    "fault", ["status:503", "status:500", "status:429:TooManyRequests", "reset_before", "reset_in_request", "hang"]
)
@pytest.mark.parametrize("size", [100 * KIB, 9 * MIB], ids=["small", "larger"])
def test_a_write_that_fails_once_is_tried_again(driver: S3Driver, proxy: FaultProxy, fault: str, size: int) -> None:
    proxy.add(fault, method="PUT")
    data = some_bytes(size)
    assert put(driver, KEY, data).verified
    assert get(driver, KEY) == data
    assert proxy.count("PUT", fault) == 1


@pytest.mark.parametrize("size", [100 * KIB, 9 * MIB], ids=["small", "larger"])
def test_a_lost_answer_to_our_own_write_is_no_conflict(driver: S3Driver, proxy: FaultProxy, size: int) -> None:
    proxy.add("lose_answer", method="PUT")
    data = some_bytes(size)
    assert put(driver, KEY, data).verified
    assert proxy.count("PUT") == 2
    with pytest.raises(ObjectExistsError):
        put(driver, KEY, b"other")
    assert get(driver, KEY) == data


@pytest.mark.parametrize("fault", ["status:503", "lose_answer"])
def test_a_part_that_fails_once_is_sent_again(
    driver: S3Driver, proxy: FaultProxy, strict_s3_server: Server, bucket: str, fault: str
) -> None:
    proxy.add(fault, method="PUT", path="partNumber=3")
    assert driver.write(KEY, Endless(LARGE_BYTES), size=LARGE_BYTES, content_type="x/y").verified
    assert proxy.count("PUT") == 10
    assert strict_s3_server.unfinished(bucket) == []


@pytest.mark.parametrize("fault", ["status:503", "lose_answer"])
def test_joining_the_parts_is_tried_again(
    driver: S3Driver, proxy: FaultProxy, strict_s3_server: Server, bucket: str, fault: str
) -> None:
    proxy.add(fault, method="POST", path="uploadId=")
    assert driver.write(KEY, Endless(LARGE_BYTES), size=LARGE_BYTES, content_type="x/y").verified
    assert driver.stat(KEY).size == LARGE_BYTES
    assert strict_s3_server.unfinished(bucket) == []


def test_parts_that_cannot_be_sent_are_dropped(
    driver: S3Driver, proxy: FaultProxy, direct: S3Driver, strict_s3_server: Server, bucket: str
) -> None:
    proxy.add("status:403", method="PUT", path="partNumber=3", times=99)
    with pytest.raises(PermissionDeniedError):
        driver.write(KEY, Endless(LARGE_BYTES), size=LARGE_BYTES, content_type="x/y")
    assert keys_in(direct) == strict_s3_server.unfinished(bucket) == []


def test_an_object_whose_part_is_lost_is_sent_once_more(
    driver: S3Driver, proxy: FaultProxy, strict_s3_server: Server, bucket: str, large_file: Path
) -> None:
    proxy.add("swallow", method="PUT", path="partNumber=3")
    sha256 = put_file(driver, large_file)
    stored(driver).verify(KEY, size=LARGE_BYTES, sha256=sha256)
    assert proxy.count("PUT") == 18
    assert strict_s3_server.unfinished(bucket) == []


def test_an_object_whose_part_is_lost_again_is_given_up(
    driver: S3Driver, proxy: FaultProxy, strict_s3_server: Server, bucket: str, large_file: Path
) -> None:
    proxy.add("swallow", method="PUT", path="partNumber=3", times=99)
    with pytest.raises(IntegrityError, match="parts of the object were lost") as caught:
        put_file(driver, large_file)
    assert caught.value.fix
    assert proxy.count("PUT") == 18
    assert keys_in(driver) == strict_s3_server.unfinished(bucket) == []


def test_a_large_object_goes_over_no_other_bytes(
    driver: S3Driver, direct: S3Driver, strict_s3_server: Server, bucket: str
) -> None:
    put(direct, KEY, b"old")
    with pytest.raises(ObjectExistsError):
        driver.write(KEY, Endless(LARGE_BYTES), size=LARGE_BYTES, content_type="x/y")
    assert get(direct, KEY) == b"old"
    assert strict_s3_server.unfinished(bucket) == []


def test_a_storage_that_knows_no_conditions_is_written_without(driver: S3Driver, proxy: FaultProxy) -> None:
    proxy.add("status:501:NotImplemented", method="PUT")
    assert put(driver, KEY, SMALL).verified
    put(driver, KEY, b"replaced")
    assert get(driver, KEY) == b"replaced"
    assert proxy.count("PUT") == 3


@pytest.mark.parametrize("fault", ["status:503", "reset_before", "reset_in_answer", "truncate", "stall", "hang"])
@pytest.mark.parametrize("skip", [0, 1], ids=["whole", "second range"])
def test_a_read_that_breaks_goes_on_where_it_was(
    driver: S3Driver, direct: S3Driver, proxy: FaultProxy, fault: str, skip: int
) -> None:
    data = some_bytes(20 * MIB)
    put(direct, KEY, data)
    proxy.add(fault, method="GET", skip=skip)
    assert get(driver, KEY, 0, len(data) if skip else None) == data
    assert proxy.count("GET", fault) == 1


def test_a_read_that_breaks_every_time_but_moves_comes_to_its_end(
    driver: S3Driver, direct: S3Driver, proxy: FaultProxy
) -> None:
    data = some_bytes(8 * MIB)
    put(direct, KEY, data)
    proxy.add("truncate", method="GET", times=4)
    assert get(driver, KEY) == data


def test_what_its_reader_does_meanwhile_is_no_standstill(driver: S3Driver, direct: S3Driver) -> None:
    data = some_bytes(20 * MIB)
    put(direct, KEY, data)
    with driver.read(KEY) as stream:
        found = stream.read(KIB)
        time.sleep(SHORT.standstill + 0.5)
        assert found + stream.read() == data


def test_bytes_that_drip_do_not_hold_a_read_for_ever(driver: S3Driver, direct: S3Driver, proxy: FaultProxy) -> None:
    put(direct, KEY, SMALL)
    proxy.add("drip", method="GET", times=99, delay=0.05)
    started = time.monotonic()
    with pytest.raises(UnavailableError):
        get(driver, KEY)
    assert time.monotonic() - started < SHORT.standstill + 2 * SHORT.range + 1


def test_bytes_that_drip_from_a_storage_with_plain_ranges_do_not_hold_a_read_either(
    rclone_server: Server,
) -> None:
    bucket = rclone_server.new_bucket()
    put(S3Driver(rclone_server.settings(bucket)), KEY, SMALL)
    proxy = FaultProxy(rclone_server.url)
    try:
        driver = S3Driver(rclone_server.at(proxy.url).settings(bucket), deadlines=SHORT)
        assert get(driver, KEY, 5) == SMALL[5:]
        proxy.add("stall", method="GET")
        assert get(driver, KEY, 5) == SMALL[5:]
        proxy.add("drip", method="GET", times=99, delay=0.5)
        started = time.monotonic()
        with pytest.raises(UnavailableError):
            get(driver, KEY, len(SMALL) - 1000)
        assert time.monotonic() - started < 30
    finally:
        proxy.close()


def test_a_storage_that_ignores_ranges_is_noticed(driver: S3Driver, direct: S3Driver, proxy: FaultProxy) -> None:
    put(direct, KEY, SMALL)
    proxy.add("no_range", method="GET", times=99)
    with pytest.raises(UnsupportedError):
        get(driver, KEY, 50)
    assert get(driver, KEY) == SMALL


def test_an_object_that_changes_while_it_is_read_is_noticed(
    driver: S3Driver, strict_s3_server: Server, bucket: str
) -> None:
    put(driver, KEY, some_bytes(30 * MIB))
    with pytest.raises(IntegrityError), driver.read(KEY, start=0, stop=30 * MIB) as stream:
        stream.read(10)
        strict_s3_server.client().put_object(Bucket=bucket, Key=KEY, Body=some_bytes(30 * MIB, seed=2))
        while stream.read(MIB):
            pass


def test_bytes_that_change_on_their_way_are_noticed(driver: S3Driver, direct: S3Driver, proxy: FaultProxy) -> None:
    storage = stored(driver)
    digest = hashlib.sha256(SMALL).hexdigest()
    proxy.add("flip_request", method="PUT", times=99)
    with pytest.raises(IntegrityError):
        storage.write(KEY, io.BytesIO(SMALL), size=len(SMALL), sha256=digest, content_type="x/y")
    assert keys_in(direct) == []
    proxy.rules.clear()
    storage.write(KEY, io.BytesIO(SMALL), size=len(SMALL), sha256=digest, content_type="x/y")
    proxy.add("flip_answer", method="GET")
    with pytest.raises(IntegrityError):
        storage.verify(KEY, size=len(SMALL), sha256=digest)


@pytest.mark.parametrize("fault", ["status:503", "reset_before", "hang"])
def test_what_is_asked_without_a_body_is_tried_again(driver: S3Driver, proxy: FaultProxy, fault: str) -> None:
    put(driver, KEY, SMALL)
    for method in ("HEAD", "GET", "DELETE"):
        proxy.add(fault, method=method)
    assert driver.stat(KEY).size == len(SMALL)
    assert keys_in(driver) == [KEY]
    driver.delete(KEY)
    assert keys_in(driver) == []


@pytest.mark.parametrize("size", [100 * KIB, 9 * MIB, LARGE_BYTES], ids=["small", "larger", "in parts"])
@pytest.mark.parametrize("place", ["refused", "black hole"])
def test_a_dead_storage_is_told_within_ten_seconds(strict_s3_server: Server, place: str, size: int) -> None:
    """With the real deadlines: a black hole accepts the connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as hole:
        port = hole.getsockname()[1]
        if place == "refused":
            hole.close()
        driver = S3Driver(strict_s3_server.at(f"http://127.0.0.1:{port}").settings("bucket"))
        started = time.monotonic()
        with pytest.raises(UnavailableError) as raised:
            driver.write(KEY, Endless(size), size=size, content_type="x/y")
        assert time.monotonic() - started < 10
        assert raised.value.retryable
        assert raised.value.fix


def test_a_storage_that_dies_between_two_writes_is_told_within_ten_seconds(
    strict_s3_server: Server, proxy: FaultProxy, bucket: str
) -> None:
    driver = S3Driver(strict_s3_server.at(proxy.url).settings(bucket))
    put(driver, "one", SMALL)
    proxy.add("hang", times=99)
    started = time.monotonic()
    with pytest.raises(UnavailableError):
        put(driver, "two", SMALL)
    assert time.monotonic() - started < 10


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
    assert time.monotonic() - started < 10


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
    assert time.monotonic() - started < SHORT.retry + SHORT.answer + 1


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


def test_a_check_whose_answer_is_lost_leaves_no_probe(driver: S3Driver, direct: S3Driver, proxy: FaultProxy) -> None:
    proxy.add("lose_answer", method="PUT", times=100)
    with pytest.raises(UnavailableError):
        driver.check()
    assert keys_in(direct) == []
