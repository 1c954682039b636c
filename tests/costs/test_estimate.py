"""What holds for every bill."""

import ast
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studybuddy.costs.bill import Estimate
from studybuddy.costs.classes import CLASSES
from studybuddy.costs.estimate import estimate
from studybuddy.costs.inputs import INPUTS, OF_ACCOUNT, OF_CLASS, read_usage
from studybuddy.costs.prices import load
from studybuddy.errors import InvalidInputError
from tests.test_layers import SOURCES

BOOK = load()
# More of these can cost less, and should: objects become small, allowances grow, days go by.
FALLING = {"objects", "early_delete_days", "free_egress_gb", "free_kms_requests", "credits_usd", "days_in_month"}
AMOUNTS = st.integers(0, 10**7).map(lambda thousandths: str(Decimal(thousandths) / 1000))


def bill(usage: dict[str, object]) -> Estimate:
    read = read_usage(usage)
    return estimate(read, BOOK.of(read.region))


@st.composite
def usages(draw: st.DrawFn) -> dict[str, object]:
    code = draw(st.sampled_from(list(CLASSES)))
    names = [one.name for one in (*OF_ACCOUNT, *OF_CLASS) if one.form == "amount" and (code in (one.only or CLASSES))]
    chosen = draw(st.lists(st.sampled_from([name for name in names if name != "days_in_month"]), unique=True))
    if "object_bytes" in chosen:
        chosen = [name for name in chosen if name not in {"gb", "bytes", "byte_hours", "objects"}] + ["objects"]
    return {
        "class": code,
        "region": draw(st.sampled_from(["us-east-1", "eu-west-1", "me-central-1"])),
        "free_tier": draw(st.sampled_from(["none", "legacy", "credits"])),
        **{name: draw(AMOUNTS) for name in chosen},
    }


@given(usages(), st.data())
@settings(max_examples=80, deadline=None)
def test_more_never_costs_less(usage: dict[str, object], data: st.DataObject) -> None:
    rising = [name for name in usage if name not in FALLING and INPUTS[name].form == "amount"]
    if not rising:
        return
    if usage["class"] == "INTELLIGENT_TIERING":
        usage["monitored_objects"] = usage.get("monitored_objects", 0)
    name = data.draw(st.sampled_from(rising))
    more = Decimal(str(usage[name])) + Decimal(data.draw(AMOUNTS))
    assert bill({**usage, name: more}).total >= bill(usage).total


@given(usages())
@settings(max_examples=50, deadline=None)
def test_the_total_is_the_sum_of_the_components_and_no_cost_is_below_zero(usage: dict[str, object]) -> None:
    made = bill(usage)
    costs = [part.cost for part in made.components if part.cost is not None]
    assert all(cost >= 0 for cost in costs)
    # Sums and products are exact; what is divided by days is rounded far behind anything that is shown.
    assert abs(Fraction(made.total) - sum(map(Fraction, costs), start=Fraction(0))) < Fraction(1, 10**100)
    assert all(type(part.quantity) is Decimal and part.quantity > 0 for part in made.components)
    assert made.at_least == any(part.unit_price is None for part in made.components)


@given(st.integers(0, 10**9), st.lists(st.integers(1, 15), min_size=1, max_size=2))
@settings(deadline=None)
def test_the_days_of_a_month_make_the_month(gb: int, days: list[int]) -> None:
    segments = ",".join(f"{gb}:{some}" for some in [*days, 31 - sum(days)])
    assert bill({"gb_days": segments, "month": "2026-03"}).total == bill({"gb": gb}).total


@given(st.integers(0, 10**6), st.integers(0, 10**6))
@settings(deadline=None)
def test_within_a_tier_two_uses_cost_what_they_cost_alone(one: int, other: int) -> None:
    alone = [bill({"class": "GLACIER", "gb": gb, "put": gb, "objects": gb}).total for gb in (one, other)]
    both = one + other
    assert bill({"class": "GLACIER", "gb": both, "put": both, "objects": both}).total == sum(alone)


def test_a_price_that_is_not_known_is_no_zero() -> None:
    made = bill({"region": "eu-west-1", "class": "EXPRESS_ONEZONE", "gb": 10, "put": 1000})
    assert [part.cost for part in made.components] == [None, None]
    assert made.at_least
    assert made.components[0].note == "The price is not known"


