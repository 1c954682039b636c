"""Go on listening: the recordings that were begun, on the home page."""

import streamlit as st

from pages import links, shared
from pages.formats import joined, plain, shortened, when
from studybuddy.catalog.listening import Unfinished
from studybuddy.units import clock_text

_SHOWN = 3
_WIDTH = 44


def show() -> None:
    """Show what a person can go on with; nothing when there is nothing."""
    found = shared.wiring().listening.unfinished(limit=_SHOWN)
    if not found:
        return
    st.subheader("Go on listening", anchor=False)
    with st.grid(min_column_width=300):
        for one in found:
            _card(one)


def _card(one: Unfinished) -> None:
    place = one.position
    with st.container(border=True, height="stretch", gap="xxsmall"):
        if st.button(
            f"**{plain(shortened(one.title, width=_WIDTH))}**", icon=":material/play_arrow:", type="tertiary",
            key=f"go-on-{place.file_id}",
        ):  # fmt: skip
            links.listen(place.file_id)
        if place.duration_ms:
            st.progress(min(1.0, place.at_ms / place.duration_ms))
        whole = f" of {clock_text(place.duration_ms)}" if place.duration_ms else ""
        st.caption(joined([f"{clock_text(place.at_ms)}{whole}", plain(one.session), when(place.updated_at)]))
