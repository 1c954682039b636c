"""What every page uses: what is open, how an error is shown, and the line that tells what was done."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.formats import LOCAL_SYMBOL, REMOTE_SYMBOL, plain, shortened
from studybuddy import server
from studybuddy.catalog.records import Page, Session
from studybuddy.errors import InvalidInputError, NotFoundError, StudyBuddyError
from studybuddy.library import Library
from studybuddy.wiring import Wiring

T = TypeVar("T")
Row = TypeVar("Row")

ADD, CARDS, COSTS, HOME, MIGRATE, READING, SEARCH, SESSION, SESSIONS, SETTINGS, STORAGE, TRASH = (
    "upload.py", "cards.py", "costs.py", "home.py", "migrate.py", "reading.py", "search.py", "session.py",
    "sessions.py", "settings.py", "storage.py", "trash.py",
)  # fmt: skip
PATIENCE_S = 0.25  # most storages answer within; for the others no page waits
_TOLD_FOR_S = 30
_LINK_WIDTH = 36
_PICTURE_WIDTH = 56  # pixels
_MORE_WIDTH = 56  # pixels: in less its arrow stands out, and the row gets a scrollbar
_DIGITS = 16
_SHOWN = "asked-shown"  # the page and the id that its address names
_DONE, _FAILED = "shared_done", "shared_failed"


@dataclass(frozen=True, slots=True)
class Done:
    """What a person's last step did, and how to take it back."""

    text: str  # Markdown
    undo: Callable[[], object] | None
    until: float  # on the monotonic clock


def wiring() -> Wiring:
    """Return what is open."""
    return server.wiring()


def library() -> Library:
    """Return the library."""
    return server.wiring().library


def read(ask: Callable[[Any], T]) -> T:
    """Ask the catalog one thing, over a short connection."""
    with wiring().catalog.read() as db:
        return ask(db)


def where(storage_id: int | None) -> str:
    """Say which storage, in words behind a symbol."""
    symbol = LOCAL_SYMBOL if _is_local(storage_id) else REMOTE_SYMBOL
    return f"{symbol} {wiring().storages().label(storage_id or 0)}"


def within(storage_id: int | None) -> str:
    """Say that something is there: on this computer, in S3."""
    return f"{'on' if _is_local(storage_id) else 'in'} {wiring().storages().label(storage_id or 0)}"


def _is_local(storage_id: int | None) -> bool:
    row = wiring().storages().known.get(storage_id or 0)
    return row is not None and row.url.startswith("local:")


def number_asked(parameter: str, *, least: int = 1) -> int | None:
    """Return the whole number that the page's address names, or None when it names none."""
    text = st.query_params.get(parameter, "")
    if not (text.isascii() and text.isdigit() and len(text) < _DIGITS):
        return None
    return int(text) if int(text) >= least else None


def asked(parameter: str, find: Callable[[int], T], *, page: str, noun: str) -> T | None:
    """Return what the address names; None, with a way back shown, when there is none."""
    row_id = _id_asked(parameter, page=page)
    try:
        if row_id is None:
            raise NotFoundError(f"The address names no {noun}", fix="Go to all sessions and choose one there.")
        return find(row_id)
    except NotFoundError as error:
        show_error(error)
        st.page_link(SESSIONS, label="All sessions", icon=":material/menu_book:")
        return None


def leave() -> None:
    """Note that a page is shown whose address names nothing."""
    st.session_state.pop(_SHOWN, None)


def _id_asked(parameter: str, *, page: str) -> int | None:
    """Return the id that the page's address names, else the one of before: a browser's way back may lose the query."""
    kept = f"asked-{page}-{parameter}"
    if parameter in st.query_params:
        number = st.session_state[kept] = number_asked(parameter)
        keep_address(page, number)
    elif kept in st.session_state:
        st.query_params.from_dict({parameter: str(st.session_state[kept] or "")})
    found: int | None = st.session_state.get(kept)
    return found


def keep_address(page: str, number: int | None) -> None:
    """Have the browser's address say what the page shows; it did not at a click on a link to the same page.

    Nor where a page that was still being drawn at the click has put its own query there.
    """
    if st.session_state.get(_SHOWN) != (page, number):
        st.query_params.from_dict(st.query_params.to_dict())
        st.session_state[_SHOWN] = (page, number)


def address(path: str) -> str:
    """Return the full address of a route of ours, as this browser reaches it."""
    page = urlsplit(st.context.url or f"http://localhost:{st.get_option('server.port')}")
    return f"{page.scheme}://{page.netloc}{path}"


def content_url(file_id: int, *, download: bool = False) -> str:
    """Return the full address of a file's bytes."""
    return address(f"/api/v1/files/{file_id}/content{'?download=1' if download else ''}")


def thumbnail_url(file_id: int) -> str:
    """Return the full address of the small picture that was made of a file."""
    return address(f"/api/v1/files/{file_id}/thumbnail")


def link_to(session: Session, *, label: str = "{}") -> None:
    """Show a link to a session; Streamlit shows no second line of it, so a long title is cut in time."""
    short = shortened(session.title, width=_LINK_WIDTH)
    st.page_link(
        SESSION, label=f"**{plain(label.format(short))}**", icon=":material/book_2:",
        help=plain(session.title) if short != session.title else None, query_params={"id": str(session.id)},
    )  # fmt: skip


