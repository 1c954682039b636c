"""The trash: what is in it until when, taken back or deleted for good."""

import streamlit as st

from pages import shared
from pages.formats import day, joined, local_time, name, plain
from studybuddy.catalog import lists
from studybuddy.catalog.lists import Trashed
from studybuddy.catalog.records import Page
from studybuddy.units import count_text, size_text

_ON_A_PAGE = 25
_AT_ONCE = 200


def _title(item: Trashed) -> str:
    return plain(item.title) if item.what == "session" else name(item.title)


def _row(item: Trashed) -> None:
    icon = ":material/book_2:" if item.what == "session" else ":material/draft:"
    inside = f"session with {count_text(item.file_count, 'file')}"
    if item.what == "file":
        inside = f"file of {plain(item.session_title)}"
    gone = f"gone for good on {day(local_time(item.kept_until).date().isoformat())}"
    about = joined([inside, size_text(item.size), gone])
    with shared.row(f"{icon} **{_title(item)}**", about):
        _buttons(item)


def _buttons(item: Trashed) -> None:
    st.button(
        "Restore", icon=":material/restore_from_trash:", key=f"restore-{item.what}-{item.id}",
        on_click=_restore, args=(item,), type="tertiary",
    )  # fmt: skip
    if st.button("Delete for good", key=f"purge-{item.what}-{item.id}", type="tertiary"):
        _purge(item)


def _restore(item: Trashed) -> None:
    library = shared.library()
    restore = library.restore_session if item.what == "session" else library.restore_file
    throw_back = library.trash_session if item.what == "session" else library.trash_file
    shared.attempt(
        lambda: restore(item.id),
        done=f"{_title(item)} is back in [{plain(item.session_title)}](session?id={item.session_id}).",
        undo=lambda: throw_back(item.id),
    )


def _delete(item: Trashed) -> None:
    library = shared.library()
    purge = library.purge_session if item.what == "session" else library.purge_file
    purge(item.id)


@st.dialog("Delete for good")
def _purge(item: Trashed) -> None:
    inside = f" and its {count_text(item.file_count, 'file')}" if item.what == "session" else ""
    st.markdown(f"**{_title(item)}**{inside} ({size_text(item.size)}) will be gone. This cannot be undone.")
    if st.button("Delete for good", type="primary", icon=":material/delete_forever:", key="purge-now"):
        with shared.told():
            with st.spinner("Deleting…"):
                _delete(item)
            shared.say(f"{_title(item)} is gone for good.")
            st.rerun()


@st.dialog("Empty the trash")
def _empty(items: tuple[Trashed, ...]) -> None:
    size = size_text(sum(item.size for item in items))
    files = count_text(sum(item.file_count for item in items), "file")
    sessions = sum(item.what == "session" for item in items)
    what = f"{count_text(sessions, 'session')} and {files}" if sessions else files
    st.markdown(f"**{what}** ({size}) will be gone. This cannot be undone.")
    if st.button("Empty the trash", type="primary", icon=":material/delete_forever:", key="empty-now"):
        with shared.told():
            progress = st.progress(0.0, "Deleting…")
            for number, item in enumerate(items, start=1):
                _delete(item)
                progress.progress(number / len(items), f"{number:,} of {len(items):,} deleted")
            shared.say(f"{what} gone for good.")
            st.rerun()


def _everything() -> tuple[Trashed, ...]:
    """Return all that is in the trash now; what comes in later stays."""
    items: tuple[Trashed, ...] = ()
    after: str | None = None
    while True:
        page = _part(after)
        items, after = items + page.rows, page.next
        if after is None:
            return items


def _part(after: str | None) -> Page[Trashed]:
    return shared.read(lambda db: lists.trash_page(db, limit=_AT_ONCE, after=after))


def _trash() -> None:
    st.title("Trash", anchor=False)
    before: list[str] = st.session_state.setdefault("trash_before", [])
    after = before[-1] if before else None
    page = shared.read(lambda db: lists.trash_page(db, limit=_ON_A_PAGE, after=after))
    if not page.rows and not before:
        st.markdown(
            f"**Nothing is in the trash.** Sessions and files that you throw away stay here for "
            f"{lists.TRASH_KEPT.days} days and can be taken back."
        )
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(f"What is here can be taken back for {lists.TRASH_KEPT.days} days.", width="content")
        if st.button("Empty the trash", icon=":material/delete_forever:"):
            _empty(_everything())
    with st.container(border=True):
        for item in page.rows:
            _row(item)
    shared.turn(page.next, before, key="trash")


_trash()
