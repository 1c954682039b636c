"""What is told of a bill, and what is not."""

import pytest

from studybuddy.costs.estimate import estimate
from studybuddy.costs.inputs import read_usage
from studybuddy.costs.prices import load
from studybuddy.costs.warnings import Warned, warnings

BOOK = load()
SMALL_FILES = {"class": "STANDARD_IA", "object_sizes": "1024:10000000"}


def told(**usage: object) -> dict[str, Warned]:
    read = read_usage(usage)
    prices = BOOK.of(read.region)
    return {one.code: one for one in warnings(read, estimate(read, prices), prices)}


@pytest.mark.parametrize(
    ("code", "usage", "says"),
    [
        ("transfer", {"gb": 10, "egress_gb": 931}, "$74.79 a month, more than keeping it: $0.23"),
        ("small-files", SMALL_FILES, "$15.14 a month are for files smaller than 128 KB"),
        ("overhead", {"class": "GLACIER", "object_sizes": "10240:1000000"}, "the 40 KB that an archive adds"),
        ("early-delete", {"class": "GLACIER", "early_delete_gb": 100, "early_delete_days": 30}, "before its 90 days"),
        ("unfinished", {"gb": 100, "unfinished_gb": "12.345"}, "$0.28 a month are for 12.35 GB of parts"),
        ("unfinished", {"class": "STANDARD_IA", "unfinished_gb": 10}, "$0.13 a month are for 10 GB of parts"),
        ("versions", {"gb": 100, "noncurrent_gb": 20}, "$0.46 a month are for older versions"),
        ("requests", {"gb": 10, "list": 1_000_000}, "Requests cost $5.00 a month"),
        ("class", SMALL_FILES, "S3 Standard would cost"),
        ("kms", {"kms_requests": 1_020_000}, "$3.00 a month are for requests to KMS"),
        ("unknown", {"class": "EXPRESS_ONEZONE", "region": "eu-west-1", "gb": 1}, "no price for S3 Express One Zone"),
    ],
)
def test_a_surprise_is_told_with_what_to_do(code: str, usage: dict[str, object], says: str) -> None:
    found = told(**usage)[code]
    assert says in found.text
    assert found.fix.endswith(".")


@pytest.mark.parametrize(
    "usage",
    [
        {"gb": 100, "put": 1000, "get": 10_000, "egress_gb": 100},
        {"gb": 100, "unfinished_gb": 1, "noncurrent_gb": 1},
        {"class": "STANDARD_IA", "gb": 100, "objects": 1000},
        {"class": "GLACIER", "gb": 100, "objects": 1000},
        {"gb": 10, "egress_gb": 101, "list": 20_000},
        {},
    ],
)
def test_what_is_as_it_should_be_is_not_warned_of(usage: dict[str, object]) -> None:
    assert told(**usage) == {}


def test_the_dearest_comes_first() -> None:
    found = told(gb=10, egress_gb=931, list=1_000_000, unfinished_gb=100)
    assert list(found) == ["transfer", "requests", "unfinished"]
