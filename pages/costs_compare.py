"""The same use elsewhere: in other storage classes, in all regions, at other providers."""

import streamlit as st

from pages import costs_rows
from studybuddy.costs.compare import compare
from studybuddy.costs.prices import PriceBook
from studybuddy.costs.usage import Usage


def show(usage: Usage, book: PriceBook, *, key: str, mark: str) -> None:
    """Show where the same use would cost less, the cheapest first. `mark`: what to say of where the use is."""
    found = compare(usage, book)
    st.subheader("The same elsewhere", anchor=False)
    titles = (f"Classes, in {usage.region}", "Regions", "Providers")
    lists = (("classes", found.classes), ("regions", found.regions), ("providers", found.providers))
    own = [used.storage_class.code for used in usage.classes]
    marks = dict.fromkeys([*own, usage.region, "aws"], mark)
    for tab, (name, rows) in zip(st.tabs(list(titles)), lists, strict=True):
        with tab:
            costs_rows.show(rows, key=f"{key}-{name}", marks=marks)
