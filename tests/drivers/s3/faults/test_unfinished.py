"""Large objects on S3 that are gone on with on a bad network, or with keys that may not look for them."""

import pytest

from studybuddy.drivers.s3.driver import S3Driver
from studybuddy.errors import PermissionDeniedError
from tests.contracts.base import KEY, LARGE, get
from tests.contracts.sources import Endless
from tests.contracts.unfinished import break_off, rest_for, unfinished_in, whole
from tests.servers.fault_proxy import FaultProxy


def test_keys_that_may_not_look_for_parts_begin_anew(
    driver: S3Driver, proxy: FaultProxy, caplog: pytest.LogCaptureFixture
) -> None:
    break_off(driver)
    proxy.add("status:403", method="GET", path="uploads", times=99)
    again = unfinished_in(driver)
    assert again.held == 0
    assert "s3:" not in caplog.text  # the warning is for a person
    assert f"what was sent of {KEY} is sent again" in caplog.text
    again.write(Endless(LARGE))
    assert get(driver, KEY) == whole()


def test_what_was_sent_before_the_storage_failed_is_not_sent_again(driver: S3Driver, proxy: FaultProxy) -> None:
    proxy.add("status:403:ExpiredToken", method="PUT", path="partNumber", skip=5, times=10**6)
    with pytest.raises(PermissionDeniedError):
        unfinished_in(driver, is_new=True).write(Endless(LARGE))
    proxy.rules.clear()
    proxy.log.clear()
    again = unfinished_in(driver)
    assert again.held
    again.write(rest_for(again))
    assert sum(method == "PUT" for method, _, _ in proxy.log) <= 9 - 5
    assert get(driver, KEY) == whole()


def test_an_answer_that_is_lost_when_the_parts_are_joined_is_no_loss(driver: S3Driver, proxy: FaultProxy) -> None:
    break_off(driver)
    again = unfinished_in(driver)
    proxy.add("lose_answer", method="POST", path="uploadId")
    assert again.write(rest_for(again)).verified
    assert get(driver, KEY) == whole()
