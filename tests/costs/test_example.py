"""The guide's $0.28, opened."""

from decimal import Decimal

from studybuddy.costs.example import CLAIMS, bill, cost_of, guide_total
from studybuddy.costs.money import to_cents, total
from studybuddy.costs.prices import load

BOOK = load()


def test_the_guide_says_28_cents_and_it_costs_75_dollars_12() -> None:
    assert guide_total() == Decimal("0.28")
    assert to_cents(bill(BOOK).total) == Decimal("75.12")
    assert to_cents(bill(BOOK, binary=True).total) == Decimal("79.21")


def test_each_line_of_the_guide_has_its_cost_and_together_they_are_the_bill() -> None:
    made = bill(BOOK)
    costs = [cost_of(claim, made) for claim in CLAIMS]
    assert [str(to_cents(cost)) for cost in costs] == ["0.21", "0.05", "0.04", "74.82"]
    assert total(costs) == made.total
