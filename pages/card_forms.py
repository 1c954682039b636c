"""The dialogs in which cards are made and changed, from any page."""

import streamlit as st

from pages import shared
from pages.choosing import labels
from pages.formats import plain
from studybuddy import fields
from studybuddy.catalog import lists
from studybuddy.catalog.cards import Card

_RECENT = 50


@st.dialog("Make a card")
def make(
    *,
    session_id: int | None = None,
    file_id: int | None = None,
    page: int | None = None,
    at_ms: int | None = None,
    back: str = "",
) -> None:
    """Ask for a card's sides; its session as well, unless one or a file is given. `back` is what was selected."""
    if session_id is None and file_id is None:
        session_id = _session()
    with st.form("make-card", border=False):
        front = st.text_area("Front", placeholder="What is asked", height=90, max_chars=fields.MAX_CARD_SIDE)
        answer = st.text_area(
            "Back", back, placeholder="What is to be known", height=140, max_chars=fields.MAX_CARD_SIDE
        )  # fmt: skip
        st.caption(f"A formula stands between dollar signs: {plain('$E = mc^2$')}")
        asked = st.form_submit_button("Make the card", type="primary")
    if asked:
        with shared.told():
            shared.wiring().cards.add(front, answer, session_id=session_id, file_id=file_id, page=page, at_ms=at_ms)
            shared.say("The card is made. It waits on the page [Cards](cards).")
            st.rerun()


@st.dialog("Change the card")
def change(card: Card) -> None:
    """Ask for a card's new sides."""
    with st.form("change-card", border=False):
        front = st.text_area("Front", card.front, height=90, max_chars=fields.MAX_CARD_SIDE)
        back = st.text_area("Back", card.back, height=140, max_chars=fields.MAX_CARD_SIDE)
        asked = st.form_submit_button("Save", type="primary")
    if asked:
        with shared.told():
            shared.wiring().cards.change(card.id, front=front, back=back)
            shared.say("Saved.")
            st.rerun()


def _session() -> int | None:
    sessions = shared.read(lambda db: lists.recent_sessions(db, limit=_RECENT))
    if not sessions:
        st.caption("A card belongs to a session, and there is none yet: add something first.")
        return None
    shown = labels({session.id: session for session in sessions})
    return st.selectbox("Session", list(shown), format_func=lambda session_id: shown[session_id])
