"""Add: choose or name a session, then drop, choose or record files."""

from contextlib import suppress

import streamlit as st

from pages import shared
from pages.choosing import Choice, choose_session
from pages.components.uploader import uploader
from pages.formats import plain
from studybuddy.adding.folders import Mode
from studybuddy.errors import NotFoundError

_CHOSEN, _FROM_URL, _OF_FOLDERS = "add_session", "add_from_url", "add_of_folders"
_MOST_TOLD = 5
_FOLDERS: dict[Mode, str] = {"session": "a session of its own", "tag": "tags of this session"}


def _preset() -> None:
    """Take the session that the address names, once: what the person chooses then wins."""
    asked = st.query_params.get("session", "")
    if asked.isascii() and asked.isdigit() and st.session_state.get(_FROM_URL) != asked:
        st.session_state[_FROM_URL] = asked
        st.session_state[_CHOSEN] = shared.library().session(int(asked[:15])).id
    made = st.session_state.pop("add_made", None)
    if made is not None:
        st.session_state[_CHOSEN] = made


def _lecture_id(choice: Choice) -> int | None:
    """Return the lecture of the chosen session that the address names."""
    asked = st.query_params.get("lecture", "")
    if choice.session is None or not (asked.isascii() and asked.isdigit()):
        return None
    lecture = shared.library().lecture(int(asked[:15]))
    if lecture.session_id != choice.session.id:
        return None
    st.caption(f"Recording of **{plain(lecture.title)}**")
    return lecture.id


def _uploader(choice: Choice) -> None:
    place = st.container()
    folders = st.segmented_control(
        "A dropped folder becomes", list(_FOLDERS), default="session", required=True, format_func=_FOLDERS.__getitem__
    )
    with place:
        event = uploader(
            key="uploader",
            session_id=choice.session.id if choice.session else None,
            new_session_title=choice.new_title or None,
            lecture_id=_lecture_id(choice),
            max_bytes=shared.wiring().settings.max_upload_bytes,
            folders=folders or "session",
        )
    if event is not None:
        _remember(event.folder_ids)
    with place:
        _tell_folders()
    if event is not None and event.session_id is not None and choice.session is None:
        st.session_state["add_made"] = event.session_id
        st.rerun()


def _remember(folder_ids: tuple[int, ...]) -> None:
    before: list[int] = st.session_state.get(_OF_FOLDERS, [])
    st.session_state[_OF_FOLDERS] = list(dict.fromkeys((*folder_ids, *before)))[:_MOST_TOLD]


def _tell_folders() -> None:
    """Show the way to the sessions that folders became: they are not the one that is chosen."""
    for session_id in st.session_state.get(_OF_FOLDERS, []):
        with suppress(NotFoundError):  # deleted meanwhile
            session = shared.library().session(session_id)
            if session.trashed_at is None:
                shared.link_to(session, label="Open “{}”, made of a folder")


def _add() -> None:
    st.title("Add", anchor=False)
    with shared.told():
        _preset()
    choice = choose_session("Session", key=_CHOSEN)
    if choice.session is not None:
        shared.link_to(choice.session, label="Open “{}”")
    _uploader(choice)
    st.caption(
        "Sending goes on while you look at other pages here. After a lost connection it continues by itself, "
        "and after a reload where it stopped."
    )


_add()