def test_credits_are_taken_from_what_is_to_pay_not_from_the_bill() -> None:
    made = bill({"free_tier": "credits", "gb": 10_000, "credits_usd": 100})
    assert (made.total, made.to_pay) == (Decimal(230), Decimal(130))
    assert bill({"free_tier": "credits", "gb": 1000}).to_pay == 0
    assert bill({"free_tier": "none", "gb": 10_000, "credits_usd": 100}).to_pay == Decimal(230)


def test_every_component_says_where_its_price_is_from() -> None:
    made = bill({"gb": 60_000, "put": 1, "get": 1, "egress_gb": 20_000, "kms_requests": 30_000})
    for part in made.components:
        if part.unit_price:
            assert part.price and part.price.source and part.price.as_of and part.price.usd == part.unit_price


@pytest.mark.parametrize(
    ("usage", "says"),
    [
        ({"gb": "-1"}, "gb is '-1'"),
        ({"gb": "1e9"}, "gb is '1e9'"),
        ({"gb": True}, "gb is 'True'"),
        ({"gb": 1.5}, "gb is '1.5'"),
        ({"goats": "1"}, "There is no 'goats'"),
        ({"class": "FAST"}, "class is 'FAST'"),
        ({"month": "2026-13"}, "month is '2026-13'"),
        ({"days_in_month": 32}, "days_in_month is 32"),
        ({"gb_days": "100"}, "gb_days is '100'"),
        ({"class": "STANDARD", "restore_bulk_gb": 1}, "restore_bulk_gb says nothing of STANDARD"),
        ({"object_bytes": 1000}, "without objects"),
        ({"classes": {"gb": 1}}, "classes must be a list"),
        ({"classes": [{"egress_gb": 1}]}, "egress_gb does not belong here"),
    ],
)
def test_what_cannot_be_priced_is_refused_by_its_name(usage: dict[str, object], says: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_usage(usage)
    assert says in str(caught.value)
    if "must be a list" not in says:
        assert caught.value.fix


def test_a_class_may_be_written_as_people_do() -> None:
    assert read_usage({"class": "standard-ia"}).classes[0].storage_class is CLASSES["STANDARD_IA"]


def test_a_month_tells_its_days() -> None:
    days = [read_usage({"month": month}).days_in_month for month in ("2026-02", "2028-02", "2026-04", "2026-03")]
    assert days == [28, 29, 30, 31]


def test_there_is_no_float_near_money() -> None:
    for module, path in SOURCES.items():
        if not module.startswith("studybuddy.costs") and module != "studybuddy.spending.library":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), f"{path}:{node.lineno}"
            assert not (isinstance(node, ast.Name) and node.id == "float"), f"{path}:{node.lineno}"
            # Of two integers it makes a float; quantities are divided by `money.divided`.
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
                assert "url" in ast.unparse(node) or "Path" in ast.unparse(node), f"{path}:{node.lineno}"


def test_every_input_changes_the_bill_or_what_is_to_pay() -> None:
    base: dict[str, object] = {
        "gb": 10, "gb_days": "10:10", "object_sizes": "1000:1000", "objects": 100_000, "object_bytes": 10,
        "byte_hours": 10**15, "early_delete_days": 1, "egress_gb": 200, "egress_region_gb": 10, "free_tier": "credits",
        "kms_requests": 50_000, "early_delete_gb": 10,
    }  # fmt: skip
    for one in INPUTS.values():
        if one.form == "text" or one.name in {"delete", "ingress_gb", "egress_cloudfront_gb", "egress_same_region_gb"}:
            continue
        code = one.only[-1] if one.only else "STANDARD_IA"
        usage = {name: value for name, value in base.items() if code in (INPUTS[name].only or CLASSES)} | {
            "class": code
        }
        for other in {"object_sizes", "object_bytes"} - {one.name}:
            usage.pop(other)
        more = "28" if one.name == "days_in_month" else "7:7" if one.form == "pairs" else "50000000"
        assert bill({**usage, one.name: more}) != bill(usage), one.name


def test_usage_is_a_value() -> None:
    one = read_usage({"gb": 1})
    assert replace(one) == read_usage({"gb": "1"})
