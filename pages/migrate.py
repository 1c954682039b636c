"""Migrate: files from one storage to another; chosen, planned, watched, and taken back."""

import streamlit as st

from pages import migrate_choose, migrate_history, migrate_import, migrate_plan, migrate_watch, shared
from pages.formats import plain
from pages.noticing import notice
from studybuddy.catalog.migrations import Migration
from studybuddy.errors import NotFoundError

_ASKED = "id"  # in the address


def _asked() -> Migration | None:
    """Return the migration that the address names."""
    number = shared.number_asked(_ASKED)
    shared.keep_address(shared.MIGRATE, number)
    try:
        return None if number is None else shared.wiring().migrations.get(number)
    except NotFoundError:
        return None


def _one(migration: Migration) -> None:
    source, target = plain(shared.where(migration.source_id)), plain(shared.where(migration.target_id))
    st.markdown(f"From **{source}** to **{target}**")
    if migration.state == "planned" and not shared.wiring().migrations.worker(migration):
        migrate_plan.show(migration)
    else:
        migrate_watch.show(migration)
    notice(lambda: _stands(migration.id))


def _stands(migration_id: int) -> object:
    """Return what decides what the page shows of a migration; None when its plan was dropped."""
    migrations = shared.wiring().migrations
    try:
        migration = migrations.get(migration_id)
    except NotFoundError:
        return None
    return migration.state, migrations.worker(migration)


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
