"""Links to a place in a file, the same from every page."""

from dataclasses import dataclass
from urllib.parse import urlencode

import streamlit as st

VIEW = "view.py"
_TO_PLAY = "links_to_play"  # the id of a recording that somebody has just asked to hear


@dataclass(frozen=True, slots=True)
class Link:
    """A page with its query: `st.page_link(link.page, query_params=link.query)`, or `href` in Markdown and HTML."""

    page: str
    query: dict[str, str]

    @property
    def href(self) -> str:
        return f"{self.page.removesuffix('.py')}?{urlencode(self.query)}"


def view(file_id: int, *, page: int | None = None, second: int | None = None, beside: int | None = None) -> Link:
    """Return the link that opens a file at a page or a second, if asked with another file beside it."""
    places = {"file": file_id, "page": page, "t": second, "beside": beside}
    return Link(VIEW, {name: str(value) for name, value in places.items() if value is not None})


def listen(file_id: int) -> None:
    """Go to a recording's page and let it play; for the click on a button."""
    st.session_state[_TO_PLAY] = file_id
    link = view(file_id)
    st.switch_page(link.page, query_params=link.query)


def is_to_play(file_id: int) -> bool:
    """Tell whether a click has brought somebody here to listen: once, not again at a reload."""
    return bool(st.session_state.pop(_TO_PLAY, None) == file_id)
