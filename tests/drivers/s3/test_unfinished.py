"""Large objects on S3 that are gone on with: what is there is not sent again, and nothing else is taken for it."""

import io

import pytest

from studybuddy.drivers.s3.driver import S3Driver
from studybuddy.units import MIB
from tests.contracts.base import KEY, LARGE, get
from tests.contracts.sources import Endless
from tests.contracts.unfinished import break_off, rest_for, unfinished_in, whole
from tests.servers.place import Server


@pytest.fixture
def bucket(strict_s3_server: Server) -> str:
    return strict_s3_server.new_bucket()


@pytest.fixture(params=[False, True], ids=["md5", "checksums"])
def driver(request: pytest.FixtureRequest, strict_s3_server: Server, bucket: str) -> S3Driver:
    return S3Driver(strict_s3_server.settings(bucket), checksums=request.param)


def parts_sent(driver: S3Driver) -> int:
    """Return how many parts were sent since the last time."""
    return sum(one.amount for one in driver.counter.take() if one.what == "part")


def test_no_part_that_is_there_is_sent_again(driver: S3Driver) -> None:
    break_off(driver)
    sent = parts_sent(driver)
    again = unfinished_in(driver)
    assert again.held == sent * 8 * MIB
    assert again.write(rest_for(again)).verified
    assert parts_sent(driver) == 9 - sent
    assert get(driver, KEY) == whole()


def test_a_part_that_holds_other_bytes_is_sent_again(driver: S3Driver) -> None:
    break_off(driver)
    sent = parts_sent(driver)
    content = bytearray(whole())
    content[9 * MIB] ^= 1
    assert unfinished_in(driver).write(io.BytesIO(content)).verified
    assert parts_sent(driver) == 9 - sent + 1
    assert get(driver, KEY) == content


def test_what_the_bucket_has_dropped_is_sent_again(driver: S3Driver) -> None:
    break_off(driver)
    driver.drop_unfinished(KEY)
    parts_sent(driver)
    again = unfinished_in(driver)
    assert again.held == 0
    assert again.write(Endless(LARGE)).verified
    assert parts_sent(driver) == 9


def test_of_two_that_were_begun_the_furthest_is_gone_on_with(
    driver: S3Driver, strict_s3_server: Server, bucket: str
) -> None:
    break_off(driver)
    strict_s3_server.client().create_multipart_upload(Bucket=bucket, Key=KEY)
    assert len(strict_s3_server.unfinished(bucket)) == 2
    again = unfinished_in(driver)
    assert again.held
    again.write(rest_for(again))
    assert strict_s3_server.unfinished(bucket) == []
