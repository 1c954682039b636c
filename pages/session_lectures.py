"""The lectures of a session: a way to the player, length, date."""

from datetime import date
from typing import Any

import streamlit as st

from pages import links, session_files, shared
from pages.formats import day, joined, name, plain
from studybuddy import fields
from studybuddy.catalog import files, lectures, marks
from studybuddy.catalog.records import File, Lecture, Session
from studybuddy.errors import NotFoundError
from studybuddy.units import count_text, duration_text, size_text

_ON_A_PAGE = 20
_EDIT, _TRASH, _DELETE = "Title and date", "Put the recording in the trash", "Delete the lecture"
_SHOWN = "lectures_shown"


def show(session: Session) -> None:
    """Show the lectures of a session; nothing when it has none."""
    found = shared.read(lambda db: lectures.in_session(db, session.id))
    if not found:
        return
    st.subheader("Lectures", anchor=False)
    shown = st.session_state.get(_SHOWN, {}).get(session.id, _ON_A_PAGE)
    recordings = shared.read(lambda db: {lecture.id: _recording(db, lecture) for lecture in found[:shown]})
    with st.container(border=True):
        for lecture in found[:shown]:
            _row(lecture, recordings[lecture.id], session)
    _export(session)
    if len(found) > shown:
        st.button(f"Show more ({len(found) - shown:,} left)", on_click=_show_more, args=(session.id, shown), key="more")


def _export(session: Session) -> None:
    if shared.read(lambda db: next(marks.told(db, session_id=session.id), None)) is None:
        return
    address = shared.address(f"/api/v1/sessions/{session.id}/notes/export")
    # No caption: it would fade the links.
    forms = f"[Markdown]({address}) :gray[or] [CSV]({address}?format=csv)"
    st.markdown(f":small[:gray[All notes and bookmarks as] {forms}]")


def _recording(db: Any, lecture: Lecture) -> File | None:
    if lecture.audio_file_id is None:
        return None
    try:
        return files.get(db, lecture.audio_file_id)
    except NotFoundError:
        return None


def _row(lecture: Lecture, recording: File | None, session: Session) -> None:
    playable = recording is not None and recording.trashed_at is None
    with shared.row(f":material/graphic_eq: **{plain(lecture.title)}**", _about(lecture, recording)):
        _buttons(lecture, recording if playable else None, session)


def _about(lecture: Lecture, recording: File | None) -> str:
    recorded = f"recorded on {day(lecture.recorded_on)}" if lecture.recorded_on else ""
    if recording is None:
        kept = shared.read(lambda db: marks.count_without_recording(db, lecture.id))
        notes = f"{count_text(kept, 'note or bookmark', 'notes and bookmarks')} kept for the next" if kept else ""
        return joined([recorded, "no recording", notes])
    if recording.trashed_at is not None:
        return joined([recorded, f"its recording {name(recording.name)} is in the trash"])
    length = duration_text(recording.duration_ms) if recording.duration_ms is not None else "length unknown"
    return joined([length, recorded, size_text(recording.size), plain(shared.where(recording.storage_id))])


def _buttons(lecture: Lecture, recording: File | None, session: Session) -> None:
    options = [_EDIT, _DELETE]
    if recording is not None:
        options = [_EDIT, _TRASH, _DELETE]
        if st.button("Play", icon=":material/play_arrow:", key=f"play-{lecture.id}", type="tertiary"):
            links.listen(recording.id)
    elif st.button("Add recording", icon=":material/mic:", key=f"record-{lecture.id}", type="tertiary"):
        st.switch_page(shared.ADD, query_params={"session": str(session.id), "lecture": str(lecture.id)})
    chosen = shared.more(options, key=f"lecture-{lecture.id}")
    if chosen == _EDIT:
        _edit(lecture)
    elif chosen == _TRASH and recording is not None:
        session_files.trash(recording)
    elif chosen == _DELETE:
        _delete(lecture, recording)


def _show_more(session_id: int, shown: int) -> None:
    st.session_state[_SHOWN] = {session_id: shown + _ON_A_PAGE}


@st.dialog("Title and date")
def _edit(lecture: Lecture) -> None:
    title = st.text_input("Title", lecture.title, max_chars=fields.MAX_TITLE)
    known = date.fromisoformat(lecture.recorded_on) if lecture.recorded_on else None
    recorded = st.date_input("Recorded on", known, format="YYYY-MM-DD")
    if st.button("Save", type="primary", disabled=not title.strip()):
        with shared.told():
            shared.library().update_lecture(
                lecture.id, title=title, recorded_on=recorded.isoformat() if recorded else None
            )
            shared.say("Saved.")
            st.rerun()


@st.dialog("Delete the lecture")
def _delete(lecture: Lecture, recording: File | None) -> None:
    st.markdown(f"The lecture **{plain(lecture.title)}** will be gone; this cannot be undone.")
    if recording is not None:
        st.markdown(f"Its recording {name(recording.name)} goes to the trash, from where it can be restored.")
    if st.button("Delete the lecture", type="primary", icon=":material/delete:"):
        with shared.told():
            shared.library().delete_lecture(lecture.id)
            shared.say(f"The lecture {plain(lecture.title)} is gone.")
            st.rerun()
