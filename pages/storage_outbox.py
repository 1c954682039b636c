"""The outbox: files that are saved on this computer and move when the storage that they are meant for answers."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import streamlit as st

from pages import shared
from pages.formats import KINDS, joined, name, plain, when
from studybuddy.catalog.outbox import Waiting
from studybuddy.catalog.records import File, Page
from studybuddy.errors import ConflictError
from studybuddy.outbox.outbox import Outbox
from studybuddy.units import count_text, duration_text, parse_time, size_text

_ON_A_PAGE = 10
_AT_ONCE = 200
_LOOK_AGAIN_S = 3
_BEFORE = "outbox_before"


def show() -> None:
    """Show what waits; nothing but a line when nothing does."""
    st.subheader("Waiting to move", anchor=False)
    waiting = shared.wiring().outbox.count()
    if not waiting:
        st.caption(
            "No file. When a storage does not answer, what you add is saved on this computer and waits here until it "
            "does; then it moves by itself."
        )
        return
    st.fragment(_waiting, run_every=_LOOK_AGAIN_S)()


def _waiting() -> None:
    outbox = shared.wiring().outbox
    before: list[str] = st.session_state.setdefault(_BEFORE, [])
    page = outbox.waiting(limit=_ON_A_PAGE, after=before[-1] if before else None)
    if not page.rows:
        before.clear()
        st.rerun()
    _head(outbox, page)
    with st.container(border=True):
        for waiting in page.rows:
            _row(outbox, waiting)
    shared.turn(page.next, before, key="outbox")


def _head(outbox: Outbox, page: Page[Waiting]) -> None:
    for reason in dict.fromkeys(waiting.reason for waiting in page.rows if waiting.reason):
        st.markdown(f":orange[:material/schedule:] {plain(reason)}.")
    st.caption("They are safe on this computer, can be opened, and move by themselves when the storage answers.")
    with st.container(horizontal=True):
        if st.button("Move all now", icon=":material/move_up:", type="primary"):
            _do(outbox.hurry, "Moving what waits, as far as its storage answers.")
        with st.popover("Keep all on this computer"):
            count = count_text(outbox.count(), "file")
            st.markdown(f"**{count}** will stay on this computer and not move by themselves.")
            if st.button("Keep them here", icon=":material/computer:"):
                _do(lambda: _keep_all(outbox), "What waited stays on this computer.")


def _row(outbox: Outbox, waiting: Waiting) -> None:
    file = waiting.file
    parts = [
        size_text(file.size), f"meant for {plain(shared.where(file.wanted_storage_id))}",
        f"since {when(file.created_at)}", _tries(waiting),
    ]  # fmt: skip
    with shared.row(f"{KINDS[file.kind][0]} **{name(file.name)}**", joined(parts)):
        if st.button("Move now", key=f"move-{file.id}", type="tertiary"):
            _do(lambda: _move(outbox, file), f"{name(file.name)} is {plain(shared.within(file.wanted_storage_id))}.")
        if st.button("Keep here", key=f"keep-{file.id}", type="tertiary"):
            _do(lambda: outbox.give_up(file.id), f"{name(file.name)} stays on this computer.")


def _tries(waiting: Waiting) -> str:
    tried = f"tried {count_text(waiting.tries, 'time')}" if waiting.tries else ""
    if waiting.next_try_at is None:
        return tried
    seconds = (parse_time(waiting.next_try_at) - datetime.now(UTC)).total_seconds()
    return joined([tried, f"next try in {duration_text(round(1000 * seconds))}" if seconds > 1 else "next try now"])


def _do(action: Callable[[], object], done: str) -> None:
    with st.spinner("One moment…"):
        shared.attempt(action, done=done)
    st.rerun()


def _move(outbox: Outbox, file: File) -> None:
    for failed in outbox.drain([file.id]).failed:
        raise failed.error


def _keep_all(outbox: Outbox) -> None:
    while rows := outbox.waiting(limit=_AT_ONCE).rows:
        for waiting in rows:
            with suppress(ConflictError):  # it has just moved
                outbox.give_up(waiting.file.id)
