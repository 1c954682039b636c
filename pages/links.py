"""Links to a place in a file, the same from every page."""

from dataclasses import dataclass
from urllib.parse import urlencode

import streamlit as st

from pages import shared

VIEW = "view.py"
_PLACES = ("file", "page", "t", "beside")  # what its address names
_TYPED = "links_typed"
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
    places = zip(_PLACES, (file_id, page, second, beside), strict=True)
    return Link(VIEW, {name: str(value) for name, value in places if value is not None})


def typed() -> None:
    """Note that words were typed; for the `on_change` of the box whose page calls `follow_click`."""
    st.session_state[_TYPED] = True


def follow_click() -> bool:
    """Go on to what was clicked on while one typed: the browser sends the click, then what was typed, with its page.

    Tells whether something was typed. For pages whose own address names no file and no session.
    """
    shared.leave()
    is_typed = bool(st.session_state.pop(_TYPED, False))
    clicked = {name: st.query_params[name] for name in (*_PLACES, "id") if name in st.query_params}
    if is_typed and clicked:
        st.switch_page(VIEW if "file" in clicked else shared.SESSION, query_params=clicked)
    for name in clicked:  # somebody came back to the address that was of neither page
        del st.query_params[name]
    return is_typed


def listen(file_id: int) -> None:
    """Go to a recording's page and let it play; for the click on a button."""
    st.session_state[_TO_PLAY] = file_id
    link = view(file_id)
    st.switch_page(link.page, query_params=link.query)


def is_to_play(file_id: int) -> bool:
    """Tell whether a click has brought somebody here to listen: once, not again at a reload."""
    return bool(st.session_state.pop(_TO_PLAY, None) == file_id)
