"""What a move costs, at both ends."""

from decimal import Decimal
from pathlib import Path

from studybuddy.costs.bill import Estimate
from studybuddy.costs.move import price_of_move
from studybuddy.costs.prices import load
from studybuddy.costs.usage import Sized
from studybuddy.settings.places import LocalSettings, PlaceSettings, S3Settings
from studybuddy.units import GIB, MIB

BOOK = load()
HERE = LocalSettings(Path("/srv/study"))
VIRGINIA, OHIO = S3Settings("one", "us-east-1"), S3Settings("two", "us-east-2")
R2 = S3Settings("three", "auto", endpoint_url="https://x.r2.cloudflarestorage.com")


def price(source: PlaceSettings, target: PlaceSettings, *files: tuple[int, int]) -> Estimate:
    made = price_of_move([Sized(Decimal(size), Decimal(count)) for size, count in files], source, target, BOOK)
    assert made is not None
    return made


def test_moving_to_s3_counts_what_our_driver_sends() -> None:
    made = price(HERE, VIRGINIA, (64 * MIB, 1000), (100 * MIB, 10))
    # 13 parts of 8 MiB, the first request and the last, for each of the ten.
    quantities = {part.name: part.quantity for part in made.components}
    assert quantities["Target, first month: S3 Standard, PUT, COPY, POST"] == 1
    assert quantities["Target, first month: S3 Standard, multipart"] == Decimal("0.15")
    assert made.total == Decimal("1.15") * Decimal("0.005") + Decimal(65_000) / 1024 * Decimal("0.023")


def test_moving_from_s3_is_transfer_most_of_all() -> None:
    made = price(VIRGINIA, HERE, (GIB, 1100))
    assert made.total == Decimal(1000) * Decimal("0.09") + Decimal("1.1") * Decimal("0.0004")
    assert all(part.name.startswith("Source: ") for part in made.components)


def test_between_regions_the_transfer_is_that_between_regions() -> None:
    made = price(VIRGINIA, OHIO, (GIB, 100))
    assert made.total == 1 + Decimal("0.1") * (Decimal("0.0004") + Decimal("0.005")) + 100 * Decimal("0.023")


def test_within_a_region_there_is_no_transfer_to_pay() -> None:
    other = S3Settings("other", "us-east-1")
    made = price(VIRGINIA, other, (6 * GIB, 10))
    # Twelve parts of 512 MiB each, the first request and the last.
    assert made.total == Decimal("0.14") * Decimal("0.005") + Decimal("0.01") * Decimal("0.0004") + 60 * Decimal(
        "0.023"
    )


def test_to_another_provider_the_way_out_is_the_internet() -> None:
    made = price(VIRGINIA, R2, (GIB, 200))
    assert made.total == 100 * Decimal("0.09") + Decimal("0.2") * Decimal("0.0004")


def test_where_no_price_is_known_there_is_no_estimate() -> None:
    assert price_of_move([Sized(Decimal(1), Decimal(1))], HERE, R2, BOOK) is None
