"""The last backup, and another one now."""

import streamlit as st

from pages import shared
from pages.formats import joined, plain, when
from studybuddy.backups.backup import Backups
from studybuddy.units import count_text, size_text


def show() -> None:
    """Tell when the catalog was backed up last and to where, and do it on a click."""
    st.subheader("Backup", anchor=False)
    backups = shared.wiring().backups
    _last(backups)
    st.caption(
        "A backup holds what is known of your files: their names, sessions, notes and where each is. The files "
        "themselves stay in their storages. Once a day one is made by itself when something has changed; seven of "
        "those are kept."
    )
    if st.button("Back up now", icon=":material/backup:"):
        _back_up(backups)
    with st.expander("How to bring a library back"):
        st.markdown("Name the storages in the settings as they were. Then run this, with a folder for one of yours:")
        st.code(f"python -m studybuddy recover {backups.home().name}", language="bash")


def _last(backups: Backups) -> None:
    last, done = backups.last(), backups.last_done()
    if last is not None and not last.done:
        st.markdown(f":red[:material/error:] **The last try failed,** {when(last.at)}: {plain(last.reason)}.")
    if done is None:
        st.markdown(":gray[:material/help:] No backup yet.")
        return
    how = "made by itself" if done.automatic else ""
    about = joined([plain(done.place), count_text(done.files, "file"), size_text(done.size), how])
    sign = ":orange[:material/warning:]" if done.reason else ":green[:material/check_circle:]"
    st.markdown(f"{sign} **Last backup {when(done.at)}** · {about}")
    if done.reason:
        st.caption(f"It is not where it should be: {plain(done.reason)}.")


def _back_up(backups: Backups) -> None:
    with st.status("Backing up…") as status, shared.told():
        made = backups.run(on_stage=lambda stage: status.update(label=f"Backing up: {plain(stage)}…"))
        shared.say(f"Backed up what is known of {count_text(made.holds.files, 'file')}.")
        st.rerun()
