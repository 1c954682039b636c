"""Reading: how far the app is with reading what files hold, and what it could not read."""

from functools import partial

import streamlit as st

from pages import reading_marks, reading_transcripts, shared
from pages.formats import KINDS, name
from studybuddy.catalog.processing import Listed
from studybuddy.processing.queue import Status
from studybuddy.units import count_text

_LOOK_AGAIN_S = 2
_ON_A_PAGE = 25
_BEFORE = "reading_failed"


def _numbers(status: Status) -> None:
    counts = status.counts
    with st.grid(min_column_width=130):
        st.metric("Read", f"{counts['done']:,}")
        st.metric("To be read", f"{counts['pending'] + counts['processing']:,}")
        st.metric("Could not be read", f"{counts['failed']:,}")
        st.metric("Nothing to read", f"{counts['skipped']:,}", help="Videos, archives and other files without text.")


def _current(status: Status) -> None:
    for one in status.current:
        st.progress(one.job.progress, f"{KINDS[one.file.kind][0]} {name(one.file.name)}")
    if status.counts["pending"] and not status.current:
        if shared.wiring().settings.workers:
            st.caption("Files wait for their storage to answer, or for a moment’s rest.")
        else:
            st.info(
                "This app reads nothing by itself: `STUDY_BUDDY_WORKERS` is 0. `python -m studybuddy process` does.",
                icon=":material/info:",
            )


def _all() -> None:
    with shared.told():
        status = shared.wiring().processing.status()
        _numbers(status)
        _current(status)
        reading_transcripts.show()
        _failed()


def _failed() -> None:
    queue = shared.wiring().processing
    before: list[str] = st.session_state.setdefault(_BEFORE, [])
    page = queue.failed(limit=_ON_A_PAGE, after=before[-1] if before else None)
    st.subheader("Could not be read", anchor=False)
    if not page.rows:
        before.clear()
        st.caption("Nothing. A file that is damaged, encrypted or of an unknown form will be here, with what to do.")
        return
    if st.button("Try all again", icon=":material/refresh:"):
        count = 0

        def again() -> None:
            nonlocal count
            count = queue.again_failed()

        if shared.attempt(again):
            shared.say(f"{count_text(count, 'file')} will be read again.")
        st.rerun()
    with st.container(border=True):
        for one in page.rows:
            _row(one)
    shared.turn(page.next, before, key="reading")


def _row(one: Listed) -> None:
    why = partial(st.markdown, f":small[{reading_marks.why(one.job)}]")
    with shared.row(
        f"{KINDS[one.file.kind][0]} **{name(one.file.name)}**",
        reading_marks.about(one.file, one.job.ended_at),
        below=why,
    ):
        reading_marks.again(one.file.id)


def _reading() -> None:
    st.title("Reading", anchor=False)
    st.markdown(
        "What you add is read in the background: the text of documents, the length and shape of recordings, captions, "
        "small pictures. Files open and play meanwhile."
    )
    st.fragment(_all, run_every=_LOOK_AGAIN_S)()


_reading()
