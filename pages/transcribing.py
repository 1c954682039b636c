"""A recording's transcript where it has none, or none with times: the button that has one made, how far that is."""

import streamlit as st

from pages import previews, shared
from pages.formats import plain
from studybuddy.catalog.records import File
from studybuddy.catalog.transcriptions import Transcription

_LOOK_AGAIN_S = 2
_HOW_TO = (
    "To have one made: name a speech service in the settings, `TRANSCRIBE_URL` with `TRANSCRIBE_API_KEY`, or a model "
    "on this computer, `TRANSCRIBE_MODEL`, and start again. The README tells more."
)


def show(file: File) -> None:
    """Show how a recording gets a transcript; nothing when it has one with times."""
    has_times = previews.has_times(file)
    is_set_up = shared.wiring().transcriptions.is_set_up
    if has_times or (has_times is False and not is_set_up):
        return
    found = _found(file)
    if found is not None and found.state in {"pending", "processing"}:
        st.fragment(_follow, run_every=_LOOK_AGAIN_S)(file)
        return
    with st.container(horizontal=True, vertical_alignment="center", key="transcribing"):
        _tell(found, is_set_up=is_set_up)
        if is_set_up:
            make = "Make a transcript" if has_times is None else "Make a transcript with times"
            button(file.id, "Try again" if found else make)


def button(file_id: int, label: str, *, quiet: bool = False) -> None:
    """Show the button that has a transcript made."""
    st.button(
        label, key=f"transcribe-{file_id}", icon=":material/speech_to_text:",
        type="tertiary" if quiet else "secondary", on_click=_ask, args=(file_id,),
    )  # fmt: skip


def why(found: Transcription) -> str:
    """Say why a transcript could not be made, and what to do."""
    return plain(f"{found.reason.rstrip('.')}. {found.fix}".strip())


def _tell(found: Transcription | None, *, is_set_up: bool) -> None:
    if found is not None and found.state == "failed":
        st.markdown(f":small[:orange[:material/error:] No transcript was made. {why(found)}]", width="stretch")
    elif found is not None:
        st.caption("No speech was heard in this recording.", width="stretch")
    elif not is_set_up:
        st.caption(_HOW_TO, width="stretch")


def _follow(file: File) -> None:
    found = _found(file)
    if found is None or found.state not in {"pending", "processing"}:
        st.rerun()
    st.progress(found.progress, words(found))


def words(found: Transcription) -> str:
    """Say how far a transcript is that is not made yet."""
    if found.state == "processing":
        return f"The transcript is being made, {found.progress:.0%}"
    if found.reason:
        return f"The transcript waits for another try: {plain(found.reason)}"
    if shared.wiring().settings.workers:
        return "The transcript waits for its turn"
    return f"The transcript waits: run `python -m studybuddy transcribe {found.file_id}`"


def _found(file: File) -> Transcription | None:
    return shared.wiring().transcriptions.find(file.id)


def _ask(file_id: int) -> None:
    shared.attempt(lambda: shared.wiring().transcriptions.ask([file_id]))
