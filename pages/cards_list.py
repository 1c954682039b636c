"""All cards, of every session or of one: changed, deleted, exported."""

import streamlit as st

from pages import card_forms, shared
from pages.formats import joined, line, plain, when
from studybuddy.cards.exports import source_text
from studybuddy.catalog import cards
from studybuddy.catalog.cards import Card
from studybuddy.catalog.records import Session

_ON_A_PAGE = 25
_KEY = "cards"
_EDIT, _DELETE = "Change", "Delete"


def show(session: Session | None) -> None:
    """Show the cards with what can be done with each; nothing when there are none."""
    session_id = session.id if session else None
    before = shared.places_before(session_id, key=_KEY)
    page = shared.part_of(
        lambda db, after: cards.page(db, session_id=session_id, limit=_ON_A_PAGE, after=after), before
    )
    if not page.rows:
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        st.subheader("All cards", anchor=False, width="content")
        _exports(session_id)
    with st.container(border=True):
        for card in page.rows:
            _row(card, of_one=session is not None)
    shared.turn(page.next, before, key=_KEY)


def _exports(session_id: int | None) -> None:
    of_session = "" if session_id is None else f"&session={session_id}"
    anki, table = (shared.address(f"/api/v1/cards/export?format={form}{of_session}") for form in ("apkg", "csv"))
    st.markdown(f":material/download: [For Anki]({anki}) · [as CSV]({table})", width="content")


def _row(card: Card, *, of_one: bool) -> None:
    session = "" if of_one else plain(card.session)
    due = "new" if card.memory.reviewed_at is None else f"next {when(card.memory.due_at)}"
    about = joined([session, plain(source_text(card)), due])
    with shared.row(f"**{line(card.front, width=90)}**", about):
        chosen = shared.more([_EDIT, _DELETE], key=f"card-{card.id}")
    if chosen == _EDIT:
        card_forms.change(card)
    elif chosen == _DELETE:
        _delete(card)


def _delete(card: Card) -> None:
    ours = shared.wiring().cards
    done = f"The card “{line(card.front, width=60)}” is gone."
    shared.attempt(lambda: ours.delete(card.id), done=done, undo=lambda: ours.put_back(card))
    st.rerun()
