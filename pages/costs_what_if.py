"""What a course would cost: some numbers that people know, and the bill that follows from them."""

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from pages import costs_compare, costs_lines, shared
from pages.formats import plain
from studybuddy.costs.bill import Estimate
from studybuddy.costs.classes import CLASSES
from studybuddy.costs.estimate import estimate
from studybuddy.costs.money import usd_text
from studybuddy.costs.prices import PriceBook
from studybuddy.costs.usage import FreeTier, Usage
from studybuddy.costs.warnings import warnings
from studybuddy.costs.what_if import QUESTIONS, Course, Question, use_of

_FIRST = ("students", "hours_a_week", "weeks", "mb_an_hour", "listened")
_COLUMN = 260
_REGION, _CLASS, _TIER = "region", "class", "free_tier"
TIERS: dict[FreeTier, str] = {
    "none": "None", "legacy": "Account opened before 15 July 2025, first year", "credits": "Credits of a new account",
}  # fmt: skip


def show(book: PriceBook, *, region: str, section: tuple[str, str]) -> None:
    """Ask, and show the bill. Every answer stands in the address; `section` is what else it needs."""
    st.markdown("Say what you know of a course. The bill is that of its last month, when all of it is there.")
    answers, usage = _ask(book, region)
    prices = book.of(usage.region)
    made = estimate(usage, prices)
    _bill(usage, made)
    _share({section[0]: section[1], **answers})
    for one in warnings(usage, made, prices):
        costs_lines.warn(one)
    costs_compare.show(usage, book, key="what-if", mark="as above")


def _ask(book: PriceBook, region: str) -> tuple[dict[str, str], Usage]:
    """Return the answers as the address has them, and the use that follows."""
    regions = {code: f"{prices.title} · {code}" for code, prices in book.regions.items()}
    with st.container(border=True):
        with st.grid(min_column_width=_COLUMN):
            found = {one.name: _number(one) for one in QUESTIONS if one.name in _FIRST}
            where = _choice("Region", regions, key=_REGION, first=region)
            kind = _choice("Storage class", {one.code: one.title for one in CLASSES.values()}, key=_CLASS)
            tier = _choice("Free tier", TIERS, key=_TIER)
        with st.expander("Documents, length of a recording", icon=":material/tune:"), st.grid(min_column_width=_COLUMN):
            found |= {one.name: _number(one) for one in QUESTIONS if one.name not in _FIRST}
    course = Course(**{name: Decimal(str(value)) for name, value in found.items()})
    chosen = {_REGION: regions[where], _CLASS: CLASSES[kind].title, _TIER: TIERS[tier]}
    answers = {name: str(value) for name, value in found.items()} | chosen
    return answers, use_of(course, region=where, storage_class=kind, free_tier=tier)


def _number(one: Question) -> Any:
    kind = int if one.step == one.step.to_integral_value() else float
    least, most, usual, step = (kind(value) for value in (one.least, one.most, one.usual, one.step))
    form = f"%{'d' if kind is int else '.1f'} {one.unit}"
    return st.slider(one.says, least, most, usual, step, format=form, key=one.name, bind="query-params")


def _choice(label: str, options: dict[Any, str], *, key: str, first: str = "") -> Any:
    codes = list(options)
    index = codes.index(first) if first in codes else 0
    return st.selectbox(label, codes, index=index, format_func=options.__getitem__, key=key, bind="query-params")


def _bill(usage: Usage, made: Estimate) -> None:
    st.subheader(plain(f"{costs_lines.sum_text(made)} a month"), anchor=False)
    if usage.free_tier == "credits":
        left, paid = usd_text(made.credits_usd), usd_text(made.to_pay)
        st.caption(plain(f"{paid} to pay as long as credits of {left} last."))
    costs_lines.picture(made)
    st.caption(costs_lines.dates([made]))
    with st.expander("Line by line", icon=":material/receipt_long:"):
        costs_lines.table(made)
        costs_lines.download([("What if", made)], name="costs-what-if", key="what-if-csv")


def _share(answers: dict[str, str]) -> None:
    with st.expander("A link to this what-if", icon=":material/link:"):
        st.code(f"{shared.address('/costs')}?{urlencode(answers)}", language=None, wrap_lines=True)
