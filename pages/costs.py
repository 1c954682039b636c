"""Costs: what the library costs, what a course would, where it costs less, what a move costs."""

import streamlit as st

from pages import costs_example, costs_library, costs_lines, costs_move, costs_what_if, shared
from pages.formats import plain
from studybuddy.costs import prices
from studybuddy.costs.prices import PriceBook
from studybuddy.spending.budget import BudgetStatus
from studybuddy.spending.library import LibraryCost, of_library

_USUAL_REGION = "us-east-1"
_SHOWN = "show"  # in the address
_LIBRARY, _WHAT_IF, _MOVE, _EXAMPLE = "Your library", "What if", "A move", "The 28 cent example"


def _book() -> PriceBook:
    return prices.load(shared.wiring().settings.data_dir / prices.FILE_NAME)


def _region(found: LibraryCost, book: PriceBook) -> str:
    """Return the region where most of the library is, of those whose prices are known."""
    known = [one for one in found.storages if one.region in book.regions]
    return max(known, key=lambda one: one.status.bytes).region if known else _USUAL_REGION


def _head(found: LibraryCost) -> None:
    if found.at_least and not found.total:
        st.markdown("## The price of what you have is not known")
        st.caption("The prices of where it is are not known here. What the same would cost elsewhere stands below.")
        return
    sums = plain(costs_lines.amount(found.total, at_least=found.at_least))
    st.markdown(f"## {sums} a month for what you have")
    dates = costs_lines.dates(one.estimate for one in found.storages if one.estimate)
    st.caption(plain(". ".join(["To keep it, without requests and transfer", dates])))


def _begin() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        said = "Nothing is saved yet. When there are files, this page says what they cost; until then, what they would."
        st.markdown(said, width="content")
        st.page_link(shared.ADD, label="Add the first files", icon=":material/add_circle:")


def _costs() -> None:
    st.set_page_config(layout="wide")
    st.title("Costs", anchor=False)
    book, storages = _book(), shared.wiring().storages()
    budget = shared.wiring().budgets.status()
    free_tier = budget.budget.free_tier if budget else "none"
    found = shared.read(lambda db: of_library(db, storages, book, free_tier=free_tier))
    empty = not any(one.status.files for one in found.storages)
    if empty:
        _begin()
    else:
        _head(found)
    sections = [_WHAT_IF, _LIBRARY, _MOVE, _EXAMPLE] if empty else [_LIBRARY, _WHAT_IF, _MOVE, _EXAMPLE]
    chosen = st.segmented_control(
        "Show", sections, default=sections[0], required=True, key=_SHOWN, bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    with shared.told():
        _section(chosen, found, book, budget)


def _section(chosen: str, found: LibraryCost, book: PriceBook, budget: BudgetStatus | None) -> None:
    if chosen == _LIBRARY:
        costs_library.show(found, book, region=_region(found, book), budget=budget)
    elif chosen == _WHAT_IF:
        costs_what_if.show(book, region=_region(found, book), section=(_SHOWN, _WHAT_IF))
    elif chosen == _MOVE:
        costs_move.show(found, book)
    else:
        costs_example.show(book)


_costs()