def head(title: str, about: str, *, session_id: int) -> None:
    """Show what a page is about (Markdown), with the way to its session."""
    st.title(title, anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        link_to(library().session(session_id))
        st.caption(about, width="content")


def row(
    title: str, about: str, *, below: Callable[[], object] = lambda: None, picture: str | None = None
) -> DeltaGenerator:
    """Show one thing of a list (Markdown), on a narrow screen in two lines; return where its buttons go.

    `below` shows what else is to be told of it; `picture` is the address of a small one; "" leaves its
    place free, beside rows that have one.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        if picture:
            st.image(picture, width=_PICTURE_WIDTH)
        elif picture is not None:
            st.html("<div></div>", width=_PICTURE_WIDTH)
        with st.container(gap=None):
            st.markdown(title)
            st.caption(about)
            below()
        return st.container(horizontal=True, width="content", wrap=False, gap="xsmall")


def more(options: Sequence[str], *, key: str) -> str | None:
    """Show the menu of what else can be done with a row; return what was chosen."""
    return st.menu_button("More", options, key=key, type="tertiary", width=_MORE_WIDTH)


@contextmanager
def told() -> Iterator[None]:
    """Show an error of ours where it happened, and let the rest of the page go on."""
    try:
        yield
    except StudyBuddyError as error:
        show_error(error)


def show_error(error: StudyBuddyError) -> None:
    """Show what happened, to what and what to do; details folded."""
    with st.container(border=True, gap="xsmall"):
        st.error(f"{plain(str(error))}.", icon=":material/error:")
        if error.fix:
            st.caption("What to do")
            st.code(error.fix, language=None, wrap_lines=True)
        with st.expander("Details"):
            cause = f"\n{type(error.__cause__).__name__}" if error.__cause__ else ""
            st.code(f"{type(error).__name__} ({error.code}){cause}", language=None, wrap_lines=True)


def say(text: str, *, undo: Callable[[], object] | None = None) -> None:
    """Keep what a step did (Markdown), and how to take it back, for `show_outcome`."""
    st.session_state.pop(_FAILED, None)
    st.session_state[_DONE] = Done(text, undo, time.monotonic() + _TOLD_FOR_S)


def attempt(action: Callable[[], object], *, done: str = "", undo: Callable[[], object] | None = None) -> bool:
    """Do what a person asked for and keep the outcome. For callbacks, which cannot show anything."""
    st.session_state.pop(_DONE, None)
    try:
        action()
    except StudyBuddyError as error:
        st.session_state[_FAILED] = error
        return False
    if done:
        say(done, undo=undo)
    return True


def show_outcome() -> None:
    """Tell in one line what the last step did, with the way back for as long as it is told."""
    failed: StudyBuddyError | None = st.session_state.pop(_FAILED, None)
    if failed is not None:
        show_error(failed)
    done: Done | None = st.session_state.get(_DONE)
    if done is None or time.monotonic() > done.until:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="outcome"):
        st.markdown(f":material/check_circle: {done.text}", width="content")
        if done.undo is not None:
            st.button("Undo", icon=":material/undo:", on_click=_take_back, args=(done.undo,), key="undo")


def _take_back(undo: Callable[[], object]) -> None:
    attempt(undo, done="Taken back.")


def places_before(wanted: object, *, key: str) -> list[str]:
    """Return the cursors of a list's parts up to this one, which stands in the address; another list begins anew."""
    kept, asked = f"{key}-before", f"{key}-for"
    if asked not in st.session_state:
        st.session_state[kept] = [after] if (after := st.query_params.get("after")) else []
    elif st.session_state[asked] != wanted:
        st.session_state[kept] = []
    st.session_state[asked] = wanted
    before: list[str] = st.session_state[kept]
    if before:
        st.query_params["after"] = before[-1]
    elif "after" in st.query_params:
        del st.query_params["after"]
    return before


def part_of(ask: Callable[[Any, str | None], Page[Row]], before: list[str]) -> Page[Row]:
    """Ask the catalog for the part of a list that comes behind the cursors in `before`."""
    after = before[-1] if before else None
    try:
        return read(lambda db: ask(db, after))
    except InvalidInputError:
        # The address was cut or belongs to another list: begin at the first part.
        before.clear()
        return read(lambda db: ask(db, None))


def turn(after: str | None, before: list[str], *, key: str) -> None:
    """Show the way to the next and the previous part of a list; `before` holds the cursors up to this one."""
    if not before and after is None:
        return
    with st.container(horizontal=True, horizontal_alignment="center", vertical_alignment="center"):
        st.button(
            "Previous", icon=":material/chevron_left:", disabled=not before, on_click=_turn_back, args=(before,),
            key=f"{key}-previous",
        )  # fmt: skip
        st.caption(f"Page {len(before) + 1}", width="content")
        st.button(
            "Next", icon=":material/chevron_right:", icon_position="right", disabled=after is None,
            on_click=before.append, args=(after,), key=f"{key}-next",
        )  # fmt: skip


def _turn_back(before: list[str]) -> None:
    before.pop()
