"""Bills that were worked out elsewhere or by hand: each to the cent, with its source and how it comes about."""

import ast
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from studybuddy.costs.estimate import estimate
from studybuddy.costs.inputs import read_usage
from studybuddy.costs.money import to_cents
from studybuddy.costs.prices import load

CASES = json.loads(Path(__file__).with_name("golden").joinpath("bills.json").read_text("utf-8"))
BOOK = load()


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_a_bill_is_right_to_the_cent_and_beyond(case: dict[str, Any]) -> None:
    usage = read_usage(case["usage"])
    made = estimate(usage, BOOK.of(usage.region))
    assert str(to_cents(made.total)) == case["total"]
    assert abs(Fraction(made.total) - worked_out(case["how"])) < Fraction(1, 10**50)
    assert made.at_least is case.get("at_least", False)


def test_there_are_enough_of_them_and_each_has_a_source() -> None:
    assert len(CASES) >= 60
    assert len({case["name"] for case in CASES}) == len(CASES)
    assert all(case["source"] for case in CASES)


def worked_out(text: str) -> Fraction:
    """Work out sums and products exactly, without our own arithmetic."""

    def value(node: ast.expr) -> Fraction:
        if isinstance(node, ast.Constant):
            return Fraction(str(ast.get_source_segment(text, node)))
        assert isinstance(node, ast.BinOp)
        one, other = value(node.left), value(node.right)
        match node.op:
            case ast.Add():
                return one + other
            case ast.Sub():
                return one - other
            case ast.Mult():
                return one * other
        return one / other

    return value(ast.parse(text, mode="eval").body)
