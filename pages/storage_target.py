"""Where new files go: what is in force and why, and the way to change it."""

import streamlit as st

from pages import shared
from pages.formats import plain, when
from pages.storage_check import CheckList
from studybuddy import mode
from studybuddy.errors import StudyBuddyError
from studybuddy.storage import Storage
from studybuddy.storages import Storages

_CHOSEN = "storage_chosen"


def show() -> None:
    """Show the storages that take new files, and switch to another one once the doctor found it well."""
    storages = shared.wiring().storages()
    st.subheader("Where new files go", anchor=False)
    names = [storage.name for storage in storages.opened.values() if storage.takes_files]
    chosen = st.radio(
        "Where new files go", names, index=names.index(storages.target.name), key=_CHOSEN,
        format_func=lambda name: plain(shared.where(storages.named(name).id)), label_visibility="collapsed",
    )  # fmt: skip
    _why(storages)
    if len(names) == 1:
        st.caption("Name a bucket in the settings, and new files can go there instead.")
        st.page_link(shared.SETTINGS, label="How to name a bucket", icon=":material/settings:")
    if chosen and chosen != storages.target.name:
        _offer(storages.named(chosen), chosen)


def _offer(storage: Storage, name: str) -> None:
    with st.container(border=True):
        st.markdown(f"Send new files to **{plain(shared.where(storage.id))}** from now on?")
        st.caption(
            "It is checked first. Only new files are concerned: what is there already stays where it is, and opens as "
            "before."
        )
        if st.button("Check and switch", type="primary", icon=":material/swap_horiz:"):
            _switch(name, f"New files go to {plain(shared.where(storage.id))} from now on.")
        st.page_link(
            shared.MIGRATE, label="Move the old ones there as well", icon=":material/move_up:",
            query_params={"from": shared.wiring().storages().target.name, "to": name},
        )  # fmt: skip


def _switch(name: str, done: str) -> None:
    checks = CheckList("Checking")
    try:
        mode.change(shared.wiring().storages, name, on_check=checks.add)
    except StudyBuddyError as error:
        if checks.end():
            shared.show_error(error)
        else:
            st.error("Not switched: new files go where they went.", icon=":material/error:")
        return
    shared.say(done)
    st.session_state.pop(_CHOSEN, None)
    st.rerun()


def _why(storages: Storages) -> None:
    setting = next(setting for setting in shared.wiring().settings.in_force if setting.name == "STORAGE")
    says = f"{setting.source} says `STORAGE={setting.value}`".replace("environment", "the environment")
    if setting.source == "default":
        says = "without a choice or a setting, they stay on this computer"
    if storages.held:
        st.markdown(f":material/savings: New files stay on this computer for now, {plain(storages.held.value)}.")
        st.caption("Choose a storage above, and they go there all the same until the month is over.")
        return
    if storages.chosen is None:
        st.caption(f"{says[:1].upper()}{says[1:]}.")
        return
    chosen = f"Chosen here {when(storages.chosen.chosen_at)}"
    if storages.target.name != storages.chosen.value:
        chosen += f" was {plain(storages.chosen.value)}, which the settings no longer name"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{chosen}; {says}.", width="content")
        again = st.button("Go by the settings again", type="tertiary", icon=":material/undo:")
    if again:
        _switch(mode.DEFAULT, f"New files go to {plain(shared.where(storages.default.id))} again.")
