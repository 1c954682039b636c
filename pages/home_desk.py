"""What one does next, and what one should know, on the home page."""

import streamlit as st

from pages import reading_marks, shared
from pages.formats import plain
from studybuddy.catalog import choices, migrations
from studybuddy.units import count_text

_LOOK_AGAIN_S = 3
_MOVES = 3


def search() -> None:
    """Show the box that leads to the search page."""
    query = st.text_input(
        "Search", type="search", key="home-search", placeholder="Any word, in anything", label_visibility="collapsed"
    )
    if query:
        st.switch_page(shared.SEARCH, query_params={"q": query})


def cards() -> None:
    """Show how many cards are due; nothing when none is."""
    due = shared.wiring().cards.count_due()
    if not due:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f":material/cards_stack: **{count_text(due, 'card')} to review**", width="content")
        if st.button("Review", icon=":material/play_arrow:", key="review"):
            st.switch_page(shared.CARDS)


def notices() -> None:
    """Show what is not as it should be, or not yet; nothing when all is well."""
    for tell in (_silent, _waiting, _moves, _imports, _limit, _reading):
        with shared.told():
            tell()


def _silent() -> None:
    """Tell which storages do not answer, as far as that is known without asking them."""
    wiring = shared.wiring()
    for storage_id in sorted(wiring.pauses.waiting()):
        reason = (wiring.pauses.reason(storage_id) or "").rstrip(".")
        with st.container(horizontal=True, vertical_alignment="center"):
            label = plain(wiring.storages().label(storage_id))
            st.markdown(f":material/cloud_off: **{label} does not answer.** {plain(reason)}.", width="content")
            st.page_link(shared.STORAGE, label="Storage", icon=":material/database:")


def _waiting() -> None:
    outbox = shared.wiring().outbox
    waiting = next(iter(outbox.waiting(limit=1).rows), None)
    if waiting is None:
        return
    label = shared.wiring().storages().label(waiting.file.wanted_storage_id or 0)
    st.markdown(
        f":material/schedule: **{count_text(outbox.count(), 'file')} saved on this computer, meant for "
        f"{plain(label)}.** {plain(waiting.reason).rstrip('.')}. They move there by themselves when it answers."
    )


def _moves() -> None:
    """Tell which moves were begun and wait to go on."""
    for move in shared.read(lambda db: migrations.paused(db, limit=_MOVES)):
        left = count_text(move.count("todo", "copying").files, "file is", "files are")
        way = plain(f"{shared.where(move.source_id)} → {shared.where(move.target_id)}")
        by_itself = " It goes on by itself when the storage answers." if move.goes_on else ""
        _waits(f"**A move waits to go on, {left} left:** {way}.{by_itself}", {"id": str(move.id)})


def _imports() -> None:
    """Tell of which buckets not all has come yet."""
    wiring = shared.wiring()
    for storage in wiring.storages().opened.values():
        if storage.kind != "supabase":
            continue
        one = wiring.imports.last(wiring.imports.bucket(storage.name))
        if one is not None and one.state == "paused":
            way = plain(f"{shared.where(storage.id)} → {shared.where(one.target_id)}")
            _waits(f"**An import waits to go on:** {way}.", {})


def _waits(said: str, query: dict[str, str]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/pause_circle: {said}", width="content")
        st.page_link(shared.MIGRATE, label="Migrate", icon=":material/move_up:", query_params=query)


def _limit() -> None:
    """Tell what this month costs, where a limit was set."""
    with shared.wiring().catalog.read() as db:
        limited = choices.get(db, choices.BUDGET)
    status = shared.wiring().budgets.status() if limited else None
    if status is None:
        return
    stay = " New files stay on this computer meanwhile." if status.held else ""
    said = f"**{plain(status.text)}.**{stay}" if status.over else f"{plain(status.text)}."
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/savings: {said}", width="content")
        st.page_link(shared.COSTS, label="Costs", icon=":material/payments:")


def _reading() -> None:
    counts = shared.wiring().processing.status().counts
    unsettled = counts["pending"] + counts["processing"]
    if unsettled or counts["failed"]:
        st.fragment(_read_so_far, run_every=_LOOK_AGAIN_S if unsettled else None)()


def _read_so_far() -> None:
    if said := reading_marks.how_many(shared.wiring().processing.status().counts):
        st.page_link(shared.READING, label=said, icon=":material/auto_stories:")
