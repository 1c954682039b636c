"""Search: one box over everything; what is asked stands in the address."""

from collections.abc import Callable

import streamlit as st

from pages import filters, links, search_results, shared
from pages.filters import box, day
from pages.formats import KINDS, name, plain
from studybuddy.catalog import Database, found, lists
from studybuddy.catalog.lists import Choices
from studybuddy.catalog.records import Page
from studybuddy.catalog.search_filter import Narrowed
from studybuddy.errors import NotFoundError
from studybuddy.search.searching import Found, Results, find
from studybuddy.units import count_text

_ON_A_PAGE = 15
_BOX = "search-box"
_FILTERS = ("kind", "subject", "tag", "since", "until")
_IN_SESSION, _IN_FILE = "in_session", "in_file"  # where links narrow it to; other pages call theirs `file`


def _asked(choices: Choices) -> tuple[str, Narrowed]:
    query = _query(is_typed=links.follow_click())
    with filters.folded(_FILTERS, key="search-filters"):
        narrowed = _narrowed(choices)
    return query, narrowed


def _query(*, is_typed: bool) -> str:
    # Not bound to the address by Streamlit: it would be empty for whoever comes back from a hit.
    asked = st.query_params.get("q")
    if asked is not None and not is_typed:  # else the address may be older
        st.session_state[_BOX] = asked
    query = st.text_input(
        "Search", type="search", live=True, key=_BOX, persist_state="session", on_change=links.typed,
        placeholder="Any word, in anything", label_visibility="collapsed",
    )  # fmt: skip
    if query:
        st.query_params["q"] = query
    else:
        st.query_params.pop("q", None)
    return query or ""


def _narrowed(choices: Choices) -> Narrowed:
    with st.grid(min_column_width=200):
        return Narrowed(
            kind=box("Kind", "kind", choices.kinds, lambda kind: KINDS[kind][1]),
            subject=box("Subject", "subject", choices.subjects),
            tag=box("Tag", "tag", choices.tags),
            since=day("Added since", "since"),
            until=day("Added until", "until"),
            session_id=_place(_IN_SESSION, shared.library().session),
            file_id=_place(_IN_FILE, shared.library().file),
        )


def _place(key: str, find: Callable[[int], object]) -> int | None:
    """Return what alone is searched; where it is not there any more, the address forgets it."""
    row_id = shared.number_asked(key)
    try:
        if row_id is not None:
            find(row_id)
            return row_id
    except NotFoundError:
        pass
    st.query_params.pop(key, None)
    return None


def _tell_place(narrowed: Narrowed) -> None:
    """Say that only one session or file is searched, with the way out."""
    if narrowed.session_id is None and narrowed.file_id is None:
        return
    where = (
        name(shared.library().file(narrowed.file_id).name)
        if narrowed.file_id is not None
        else plain(shared.library().session(narrowed.session_id or 0).title)
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/filter_alt: Only in **{where}**", width="content")
        st.button("Search everywhere", icon=":material/filter_alt_off:", on_click=_everywhere)


def _everywhere() -> None:
    for key in (_IN_SESSION, _IN_FILE):
        st.query_params.pop(key, None)


def _clear() -> None:
    _everywhere()
    for key in _FILTERS:
        st.session_state[key] = None


def _nothing(results: Results) -> None:
    if not results.understood:
        st.markdown("**There is no word to look for yet.** Type a word, or part of one.")
        return
    hint = "Look at the spelling, or try fewer words or only their beginnings."
    st.markdown(f":material/search_off: **Nothing is found.** {hint}")
    if filters.active(_FILTERS):
        st.button("Search without filters", icon=":material/filter_alt_off:", on_click=_clear, key="search-clear")


def _begin() -> None:
    st.markdown(
        "Finds words in titles, notes and names, in the text of your documents, and in what is said in recordings "
        "that have captions. A hit opens the document at its page, and the recording at its moment."
    )
    st.caption('`"words in quotes"` follow each other · `-word` must not be there · the last word may be half typed')


def _tell_unread(count: int) -> None:
    if count:
        are = count_text(count, "file is", "files are")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f":material/hourglass_top: {are} still being read: what stands in them is found later.")
            st.page_link(shared.READING, label="Reading", icon=":material/chevron_right:")


def _search() -> None:
    st.title("Search", anchor=False)
    query, narrowed = _asked(shared.read(lists.choices))
    _tell_place(narrowed)
    if not query.strip():
        _begin()
        _tell_unread(shared.read(found.unread))
        return
    before = shared.places_before((query, narrowed), key="search")
    kept: list[Results] = []

    def ask(db: Database, after: str | None) -> Page[Found]:
        kept[:] = [find(db, query, narrowed, limit=_ON_A_PAGE, after=after)]
        return Page(kept[0].found, kept[0].next)

    with st.spinner("Searching…"):
        page = shared.part_of(ask, before)
    if not page.rows:
        _nothing(kept[0])
    for number, one in enumerate(page.rows):
        search_results.show(one, query, number)
    _tell_unread(shared.read(found.unread))
    if not kept[0].complete:
        st.caption("This stands in very many places: only the newest were looked at. Add a word to narrow it.")
    shared.turn(page.next, before, key="search")


_search()
