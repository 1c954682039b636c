"""One file, opened at a page or a second."""

import streamlit as st

from pages import previews, shared
from pages.formats import joined, name, plain
from studybuddy.catalog.records import File
from studybuddy.errors import NotFoundError
from studybuddy.units import size_text


def _asked(parameter: str) -> File | None:
    """Return the file that the address names; None, with a way back shown, when there is none."""
    asked = st.query_params.get(parameter, "")
    try:
        if not (asked.isascii() and asked.isdigit()):
            raise NotFoundError("The address names no file", fix="Open its session and choose it there.")
        return shared.library().file(int(asked[:15]))
    except NotFoundError as error:
        shared.show_error(error)
        st.page_link(shared.SESSIONS, label="All sessions", icon=":material/menu_book:")
        return None


def _head(file: File) -> None:
    st.title(name(file.name), anchor=False)
    session = shared.library().session(file.session_id)
    st.caption(joined([f"in [{plain(session.title)}](session?id={session.id})", size_text(file.size)]))


def _view() -> None:
    file = _asked("file")
    if file is None:
        return
    _head(file)
    if file.trashed_at is not None:
        st.warning("This file is in the trash.", icon=":material/delete:")
        st.page_link(shared.TRASH, label="Trash", icon=":material/delete:")
        return
    previews.show(file)


_view()
