"""Choosing a session among however many there are, or naming a new one, in one box."""

from dataclasses import dataclass

import streamlit as st

from pages import shared
from pages.formats import counts, joined, plain, when
from studybuddy.catalog import lists
from studybuddy.catalog.records import Session

_OFFERED = 100
_ALIKE = 5


@dataclass(frozen=True, slots=True)
class Choice:
    """A session that is there, or the title of one to be made; neither when nothing is chosen yet."""

    session: Session | None = None
    new_title: str = ""


def choose_session(label: str, *, key: str, besides: int | None = None) -> Choice:
    """Let a person choose; `besides` is a session that is not offered. `st.session_state[key]` presets an id."""
    preset = st.session_state.get(key)
    offered = {session.id: session for session in _offered(preset) if session.id != besides}
    shown = labels(offered)
    chosen = st.selectbox(
        label,
        list(offered),
        index=None,
        format_func=lambda session_id: shown.get(session_id, str(session_id)),
        key=key,
        accept_new_options=True,
        placeholder="Choose a session, or type the title of a new one",
    )
    if isinstance(chosen, int) and chosen in offered:
        return Choice(session=offered[chosen])
    title = str(chosen or "").strip()
    if title:
        _offer_alike(title, key, besides)
    return Choice(new_title=title)


def _offered(preset: object) -> list[Session]:
    page = shared.read(lambda db: lists.sessions_page(db, lists.SessionFilter(), limit=_OFFERED))
    sessions = list(page.rows)
    if isinstance(preset, int) and all(session.id != preset for session in sessions):
        sessions.insert(0, shared.library().session(preset))
    return sessions


def labels(sessions: dict[int, Session]) -> dict[int, str]:
    """Return what sessions are called in a box, by their ids."""
    # The browser finds an option by its label, so no two may be the same.
    called: dict[int, str] = {}
    for session in sessions.values():
        label = joined([session.title, session.subject])
        called[session.id] = f"{label} · no. {session.id}" if label in called.values() else label
    return called


def _offer_alike(title: str, key: str, besides: int | None) -> None:
    page = shared.read(lambda db: lists.sessions_page(db, lists.SessionFilter(query=title), limit=_ALIKE))
    alike = [session for session in page.rows if session.id != besides]
    if not alike:
        st.caption(f"A new session, **{plain(title)}**, is made with the first file.")
        return
    st.caption(f"**{plain(title)}** is new. Did you mean one of these?")
    for session in alike:
        about = joined([counts(session.file_count, session.lecture_count), when(session.updated_at)])
        st.button(
            f"{plain(session.title)} · {about}",
            key=f"{key}-alike-{session.id}",
            type="tertiary",
            icon=":material/book_2:",
            on_click=_choose,
            args=(key, session.id),
        )


def _choose(key: str, session_id: int) -> None:
    st.session_state[key] = session_id
