"""The files of a session, a page at a time: looked at, downloaded, renamed, moved, thrown away."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from pages import previews, reading_marks, shared, texts
from pages.choosing import choose_session
from pages.formats import KINDS, joined, name, plain, when
from studybuddy.catalog import links, lists
from studybuddy.catalog.lists import FileSort, SessionFilesFilter
from studybuddy.catalog.processing import Job
from studybuddy.catalog.records import File, Session
from studybuddy.names import shown_name
from studybuddy.reading import Elsewhere
from studybuddy.units import duration_text, size_text

_ON_A_PAGE = 25
_FEW = 6  # so many need no filter
_SORTS: dict[FileSort, str] = {"name": "Name", "date": "Newest", "size": "Largest"}
_RENAME, _MOVE, _TRASH, _UNLINK = "Rename", "Move to another session", "Put in the trash", "Show it here no more"
_OPEN, _PLACE = "files_open", "files_place"


def show(session: Session) -> None:
    """Show the files of a session."""
    st.subheader("Files", anchor=False)
    sums = st.empty()
    wanted = _wanted(session) if session.file_count > _FEW else SessionFilesFilter()
    before = _before(session, wanted)
    after = before[-1] if before else None
    page = shared.read(lambda db: lists.session_files_page(db, session.id, wanted, limit=_ON_A_PAGE, after=after))
    if not page.rows:
        _nothing(session, wanted)
    also = shared.read(lambda db: links.of_files(db, [file.id for file in page.rows]))
    away = shared.library().elsewhere(page.rows)
    jobs = reading_marks.of_files([file.id for file in page.rows])
    lines: reading_marks.Lines = {}
    if page.rows:
        with st.container(border=True):
            for file in page.rows:
                about = _about(file, session, also[file.id], away.get(file.id))
                job = jobs[file.id]
                _row(
                    file, session, about, below=partial(reading_marks.show, job, lines),
                    picture=_picture(job) if any(_picture(job) for job in jobs.values()) else None,
                )  # fmt: skip
    shared.turn(page.next, before, key="files")
    reading_marks.follow(session, sums, lines)


def _picture(job: Job) -> str:
    return shared.thumbnail_url(job.file_id) if "thumbnail" in job.made else ""


def _wanted(session: Session) -> SessionFilesFilter:
    with st.container(horizontal=True, vertical_alignment="center"):
        kind = st.selectbox(
            "Kind", list(KINDS), index=None, format_func=lambda kind: KINDS[kind][1], placeholder="All kinds",
            label_visibility="collapsed", key="files_kind", width=160,
        )  # fmt: skip
        sort = st.selectbox(
            "Sort", list(_SORTS), format_func=lambda sort: f"By {_SORTS[sort].lower()}", key="files_sort",
            label_visibility="collapsed", width=160,
        )  # fmt: skip
        query = {"in_session": str(session.id), "q": ""}  # not what was asked for elsewhere
        st.page_link(shared.SEARCH, label="Search here", icon=":material/search:", query_params=query)
    return SessionFilesFilter(kind=kind, sort=sort)


def _before(session: Session, wanted: SessionFilesFilter) -> list[str]:
    """Return the cursors of the pages up to this one; another session or filter begins at the first page."""
    place = st.session_state.get(_PLACE)
    if place is None or place[0] != (session.id, wanted):
        place = ((session.id, wanted), [])
        st.session_state[_PLACE] = place
    before: list[str] = place[1]
    return before


def _nothing(session: Session, wanted: SessionFilesFilter) -> None:
    if wanted.kind is not None:
        st.caption(f"No {KINDS[wanted.kind][1].lower()} here.")
        return
    st.markdown("**No files yet.** Slides, papers, photos and recordings of this session will be here.")
    query = {"session": str(session.id)}
    st.page_link(shared.ADD, label="Add the first files", icon=":material/add_circle:", query_params=query)


def _row(file: File, session: Session, about: str, *, below: Callable[[], object], picture: str | None) -> None:
    is_open = st.session_state.get(_OPEN) == (session.id, file.id)
    with shared.row(f"{KINDS[file.kind][0]} **{name(file.name)}**", about, below=below, picture=picture):
        _buttons(file, session, is_open=is_open)
    if is_open:
        with shared.told():
            previews.show(file)
            texts.show(file)


def _about(file: File, session: Session, also: list[tuple[int, str]], away: Elsewhere | None) -> str:
    length = duration_text(file.duration_ms) if file.duration_ms is not None else ""
    parts = [size_text(file.size), length, when(file.created_at), plain(shared.where(file.storage_id))]
    if file.wanted_storage_id is not None:
        parts.append(f"waits for {plain(shared.where(file.wanted_storage_id))}")
    if away is not None:
        opens = f"opens from {plain(away.label)} now" if away.label else "cannot be opened now"
        parts.append(f"{opens}: {plain(away.reason)}")
    if file.linked:
        home = shared.library().session(file.session_id)
        parts.append(f"kept in [{plain(home.title)}](session?id={home.id})")
    parts += [f"also in [{plain(title)}](session?id={id_})" for id_, title in also if id_ != session.id]
    return joined(parts)


def _buttons(file: File, session: Session, *, is_open: bool) -> None:
    st.button(
        "Close" if is_open else "Open", icon=":material/close:" if is_open else ":material/visibility:",
        key=f"open-{file.id}", on_click=_toggle, args=(session.id, file.id), type="tertiary",
    )  # fmt: skip
    st.link_button("Download", shared.content_url(file.id, download=True), icon=":material/download:", type="tertiary")
    options = [_RENAME, _UNLINK] if file.linked else [_RENAME, _MOVE, _TRASH]
    chosen = shared.more(options, key=f"more-{file.id}")
    if chosen == _RENAME:
        _rename(file)
    elif chosen == _MOVE:
        st.session_state.pop("move_to", None)
        _move(file)
    elif chosen == _TRASH:
        trash(file)
    elif chosen == _UNLINK:
        _unlink(file, session)


def _toggle(session_id: int, file_id: int) -> None:
    asked = (session_id, file_id)
    st.session_state[_OPEN] = None if st.session_state.get(_OPEN) == asked else asked


@st.dialog("Rename")
def _rename(file: File) -> None:
    with st.form("rename", border=False):  # so that Enter saves
        typed = st.text_input("Name", shown_name(file.name), max_chars=255)
        saved = st.form_submit_button("Save", type="primary")
    if saved:
        with shared.told():
            renamed = shared.library().rename_file(file.id, typed.strip())
            undo = lambda: shared.library().rename_file(file.id, file.name)  # noqa: E731
            shared.say(f"Renamed to {name(renamed.name)}.", undo=undo)
            st.rerun()


@st.dialog("Move to another session")
def _move(file: File) -> None:
    st.markdown(f"**{name(file.name)}** moves, with its lecture if it is a recording.")
    choice = choose_session("Where to", key="move_to", besides=file.session_id)
    chosen = choice.session is not None or bool(choice.new_title)
    if st.button("Move", type="primary", disabled=not chosen):
        with shared.told():
            target = choice.session or shared.library().create_session(choice.new_title)
            shared.library().move_file(file.id, target.id)
            is_new = choice.session is None
            undo = lambda: shared.library().move_file(file.id, file.session_id, drop_empty=is_new)  # noqa: E731
            shared.say(f"{name(file.name)} is now in [{plain(target.title)}](session?id={target.id}).", undo=undo)
            st.rerun()


def trash(file: File) -> None:
    """Put a file in the trash and offer to take that back."""
    library = shared.library()
    done = f"{name(file.name)} is in the trash for {lists.TRASH_KEPT.days} days."
    undo = lambda: library.restore_file(file.id)  # noqa: E731
    shared.attempt(lambda: library.trash_file(file.id), done=done, undo=undo)
    st.rerun()


def _unlink(file: File, session: Session) -> None:
    library = shared.library()
    shared.attempt(
        lambda: library.unlink(file.id, session_id=session.id),
        done=f"{name(file.name)} is shown in its own session alone.",
    )
    st.rerun()
