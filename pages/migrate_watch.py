"""A migration that was begun: how far it is, and what can be done with it."""

from collections.abc import Sequence

import streamlit as st

from pages import migrate_end, shared
from pages.formats import joined, plain
from pages.migrate_plan import counted, reasons
from studybuddy.catalog.migrations import ItemState, Migration
from studybuddy.migration.progress import Progress
from studybuddy.units import count_text, duration_text, size_text

_LOOK_AGAIN_S = 1
_CURRENT = 4
_WAS_BUSY = "migrate_busy"
_TITLES = {
    "planned": "Beginning…", "running": "Moving", "paused": "Waiting to go on", "done": "Moved",
    "failed": "Not all could move", "undone": "Taken back", "cleaned": "Cleaned up",
}  # fmt: skip

_WORDS: dict[ItemState, str] = {
    "skipped": "left alone", "failed": "failed", "undone": "taken back", "cleaned": "cleaned up",
}  # fmt: skip


def show(migration: Migration) -> None:
    """Show how far it is; while somebody works on it, again and again."""
    busy = shared.wiring().migrations.worker(migration) is not None
    st.fragment(_watch, run_every=_LOOK_AGAIN_S if busy or migration.goes_on else None)(migration.id)


def _watch(migration_id: int) -> None:
    with shared.told():
        _shown(migration_id)


def _shown(migration_id: int) -> None:
    migrations = shared.wiring().migrations
    migrations.recover()
    migration = migrations.get(migration_id)
    worker = migrations.worker(migration)
    was_busy, st.session_state[_WAS_BUSY] = st.session_state.get(_WAS_BUSY), worker is not None
    if was_busy is not None and was_busy != (worker is not None):
        st.rerun()  # to look again and again, or no more
    _progress(migration, migrations.progress(migration), busy=worker is not None)
    if worker == "elsewhere":
        _elsewhere(migration)
    _reason(migration, busy=worker is not None)
    _failures(migration)
    _buttons(migration, busy=worker is not None)
    if worker is None:
        migrate_end.show(migration)


def _progress(migration: Migration, now: Progress, *, busy: bool) -> None:
    title = "At work" if busy and migration.state not in {"planned", "running"} else _TITLES[migration.state]
    st.subheader(title, anchor=False)
    if migration.state in {"planned", "running", "paused", "failed"}:
        percent = int(100 * now.share)  # not rounded up: 100% is when all is done
        st.progress(now.share, joined([f"{percent}%", *speed(now)]))
    st.markdown(joined(_counts(migration, now)))
    if now.copying:
        names = [f"{plain(one.name)} ({one.done / one.size if one.size else 1:.0%})" for one in now.copying[:_CURRENT]]
        st.caption(f"Copying {_few(names, len(now.copying))}")


def _elsewhere(migration: Migration) -> None:
    """Say what another program, or the cluster that it leads, has begun to copy."""
    begun = shared.wiring().migrations.items(migration.id, states=["copying"], limit=_CURRENT)
    names = [plain(item.name) or "a deleted file" for item in begun]
    doing = f"copies {_few(names, migration.count('copying').files)}" if names else "works on it"
    st.caption(f"Another program {doing}. Its speed is told there.")


def _few(names: Sequence[str], count: int) -> str:
    more = f" and {count - len(names):,} more" if count > len(names) else ""
    return f"{', '.join(names)}{more}"


def speed(now: Progress) -> list[str]:
    """Say how fast it goes, and how long it still takes."""
    rate = f"{size_text(now.bytes_per_second)}/s" if now.bytes_per_second else ""
    left = now.seconds_left
    return [rate, "" if left is None else f"{duration_text(max(1000, round(left * 1000)))} left"]


def _counts(migration: Migration, now: Progress) -> list[str]:
    settled = f"**{now.done.files:,} of {count_text(now.whole.files, 'file')}**"
    size = f"{size_text(now.done.bytes)} of {size_text(now.whole.bytes)}"
    return [settled, size, *_others(migration)]


def _others(migration: Migration) -> list[str]:
    counted = [(migration.count(state).files, word) for state, word in _WORDS.items()]
    return [f"{files:,} {word}" for files, word in counted if files]


def _reason(migration: Migration, *, busy: bool) -> None:
    if migration.reason and not busy:
        st.warning(plain(migration.reason), icon=":material/pause_circle:")
        if migration.goes_on:
            st.caption("It goes on by itself when the storage answers, as long as the app runs.")
    elif migration.state == "paused" and not busy:
        st.caption("It was paused. What has moved stays moved, and every file opens.")
    if migration.state == "paused" and not busy:
        _half_moved(migration)


def _half_moved(migration: Migration) -> None:
    """Say which large files go on where they were."""
    half_moved = shared.wiring().migrations.half_moved(migration)
    if half_moved:
        names = _few([plain(item.name) for item in half_moved[:_CURRENT]], len(half_moved))
        st.caption(f"What has come of {names} is kept for a week: it goes on from there.")


def _failures(migration: Migration) -> None:
    if migration.count("skipped").files:
        st.caption("Left alone: what was moved elsewhere or deleted meanwhile. The report names each.")
    failed = migration.count("failed")
    if failed.files:
        with st.expander(f"{counted(failed)} could not move: why", icon=":material/error:"):
            reasons(migration.id)


def _buttons(migration: Migration, *, busy: bool) -> None:
    migrations, number = shared.wiring().migrations, migration.id
    with st.container(horizontal=True):
        if busy and migration.state in {"planned", "running"}:
            label = "Pausing…" if migration.pause_wanted else "Pause"
            if st.button(label, icon=":material/pause:", disabled=migration.pause_wanted):
                shared.attempt(lambda: migrations.pause(number))
                st.rerun(scope="fragment")
        elif not busy and migration.state in {"paused", "planned"}:
            _button("Resume", ":material/play_arrow:", number)
            if migration.goes_on and st.button("Pause", icon=":material/pause:"):
                shared.attempt(lambda: migrations.pause(number))
                st.rerun()
        elif not busy and migration.state == "failed":
            _button("Try the failed again", ":material/replay:", number)


def _button(label: str, icon: str, migration_id: int) -> None:
    migrations = shared.wiring().migrations

    def go_on() -> None:
        if migrations.get(migration_id).count("failed").files:
            migrations.retry_failed(migration_id)
        migrations.start(migration_id)

    if st.button(label, icon=icon, type="primary"):
        shared.attempt(go_on)
        st.rerun()
