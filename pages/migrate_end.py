"""The end of a migration: taking it back, deleting what it left behind, and its report."""

from collections.abc import Callable
from datetime import UTC, datetime

import streamlit as st

from pages import shared
from pages.formats import day, plain
from pages.migrate_plan import counted
from studybuddy.catalog import copies
from studybuddy.catalog.migrations import Migration
from studybuddy.migration.leftovers import Leftover, kept_until
from studybuddy.migration.progress import watched
from studybuddy.units import count_text

_WORD = "delete"  # typed to confirm
_EVERY_S = 0.3


def show(migration: Migration) -> None:
    """Show what can be done once nobody works on a migration."""
    if migration.state == "done" and not migration.count("switched").files:
        st.caption("Nothing has moved.")
    left = shared.wiring().migrations.leftovers(migration)
    _kept(migration, left)
    with st.container(horizontal=True):
        if migration.count("switched").files and migration.state != "cleaned":
            _undo(migration)
        if _cleanable(migration, left) and st.button("Clean up…", icon=":material/cleaning_services:"):
            confirm_clean_up(migration)
        for kind in ("csv", "json"):
            address = shared.address(f"/api/v1/migrations/{migration.id}/report?format={kind}")
            st.link_button(f"Report ({kind.upper()})", address, icon=":material/download:", type="tertiary")


def _cleanable(migration: Migration, leftovers: list[Leftover]) -> bool:
    storages = shared.wiring().storages()
    may = not any(storages.only_reads(left.storage_id) for left in leftovers)
    return bool(leftovers) and may and migration.state in {"done", "failed", "undone"}


def _kept(migration: Migration, leftovers: list[Leftover]) -> None:
    if migration.state == "cleaned":
        _still_there(migration)
    if migration.ended_at is None or migration.state == "cleaned":
        return
    until = f"kept until {day(kept_until(migration.ended_at).date().isoformat())} at least"
    for left in leftovers:
        where = plain(shared.within(left.storage_id))
        stays = shared.wiring().storages().only_reads(left.storage_id)
        how_long = "where nothing is deleted" if stays else until
        st.caption(f"{counted(left.count)} still have a copy {where}, {how_long}.")


def _still_there(migration: Migration) -> None:
    """Say which of its storages has not let go of what was deleted."""
    found = shared.read(copies.to_delete)
    for storage_id in (migration.source_id, migration.target_id):
        if count := found.get(storage_id):
            held, where = count_text(count, "copy is", "copies are"), plain(shared.within(storage_id))
            st.caption(f":material/auto_delete: {held} still to be deleted {where}. [Storage](storage) says more.")


def _undo(migration: Migration) -> None:
    where = plain(shared.within(migration.source_id))
    with st.popover("Undo", icon=":material/undo:"):
        st.markdown(
            f"**{counted(migration.count('switched'))}** will be {where} again. Nothing is copied: the copies there "
            "are looked at and used again."
        )
        if st.button("Take it back", type="primary", icon=":material/undo:"):
            undo = shared.wiring().migrations.undo
            if _watched(migration.id, lambda: undo(migration.id), "Taking back…"):
                shared.say(f"The files are {where} again.")
                st.rerun()


@st.dialog("Clean up")
def confirm_clean_up(migration: Migration) -> None:
    """Say what will be deleted, and delete it when that is typed."""
    for left in shared.wiring().migrations.leftovers(migration):
        where = plain(shared.within(left.storage_id))
        st.markdown(f"**{counted(left.count)}** {where}: the copies there will be gone. This cannot be undone.")
    st.caption("The files themselves stay where they are now; each is looked at once more before its other copy goes.")
    now = _hold(migration)
    typed = st.text_input(f"Type “{_WORD}” to go on")
    sure = typed.strip() == _WORD and now is not None
    if st.button("Delete the copies", type="primary", icon=":material/delete_forever:", disabled=not sure):
        clean_up = shared.wiring().migrations.clean_up
        if _watched(migration.id, lambda: clean_up(migration.id, now=bool(now)), "Deleting…"):
            st.rerun()


def _hold(migration: Migration) -> bool | None:
    """Tell whether to delete before the hold is over; None when that is not wanted, and it is not over."""
    until = kept_until(migration.ended_at or "")
    if datetime.now(UTC) >= until:
        return False
    why = "" if migration.state == "undone" else ", in case you want to undo"
    st.info(f"They are kept until {day(until.date().isoformat())}{why}.", icon=":material/lock:")
    return True if st.checkbox("Delete them now all the same") else None


def _watched(migration_id: int, work: Callable[[], Migration], doing: str) -> bool:
    """Do it while the page tells how far it is; tell whether it was done."""
    migrations = shared.wiring().migrations
    begun = migrations.get(migration_id)
    whole = begun.count("switched", "undone").files or 1
    shown = st.progress(0.0, doing)
    with shared.told():
        for _ in watched(work, every_s=_EVERY_S):
            done = _ended(migrations.get(migration_id)) - _ended(begun)
            shown.progress(min(max(done / whole, 0.0), 1.0), doing)
        return True
    return False


def _ended(migration: Migration) -> int:
    return migration.count("undone", "cleaned").files
