"""An import that was begun: how far it is, what could not come, and what can be done with it."""

from collections.abc import Callable

import streamlit as st

from pages import shared
from pages.formats import joined, name, plain, when
from pages.migrate_watch import speed
from studybuddy.catalog.imports import Import, ItemState, Wanted
from studybuddy.importing.imports import Imports
from studybuddy.migration.progress import Progress, Worker
from studybuddy.units import count_text, size_text

_ON_A_PAGE = 10
_LOOK_AGAIN_S = 1
_CURRENT = 4
_TITLES = {
    "running": ":orange[:material/pause_circle:] **Waiting to go on**",
    "paused": ":orange[:material/pause_circle:] **Waiting to go on**",
    "done": ":green[:material/check_circle:] **All is here**",
    "failed": ":red[:material/error:] **Not all could come**",
}
_SIGNS: dict[ItemState, str] = {"failed": ":red[:material/error:]", "skipped": ":gray[:material/skip_next:]"}
_WORDS: dict[ItemState, str] = {"there": "were here already", "failed": "could not come", "skipped": "skipped"}


def show(one: Import, *, busy: bool) -> None:
    """Show how far an import is; while somebody works on it, again and again."""
    st.session_state[_busy_key(one.id)] = busy
    st.fragment(_watch, run_every=_LOOK_AGAIN_S if busy else None)(one.id)


def left_out(wanted: Wanted, state: ItemState, reason: str) -> None:
    """Show one thing that did not come, and why."""
    called = name(wanted.place or wanted.address or wanted.name)
    st.markdown(f"{_SIGNS[state]} **{called}**  \n:small[{plain(reason)}]")


def _busy_key(import_id: int) -> str:
    return f"import-busy-{import_id}"


def _watch(import_id: int) -> None:
    with shared.told():
        imports = shared.wiring().imports
        imports.recover()
        one = imports.get(import_id)
        worker = imports.worker(one)
        if st.session_state[_busy_key(import_id)] != (worker is not None):
            st.rerun()  # to look again and again, or no more
        now = imports.progress(one)
        if worker is None:
            _outcome(one, now)
        else:
            _progress(one, now)
        if worker == "elsewhere":
            st.caption("Another program brings them: it is paused there.")
        _left_out(imports, one)
        _buttons(imports, one, worker)


def _progress(one: Import, now: Progress) -> None:
    if not one.is_listed:
        st.markdown(f":blue[:material/sync:] **Looking what is there…** {count_text(now.whole.files, 'file')} so far")
        return
    st.progress(now.share, joined([f"{now.share:.0%}", *speed(now)]))
    st.markdown(_counts(one, now))
    names = [name(current.name) for current in now.copying[:_CURRENT]]
    more = f"and {len(now.copying) - _CURRENT} more" if len(now.copying) > _CURRENT else ""
    st.caption(f"Bringing {', '.join(names)} {more}" if names else "One moment…")


def _outcome(one: Import, now: Progress) -> None:
    ended = when(one.ended_at) if one.ended_at else ""
    st.markdown(joined([_TITLES[one.state], _counts(one, now) if one.is_listed else "", ended]))
    if one.state == "paused":
        what_came = "What has come stays here; nothing is half done."
        st.markdown(f"{plain(one.reason)} :small[{what_came}]" if one.reason else f":small[It was paused. {what_came}]")


def _counts(one: Import, now: Progress) -> str:
    others = [f"{one.count(state).files:,} {word}" for state, word in _WORDS.items() if one.count(state).files]
    came = f"{now.done.files:,} of {count_text(now.whole.files, 'file')} {plain(shared.within(one.target_id))}"
    return joined([came, size_text(now.done.bytes) if now.done.bytes else "", *others])


def _left_out(imports: Imports, one: Import) -> None:
    """List what did not come, page by page, each with its reason."""
    failed, skipped = one.count("failed").files, one.count("skipped").files
    if not failed + skipped:
        return
    said = [f"{failed:,} could not come" if failed else "", f"{skipped:,} skipped" if skipped else ""]
    before: list[str] = st.session_state.setdefault(f"import-left-out-{one.id}", [])
    after = int(before[-1]) if before else 0
    with st.expander(f"{joined(said)}: why", key=f"import-why-{one.id}"):
        found = imports.items(one.id, states=["failed", "skipped"], limit=_ON_A_PAGE + 1, after=after)
        for item in found[:_ON_A_PAGE]:
            left_out(item.wanted, item.state, item.error)
        following = str(found[_ON_A_PAGE - 1].position) if len(found) > _ON_A_PAGE else None
        shared.turn(following, before, key=f"import-left-out-{one.id}")


def _buttons(imports: Imports, one: Import, worker: Worker | None) -> None:
    """Offer what can be done now."""
    if worker == "here":
        pausing = imports.is_pausing(one.id)
        st.button(
            "Pausing…" if pausing else "Pause", icon=":material/pause:", disabled=pausing, on_click=imports.pause,
            args=(one.id,), key=f"import-pause-{one.id}",
        )  # fmt: skip
    elif worker is None and one.state == "paused":
        _go_on(one.id, "Resume", icon=":material/play_arrow:", begin=lambda: imports.start(one.id))
    elif worker is None and one.state == "failed":
        _go_on(one.id, "Try the failed again", icon=":material/replay:", begin=lambda: _retry(imports, one.id))


def _go_on(import_id: int, label: str, *, icon: str, begin: Callable[[], object]) -> None:
    if st.button(label, icon=icon, type="primary", key=f"import-{label}-{import_id}"):
        begin()
        st.rerun()


def _retry(imports: Imports, import_id: int) -> None:
    imports.retry_failed(import_id)
    imports.start(import_id)
