"""What the library costs where it is."""

import streamlit as st

from pages import costs_lines, shared
from pages.formats import joined, plain
from studybuddy.costs.prices import PriceBook
from studybuddy.library_costs import LibraryCost, StorageCost
from studybuddy.units import count_text, size_text


def show(found: LibraryCost, book: PriceBook) -> None:
    """Show each storage with its bill."""
    for one in found.storages:
        _storage(one)


def _storage(one: StorageCost) -> None:
    status = one.status
    held = f"{count_text(status.files, 'file')}, {size_text(status.bytes)}" if status.files else "no files yet"
    cost = costs_lines.sum_text(one.estimate) if one.estimate else "not known"
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{plain(shared.where(status.row.id))}** · {plain(cost)}")
        st.caption(plain(joined([held, one.note])))
        if one.estimate and one.estimate.components:
            costs_lines.picture(one.estimate)
            with st.expander("Line by line", icon=":material/receipt_long:"):
                costs_lines.table(one.estimate)
