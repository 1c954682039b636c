"""Storage: whether each place works, where everything is, where new files go."""

from functools import partial

import streamlit as st

from pages import (
    shared,
    storage_backup,
    storage_cards,
    storage_outbox,
    storage_places,
    storage_scan,
    storage_summary,
    storage_target,
)
from pages.formats import plain
from studybuddy.catalog import places


def _problems() -> None:
    for problem in shared.wiring().storages().problems:
        st.warning(
            f"{plain(problem)}. Everything else works. After mending it, start Study Buddy again.",
            icon=":material/warning:",
        )


def _storage() -> None:
    st.set_page_config(layout="wide")
    st.title("Storage", anchor=False)
    _problems()
    parts = shared.read(places.parts)
    for section in (
        partial(storage_summary.show, parts), storage_cards.show, partial(storage_places.show, parts),
        storage_outbox.show, storage_target.show, storage_scan.show, storage_backup.show,
    ):  # fmt: skip
        with shared.told():
            section()


_storage()
