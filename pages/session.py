"""One session: its title, subject, tags and notes, its lectures and its files."""

from collections.abc import Iterable

import streamlit as st

from pages import session_files, session_lectures, shared
from pages.formats import badges, counts, joined, plain, when, without_pictures
from studybuddy import fields
from studybuddy.catalog import arrivals, lists
from studybuddy.catalog.records import Session
from studybuddy.units import count_text, size_text

_EDITING = "session_editing"


def _in_trash(session: Session) -> None:
    st.title(plain(session.title), anchor=False)
    st.warning("This session is in the trash, with the files that went in with it.", icon=":material/delete:")
    if st.button("Restore it", icon=":material/restore_from_trash:", type="primary"):
        shared.attempt(lambda: shared.library().restore_session(session.id), done="Restored.")
        st.rerun()
    st.page_link(shared.TRASH, label="Trash", icon=":material/delete:")


@st.fragment(run_every=2)
def _tell_coming(session_id: int) -> None:
    """Tell that more is to come, until it has come."""
    if not shared.read(lambda db: arrivals.is_coming(db, session_id)):
        st.rerun()
    st.info("This session is still coming in from its zip. What has come so far is here.", icon=":material/pending:")


def _head(session: Session) -> None:
    st.title(plain(session.title), anchor=False)
    if shared.read(lambda db: arrivals.is_coming(db, session.id)):
        _tell_coming(session.id)
    about = counts(session.file_count, session.lecture_count)
    size = size_text(session.size) if session.file_count else ""
    st.caption(joined([plain(session.subject), about, size, f"changed {when(session.updated_at)}"]))
    if session.tags:
        st.markdown(badges(session.tags))
    if session.description.strip():
        st.markdown(without_pictures(session.description))
    _cards(session)
    with st.container(horizontal=True):
        if st.button("Add here", type="primary", icon=":material/add_circle:"):
            st.switch_page(shared.ADD, query_params={"session": str(session.id)})
        if st.button("Edit", icon=":material/edit:"):
            st.session_state[_EDITING] = session.id
            st.rerun()
        address = shared.address(f"/api/v1/sessions/{session.id}/zip")
        about = "Its files, notes, transcripts and cards in one file, to keep or to bring in elsewhere"
        st.link_button("Export", address, icon=":material/folder_zip:", help=about)
        if st.button("Put in the trash", icon=":material/delete:", type="tertiary"):
            _trash(session)


def _cards(session: Session) -> None:
    """Show the way to the session's cards; nothing when it has none."""
    ours = shared.wiring().cards
    if ours.next_due(session_id=session.id) is None:
        return
    due = ours.count_due(session_id=session.id)
    label = f"{count_text(due, 'card')} to review" if due else "Cards: nothing to review now"
    st.page_link(
        shared.CARDS, label=label, icon=":material/cards_stack:", query_params={"session": str(session.id)}
    )  # fmt: skip


def _trash(session: Session) -> None:
    library = shared.library()
    done = f"“{plain(session.title)}” and what is in it are in the trash for {lists.TRASH_KEPT.days} days."
    undo = lambda: library.restore_session(session.id)  # noqa: E731
    if shared.attempt(lambda: library.trash_session(session.id), done=done, undo=undo):
        st.switch_page(shared.SESSIONS)
    st.rerun()


def _edit(session: Session) -> None:
    choices = shared.read(lists.choices)
    with st.form("edit"):
        title = st.text_input("Title", session.title, max_chars=fields.MAX_TITLE)
        subject = _ask_subject(session.subject, choices.subjects)
        tags = st.multiselect(
            "Tags", sorted({*choices.tags, *session.tags}, key=str.casefold), default=session.tags,
            accept_new_options=True, placeholder="Choose or type some", max_selections=fields.MAX_TAGS,
        )  # fmt: skip
        notes = st.text_area("Notes (Markdown)", session.description, height=260, max_chars=fields.MAX_DESCRIPTION)
        with st.container(horizontal=True):
            saved = st.form_submit_button("Save", type="primary", icon=":material/check:")
            left = st.form_submit_button("Cancel")
    if saved:
        with shared.told():
            shared.library().update_session(
                session.id, title=title, subject=subject or "", description=notes or "", tags=tags
            )
            shared.say("Saved.")
            left = True
    if left:
        del st.session_state[_EDITING]
        st.rerun()


def _ask_subject(now: str, used: Iterable[str]) -> str | None:
    subjects = sorted({*used, now} - {""}, key=str.casefold)
    index = subjects.index(now) if now else None
    return st.selectbox("Subject", subjects, index=index, accept_new_options=True, placeholder="Choose or type one")


def _session() -> None:
    session = shared.asked("id", shared.library().session, page=shared.SESSION, noun="session")
    if session is None:
        return
    if session.trashed_at is not None:
        _in_trash(session)
        return
    if st.session_state.get(_EDITING) == session.id:
        _edit(session)
    else:
        _head(session)
    with shared.told():
        session_lectures.show(session)
    with shared.told():
        session_files.show(session)


_session()
