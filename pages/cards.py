"""Cards: what is due is asked, one after another; below, all of them."""

from datetime import timedelta

import streamlit as st

from pages import card_forms, cards_list, links, shared
from pages.formats import lines, name, plain, when
from studybuddy.cards.exports import source_text
from studybuddy.cards.spacing import RATINGS, Rating
from studybuddy.catalog.cards import Card
from studybuddy.catalog.records import Session
from studybuddy.errors import NotFoundError
from studybuddy.units import count_text

_WORDS: dict[Rating, str] = {"again": "Again", "hard": "Hard", "good": "Good", "easy": "Easy"}
_SHORT = 120  # characters: such a side stands in large letters
_SHOWN = "cards_answer_shown"  # the id of the card whose answer is seen


def _asked() -> Session | None:
    """Return the session whose cards the address asks for; None for all."""
    if "session" not in st.query_params:
        return None
    asked = shared.number_asked("session")
    if asked is None:
        raise NotFoundError("The address names no session", fix="Open Cards in the navigation.")
    return shared.library().session(asked)


def _head(session: Session | None) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title("Cards", anchor=False, width="content")
        if st.button("Make a card", icon=":material/add_circle:"):
            card_forms.make(session_id=session.id if session else None)
    if session is not None:
        st.markdown(f":small[:gray[Those of] [{plain(session.title)}](session?id={session.id}) · [all cards](cards)]")


def _empty() -> None:
    with st.container(border=True):
        st.markdown(
            "**No cards yet.** Write down what you want to know by heart: a question on the front, its answer on the "
            "back. Each card comes again just before you would forget it."
        )
        st.caption(
            "Cards can also be made while you read a document or listen to a recording, from what is said there."
        )


def _review(session: Session | None) -> None:
    ours, session_id = shared.wiring().cards, session.id if session else None
    card = ours.due(session_id=session_id)
    if card is None:
        _nothing_due(ours.next_due(session_id=session_id))
        return
    st.caption(f"{count_text(ours.count_due(session_id=session_id), 'card')} to review now")
    with st.container(border=True):
        _side(card.front)
        if st.session_state.get(_SHOWN) == card.id:
            _answer(card)
        else:
            st.button(
                "Show the answer", type="primary", shortcut="Space", width="stretch", on_click=_show, args=(card.id,)
            )


def _nothing_due(next_due: str | None) -> None:
    if next_due is None:
        _empty()
        return
    st.markdown(f":material/check_circle: **Nothing to review now.** The next card comes {when(next_due)}.")


def _side(text: str) -> None:
    st.markdown(f"#### {lines(text)}" if "\n" not in text and len(text) < _SHORT else lines(text))


def _answer(card: Card) -> None:
    st.divider()
    _side(card.back)
    _source(card)
    waits = shared.wiring().cards.waits(card)
    with st.container(horizontal=True):
        for number, rating in enumerate(RATINGS, start=1):
            st.button(
                f"{_WORDS[rating]} · {_wait_text(waits[rating])}", key=f"rate-{rating}", shortcut=str(number),
                on_click=_rate, args=(card, rating), type="primary" if rating == "good" else "secondary",
                width="stretch",
            )  # fmt: skip


def _source(card: Card) -> None:
    if card.file_id is None:
        return
    second = None if card.at_ms is None else card.at_ms // 1000
    link = links.view(card.file_id, page=card.page, second=second)
    st.page_link(link.page, label=name(source_text(card)), icon=":material/arrow_outward:", query_params=link.query)


def _wait_text(wait: timedelta) -> str:
    minutes = round(wait.total_seconds() / 60)
    if minutes < 60:
        return f"{max(1, minutes)} min"
    if minutes < 24 * 60:
        return f"{round(minutes / 60)} h"
    days = round(minutes / 60 / 24)
    return count_text(days, "day") if days < 60 else count_text(round(days / 30), "month")


def _show(card_id: int) -> None:
    st.session_state[_SHOWN] = card_id


def _rate(card: Card, rating: Rating) -> None:
    ours = shared.wiring().cards
    st.session_state.pop(_SHOWN, None)
    shared.attempt(
        lambda: ours.answer(card.id, rating), done=f"{_WORDS[rating]}.", undo=lambda: ours.take_back(card.id)
    )


def _cards() -> None:
    session = _asked()
    _head(session)
    _review(session)
    cards_list.show(session)


with shared.told():
    _cards()
