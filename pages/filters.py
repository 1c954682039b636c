"""Boxes by which a list is narrowed; what is chosen stands in the address."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TypeVar

import streamlit as st

T = TypeVar("T")


@contextmanager
def folded(keys: Sequence[str], *, key: str) -> Iterator[None]:
    """Fold boxes together, under how many of them are set."""
    told = active(keys)
    with st.expander(f"Filters · {told} set" if told else "Filters", icon=":material/tune:", key=key):
        yield
    if active(keys) != told:
        st.rerun()  # the address named what is not there (any more): no box shows it, and Streamlit has dropped it


def active(keys: Sequence[str]) -> int:
    """Count the boxes in which something is chosen: as the address says of those that are not drawn yet."""
    return sum(st.session_state[key] is not None if key in st.session_state else key in st.query_params for key in keys)


def box(label: str, key: str, options: tuple[T, ...], said: Callable[[T], str] = str) -> T | None:
    """Let a person choose one of some things, or any."""
    # A choice that the library no longer has must not stay in force unseen.
    if st.session_state.get(key) not in (None, *options):
        st.session_state[key] = None
    return st.selectbox(label, options, index=None, format_func=said, key=key, bind="query-params", placeholder="Any")


def day(label: str, key: str) -> date | None:
    """Let a person choose a day, or none."""
    return st.date_input(label, None, key=key, bind="query-params", format="YYYY-MM-DD")
