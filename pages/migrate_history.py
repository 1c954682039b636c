"""The migrations of before, each with the way to it."""

import streamlit as st

from pages import shared
from pages.formats import joined, plain, when
from pages.migrate_plan import counted
from studybuddy.catalog.migrations import Count, Migration, MigrationState
from studybuddy.units import count_text

_ON_A_PAGE = 10
_STATES: dict[MigrationState, str] = {
    "planned": ":gray[:material/event_note:] planned, not begun",
    "running": ":blue[:material/sync:] moving",
    "paused": ":orange[:material/pause_circle:] waiting to go on",
    "done": ":green[:material/check_circle:] moved",
    "failed": ":red[:material/error:] not all could move",
    "undone": ":gray[:material/undo:] taken back",
    "cleaned": ":green[:material/check_circle:] cleaned up",
}


def show(*, besides: Migration | None) -> None:
    """List the migrations, the last planned first; `besides` is the one that the page shows."""
    before: list[str] = st.session_state.setdefault("migrations_before", [])
    found = shared.wiring().migrations.page(limit=_ON_A_PAGE + 1, after=int(before[-1]) if before else None)
    rows = found[:_ON_A_PAGE]
    if besides is not None:
        st.page_link(shared.MIGRATE, label="Another migration", icon=":material/add:")
    shown = [migration for migration in rows if besides is None or migration.id != besides.id]
    if shown or before:
        st.subheader("History" if besides is None else "Others", anchor=False)
    for migration in shown:
        _row(migration)
    shared.turn(str(rows[-1].id) if len(found) > _ON_A_PAGE else None, before, key="migrations")


def _row(migration: Migration) -> None:
    way = f"{plain(shared.where(migration.source_id))} → {plain(shared.where(migration.target_id))}"
    planned = counted(Count(migration.planned_files, migration.planned_bytes))
    failed = count_text(migration.count("failed").files, "file")
    about = joined([
        _STATES[migration.state], planned, f"{failed} failed" if migration.count("failed").files else "",
        when(migration.started_at or migration.created_at),
    ])  # fmt: skip
    with shared.row(f"**{way}**", about):
        st.page_link(
            shared.MIGRATE, label="Open", icon=":material/open_in_new:", query_params={"id": str(migration.id)}
        )
