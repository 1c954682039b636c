"""What a month may cost: how this month stands beside it, and the way to set it."""

from decimal import Decimal

import streamlit as st

from pages import shared
from pages.costs_what_if import TIERS
from pages.formats import plain
from studybuddy.costs.money import usd_text
from studybuddy.costs.usage import FreeTier
from studybuddy.spending.budget import Budget, BudgetStatus

_USUAL_USD, _MOST_USD = 5.0, 100_000.0
_BUDGET_TIERS: tuple[FreeTier, ...] = ("none", "legacy")


def show(status: BudgetStatus | None) -> None:
    """Show how this month stands, and let a person set, change or drop the limit."""
    if status is not None:
        _stands(status)
    label = "Change your limit" if status else "Set a limit for a month"
    with st.expander(label, icon=":material/savings:"):
        _form(status)


def _stands(status: BudgetStatus) -> None:
    limit, spent = status.budget.limit_usd, status.so_far.usd
    said = plain(f"{usd_text(spent)} of your limit of {usd_text(limit)} a month are used")
    st.progress(min(1.0, float(spent / limit)), text=said)
    if status.over:
        st.warning(f"**{plain(status.text)}.**", icon=":material/warning:")
    if status.held:
        st.caption(
            "New files stay on this computer until that is no longer so, or until you choose on the page Storage."
        )


def _form(status: BudgetStatus | None) -> None:
    budget = status.budget if status else None
    with st.form("costs-budget", border=False):
        limit = st.number_input(
            "USD a month", 0.01, _MOST_USD, float(budget.limit_usd) if budget else _USUAL_USD, step=1.0, format="%.2f",
            key="budget-limit", width=240,
        )  # fmt: skip
        local = st.checkbox(
            "Keep new files on this computer while the month would cost more", budget.local if budget else False,
            key="budget-local",
        )  # fmt: skip
        tier = st.selectbox(
            "Free tier of your AWS account", _BUDGET_TIERS, _BUDGET_TIERS.index(budget.free_tier) if budget else 0,
            format_func=TIERS.__getitem__, key="budget-tier", width=400,
        )  # fmt: skip
        with st.container(horizontal=True):
            saved = st.form_submit_button("Save", type="primary")
            dropped = status is not None and st.form_submit_button("No limit any more")
    if saved or dropped:
        _set(None if dropped else Budget(Decimal(f"{limit:.2f}"), local, tier))


def _set(budget: Budget | None) -> None:
    done = f"The limit is {plain(usd_text(budget.limit_usd))} a month." if budget else "There is no limit any more."
    if shared.attempt(lambda: shared.wiring().budgets.set(budget), done=done):
        st.rerun()
