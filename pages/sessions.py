"""Sessions: found by what is typed and by filters, all of which stand in the address."""

from dataclasses import replace

import streamlit as st

from pages import filters, links, shared
from pages.components.session_zip import session_zip
from pages.filters import box, day
from pages.formats import KINDS, badges, counts, joined, name, plain, when
from studybuddy.catalog import lists
from studybuddy.catalog.lists import Choices, SessionFilter, SessionSort
from studybuddy.catalog.records import Session
from studybuddy.units import count_text, size_text

_ON_A_PAGE = 24
_SORTS: dict[SessionSort, str] = {"updated": "Last changed", "created": "Newest", "title": "Title", "size": "Largest"}
_FILTERS = ("subject", "tag", "kind", "where", "since", "until")


def _asked(choices: Choices) -> SessionFilter:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        query = st.text_input(
            "Search", type="search", live=True, key="query", bind="query-params", max_chars=lists.MAX_QUERY,
            on_change=links.typed, placeholder="Title, subject, tag, notes or the name of a file",
        )  # fmt: skip
        sort = st.selectbox(
            "Sort", list(_SORTS), format_func=_SORTS.__getitem__, key="sort", bind="query-params", width=170
        )
    with filters.folded(_FILTERS, key="filters"):
        chosen = _filters(choices)
    return replace(chosen, query=query or "", sort=sort)


def _filters(choices: Choices) -> SessionFilter:
    with st.grid(min_column_width=200):
        return SessionFilter(
            subject=box("Subject", "subject", choices.subjects),
            tag=box("Tag", "tag", choices.tags),
            kind=box("Holds", "kind", choices.kinds, lambda kind: KINDS[kind][1]),
            storage_id=box("Where its files are", "where", choices.storage_ids, shared.where),
            since=day("Changed since", "since"),
            until=day("Changed until", "until"),
        )


def _clear() -> None:
    for key in _FILTERS:
        st.session_state[key] = None
    st.session_state["query"] = ""


def _card(session: Session) -> None:
    with st.container(border=True, height="stretch", gap="xxsmall"):
        shared.link_to(session)
        size = size_text(session.size) if session.file_count else ""
        inside = counts(session.file_count, session.lecture_count)
        st.caption(joined([plain(session.subject), inside, size, when(session.updated_at)]))
        if session.tags:
            st.markdown(badges(session.tags))


def _nothing(wanted: SessionFilter) -> None:
    if wanted == SessionFilter(sort=wanted.sort):
        st.markdown("**No sessions yet.** A session holds the files and recordings of one subject or course.")
        st.page_link(shared.ADD, label="Add the first files", icon=":material/add_circle:")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**No session matches.** Try fewer letters or fewer filters.", width="content")
        st.button("Show all sessions", on_click=_clear, icon=":material/filter_alt_off:")


def _sessions() -> None:
    st.set_page_config(layout="wide")
    links.follow_click()
    st.title("Sessions", anchor=False)
    wanted = _asked(shared.read(lists.choices))
    before = shared.places_before(wanted, key="sessions")
    page = shared.part_of(lambda db, after: lists.sessions_page(db, wanted, limit=_ON_A_PAGE, after=after), before)
    if not page.rows:
        _nothing(wanted)
    with st.grid(min_column_width=320):
        for session in page.rows:
            _card(session)
    shared.turn(page.next, before, key="sessions")
    with st.expander("Bring in a session from a zip", icon=":material/folder_zip:"):
        _bring_in()


def _bring_in() -> None:
    st.caption("From a zip that a session’s page gave by “Export”, here or in another library.")
    taken = session_zip(key="bring-in", max_bytes=shared.wiring().settings.max_upload_bytes)
    if taken is None:
        return
    if taken.failed:
        names = ", ".join(name(one) for one in taken.failed[:5])
        left = f"{count_text(len(taken.failed), 'file')} could not be brought in: {names}."
        shared.say(f":orange[:material/error:] {left}")
    else:
        shared.say("The session is here, as it was.")
    st.switch_page(shared.SESSION, query_params={"id": str(taken.session_id)})


_sessions()
