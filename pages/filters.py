"""Boxes by which a list is narrowed; what is chosen stands in the address."""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

import streamlit as st

T = TypeVar("T")


def box(label: str, key: str, options: tuple[T, ...], said: Callable[[T], str] = str) -> T | None:
    """Let a person choose one of some things, or any."""
    # A choice that the library no longer has must not stay in force unseen.
    if st.session_state.get(key) not in (None, *options):
        st.session_state[key] = None
    return st.selectbox(label, options, index=None, format_func=said, key=key, bind="query-params", placeholder="Any")


def day(label: str, key: str) -> date | None:
    """Let a person choose a day, or none."""
    return st.date_input(label, None, key=key, bind="query-params", format="YYYY-MM-DD")
