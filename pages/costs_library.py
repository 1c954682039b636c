"""What the library costs: this month, the months to come, storage by storage, and the same elsewhere."""

import streamlit as st

from pages import costs_budget, costs_compare, costs_lines, costs_rows, shared
from pages.formats import joined, plain
from studybuddy.costs.bill import Estimate
from studybuddy.costs.prices import PriceBook
from studybuddy.spending import bills
from studybuddy.spending.budget import BudgetStatus
from studybuddy.spending.library import LibraryCost, StorageCost
from studybuddy.units import count_text, size_text

_WHOLE = "All that you have, in one bucket, read as in the last days. What is read from this computer is not counted."


def show(found: LibraryCost, book: PriceBook, *, region: str, budget: BudgetStatus | None) -> None:
    """Show what is paid and will be. `region`: where the same use is compared with."""
    made = bills.together(found, lambda one: one.at_this_rate)
    known = any(line.cost is not None for line in made.components)
    if known:
        _this_month(found, made)
    costs_budget.show(budget)
    _warnings(found, book)
    if known:
        st.subheader("The months to come, if it goes on like this", anchor=False)
        costs_rows.show(bills.months(found), key="months")
    st.subheader("Storage by storage", anchor=False)
    for one in found.storages:
        _storage(one)
    usage = bills.whole_use(found, region)
    if usage is not None:
        at_aws = any(one.region == region for one in found.storages)
        costs_compare.show(usage, book, key="library", mark="as now" if at_aws else "")
        st.caption(_WHOLE)


def _this_month(found: LibraryCost, made: Estimate) -> None:
    sums = (
        ("This month so far", found.so_far), ("At its end, at this rate", found.at_this_rate),
        (f"{found.months[-1]:%B %Y}", found.ahead[-1]),
    )  # fmt: skip
    with st.container(horizontal=True, gap="medium"):
        for label, one in sums:
            st.metric(label, plain(costs_lines.amount(one.usd, at_least=one.at_least)), width="content")
    costs_lines.picture(made)
    st.caption(
        plain(
            joined(["This month at this rate, as files came and were read in the last days", costs_lines.dates([made])])
        )
    )
    with st.expander("This month, line by line", icon=":material/receipt_long:"):
        st.markdown("**So far**")
        so_far = bills.together(found, lambda one: one.so_far)
        costs_lines.table(so_far)
        st.markdown("**The whole month, at this rate**")
        costs_lines.table(made)
        costs_lines.download([("So far", so_far), ("At this rate", made)], name="costs-month", key="month-csv")


def _warnings(found: LibraryCost, book: PriceBook) -> None:
    for one, warned in bills.warned(found, book):
        costs_lines.warn(warned, of=one.status.row.label)


def _storage(one: StorageCost) -> None:
    status = one.status
    held = f"{count_text(status.files, 'file')}, {size_text(status.bytes)}" if status.files else "no files"
    cost = f"{costs_lines.sum_text(one.estimate)} a month" if one.estimate else "not known"
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{plain(shared.where(status.row.id))}** · {plain(cost)}")
        st.caption(plain(joined([held, one.note])))
        if one.estimate and one.estimate.components:
            with st.expander("To keep it, line by line", icon=":material/receipt_long:"):
                costs_lines.table(one.estimate)
