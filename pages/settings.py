"""Settings: what is in force, where it comes from, how to change it."""

import streamlit as st

from pages import shared
from pages.formats import plain
from studybuddy import __version__
from studybuddy.settings import Setting, Settings

_CHOSEN = {"environment", ".env"}


def _rows(settings: tuple[Setting, ...]) -> str:
    return "\n".join(
        f"- {_code(setting.name)} {_value(setting)}:small[:gray[{plain(setting.source)}]]" for setting in settings
    )


def _code(text: str) -> str:
    return f"`` {text.replace('`', '´')} ``"


def _value(setting: Setting) -> str:
    return f"**{plain(setting.value)}** · " if setting.value else ""


def _example(settings: tuple[Setting, ...]) -> str:
    """Return a `.env` with what is set now; secrets and what is not set stand as comments."""
    lines = []
    for setting in settings:
        silent = setting.secret or setting.source not in _CHOSEN
        value = "" if setting.secret else setting.value
        lines += [f"# {setting.takes}", f"{'# ' if silent else ''}{setting.name}={value}", ""]
    return "\n".join(lines).strip()


def _settings() -> None:
    st.title("Settings", anchor=False)
    wiring = shared.wiring()
    in_force = wiring.settings.in_force
    for warning in wiring.settings.warnings:
        st.warning(plain(warning), icon=":material/warning:")
    chosen = tuple(setting for setting in in_force if setting.source in _CHOSEN)
    others = tuple(setting for setting in in_force if setting.source not in _CHOSEN)
    st.subheader("What you chose", anchor=False)
    if chosen:
        st.markdown(_rows(chosen))
    else:
        st.markdown("Nothing yet: everything below works as it comes.")
    with st.expander(f"Everything else ({len(others)})"):
        st.markdown(_rows(others))
    st.subheader("How to change it", anchor=False)
    st.markdown("Write a file `.env` beside `app.py`, or set environment variables, which win; then start again.")
    st.page_link(shared.STORAGE, label="Where new files go, changed at once", icon=":material/database:")
    with st.expander("A .env to begin with"):
        st.code(_example(in_force), language="bash", wrap_lines=True)
    _about(wiring.settings)


def _about(settings: Settings) -> None:
    st.subheader("About", anchor=False)
    st.markdown(
        f"- Study Buddy {__version__}\n"
        f"- Catalog and unfinished uploads: {_code(str(settings.data_dir.resolve()))}\n"
        f"- Files on this computer: {_code(str(settings.uploads_dir.resolve()))}\n"
        "- For programs: [the HTTP API](/api/v1/openapi.json)"
    )


_settings()
