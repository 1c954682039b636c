"""Migrate: files from one storage to another; chosen, planned, watched, and taken back."""

import streamlit as st

from pages import migrate_choose, migrate_history, migrate_import, migrate_plan, migrate_watch, shared
from pages.formats import plain
from studybuddy.catalog.migrations import Migration
from studybuddy.errors import NotFoundError

_ASKED = "id"  # in the address


def _asked() -> Migration | None:
    """Return the migration that the address names."""
    text = st.query_params.get(_ASKED, "")
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        return None
    try:
        return shared.wiring().migrations.get(int(text))
    except NotFoundError:
        return None


def _one(migration: Migration) -> None:
    source, target = plain(shared.where(migration.source_id)), plain(shared.where(migration.target_id))
    st.markdown(f"From **{source}** to **{target}**")
    if migration.state == "planned" and not shared.wiring().migrations.worker(migration):
        migrate_plan.show(migration)
    else:
        migrate_watch.show(migration)


def _migrate() -> None:
    st.title("Migrate", anchor=False)
    with shared.told():
        shared.wiring().migrations.recover()  # what a dead process left waits to go on
        migration = _asked()
        if migration is None:
            migrate_choose.show()
        else:
            _one(migration)
    with shared.told():
        migrate_history.show(besides=migration)
    if migration is None:
        with shared.told():
            migrate_import.show()


_migrate()
