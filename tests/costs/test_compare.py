"""The same use in other classes, in other regions and at other providers."""

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from studybuddy.costs.bill import Row
from studybuddy.costs.classes import CLASSES
from studybuddy.costs.compare import Comparison, compare
from studybuddy.costs.estimate import estimate
from studybuddy.costs.inputs import read_usage
from studybuddy.costs.money import to_cents
from studybuddy.costs.prices import load
from studybuddy.costs.providers import book
from studybuddy.errors import NotFoundError
from tests.costs.test_estimate import usages
from tests.costs.test_golden import worked_out

CASES = json.loads(Path(__file__).with_name("golden").joinpath("elsewhere.json").read_text("utf-8"))
BOOK = load()


def compared(**usage: object) -> Comparison:
    return compare(read_usage(usage), BOOK)


def row(found: Comparison, code: str) -> Row:
    return next(one for rows in (found.classes, found.regions, found.providers) for one in rows if one.code == code)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_a_bill_elsewhere_is_right_to_the_cent_and_beyond(case: dict[str, Any]) -> None:
    made = row(compared(**case["usage"]), case["row"]).estimate
    assert str(to_cents(made.total)) == case["total"]
    assert abs(Fraction(made.total) - worked_out(case["how"])) < Fraction(1, 10**50)
    assert made.at_least is case.get("at_least", False)


def test_each_case_has_a_source() -> None:
    assert all(case["source"] for case in CASES)
    assert len({case["name"] for case in CASES}) == len(CASES)


def test_the_cheapest_comes_first_and_what_is_not_known_last() -> None:
    found = compared(gb=10, get=1000, egress_gb=500)
    for rows in (found.classes, found.regions, found.providers):
        known = [one.estimate.total for one in rows if not one.estimate.at_least]
        assert known == sorted(known)
        assert [one.estimate.at_least for one in rows] == sorted(one.estimate.at_least for one in rows)
    assert {one.code for one in found.classes} == set(CLASSES)
    assert {one.code for one in found.regions} == set(BOOK.regions)
    assert {one.code for one in found.providers} == {"aws", "r2", "b2", "wasabi", "supabase"}


@given(usages())
@settings(max_examples=60, deadline=None)
def test_where_the_use_is_it_costs_what_the_estimate_says(usage: dict[str, object]) -> None:
    read = read_usage(usage)
    found, made = compare(read, BOOK), estimate(read, BOOK.of(read.region))
    assert row(found, "aws").estimate == made
    # Within a region nothing goes to that region.
    assert row(found, read.region).estimate.total == made.total or read.egress_region == read.region
    # The class's own row knows more only where reading costs something and was not given.
    assert row(found, read.classes[0].storage_class.code).estimate.total >= made.total


def test_every_price_of_a_provider_has_a_source_and_a_date() -> None:
    for provider in book().regions.values():
        assert provider.by_name
        assert all(price.source and price.as_of for price in provider.by_name.values())
    for one in compared(gb=5000, put=10**8, get=10**9, egress_gb=100_000).providers:
        for part in one.estimate.components:
            assert part.unit_price in {None, Decimal(0)} or (part.price and part.price.usd == part.unit_price), part


def test_what_to_know_is_said_beside_the_price() -> None:
    found = compared(gb=10, objects=10, get=10, egress_gb=500)
    assert "Wasabi may limit" in " ".join(row(found, "wasabi").remarks)
    assert "three times" in " ".join(row(found, "b2").remarks)
    assert "restored first" in " ".join(row(found, "GLACIER").remarks)
    assert row(compared(gb=1, egress_gb=5), "supabase").remarks
    assert not row(compared(gb=1, egress_gb=6), "supabase").remarks
    unread = "how much is read was not given"
    assert unread in " ".join(row(compared(gb=10, get=10), "STANDARD_IA").remarks)
    assert unread not in " ".join(row(found, "STANDARD_IA").remarks)


def test_a_region_without_prices_is_refused() -> None:
    with pytest.raises(NotFoundError):
        compared(region="mx-central-1")
