"""Noticing what another tab, or another program, has changed meanwhile."""

from collections.abc import Callable

import streamlit as st

from pages import shared

_EVERY_S = 3


def notice(look: Callable[[], object]) -> None:
    """Draw the page anew when `look` finds something else than now; it looks again and again, and must be quick."""
    st.fragment(_look_again, run_every=_EVERY_S)(look, look())


def _look_again(look: Callable[[], object], seen: object) -> None:
    with shared.told():
        if look() != seen:
            st.rerun()
