"""The transcripts that were asked for, as long as they are not made, and those that could not be."""

from functools import partial

import streamlit as st

from pages import reading_marks, shared, transcribing
from pages.formats import KINDS, name
from studybuddy.catalog.transcriptions import Listed

_ON_A_PAGE = 25
_BEFORE = "reading_transcripts_failed"


def show() -> None:
    """Show them; nothing when there are none."""
    ours = shared.wiring().transcriptions
    before: list[str] = st.session_state.setdefault(_BEFORE, [])
    waiting, failed = ours.open_ones(), ours.failed(limit=_ON_A_PAGE, after=before[-1] if before else None)
    if not failed.rows:
        before.clear()
    if not (waiting or failed.rows):
        return
    st.subheader("Transcripts", anchor=False)
    for one in waiting:
        st.progress(one.made.progress, f"{_title(one)} · {transcribing.words(one.made)}")
    if failed.rows:
        with st.container(border=True):
            for one in failed.rows:
                _row(one)
        shared.turn(failed.next, before, key="reading-transcripts")


def _row(one: Listed) -> None:
    why = partial(st.markdown, f":small[:orange[:material/error:] Could not be made. {transcribing.why(one.made)}]")
    with shared.row(_title(one), reading_marks.about(one.file, one.made.ended_at), below=why):
        transcribing.button(one.file.id, "Try again", quiet=True)


def _title(one: Listed) -> str:
    return f"{KINDS[one.file.kind][0]} **{name(one.file.name)}**"
