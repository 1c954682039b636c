"""Where everything is: a bar of parts, each of which opens the list of its files."""

from dataclasses import dataclass

import streamlit as st

from pages import shared
from pages.bars import GREEN, SKY, STORAGE_COLORS, VERMILION, Segment, bar, square
from pages.formats import KINDS, joined, name, plain, when
from studybuddy.catalog import lists, places, sessions
from studybuddy.catalog.lists import FilesFilter
from studybuddy.catalog.places import DAMAGED, SEVERAL, WAITING, Part
from studybuddy.catalog.records import File
from studybuddy.units import count_text, size_text

_ON_A_PAGE = 25
_ASKED = "part"  # in the address
_SLUGS = {DAMAGED: "damaged", WAITING: "waiting", SEVERAL: "several"}
_COLORS = {DAMAGED: VERMILION, WAITING: SKY, SEVERAL: GREEN}


@dataclass(frozen=True, slots=True)
class _Words:
    """How a part is called, and what it means."""

    title: str
    meaning: str


def show(parts: tuple[Part, ...]) -> None:
    """Show the bar, and the list of the part that the address names."""
    st.subheader("Where everything is", anchor=False)
    if not parts:
        st.markdown("**No files yet.** Here you will see which files are on this computer and which are elsewhere.")
        return
    ordered = sorted(parts, key=lambda part: (part.place < SEVERAL, part.place == SEVERAL, abs(part.place)))
    st.html(bar([_segment(part) for part in ordered]))
    with st.grid(min_column_width=330, gap=(None, "small")):
        for part in ordered:
            _legend(part)
    asked = _asked()
    if asked is not None and asked != WAITING:  # the outbox, which follows, is that list
        _list(asked, next((part for part in parts if part.place == asked), Part(asked, 0, 0)))


def open_part(place: int) -> None:
    """Open the list of a part; for callbacks."""
    st.query_params[_ASKED] = _slug(place)


def _close() -> None:
    st.query_params.pop(_ASKED, None)


def _slug(place: int) -> str:
    return _SLUGS.get(place, f"only-{place}")


def _asked() -> int | None:
    slug = st.query_params.get(_ASKED, "")
    known = shared.wiring().storages().known
    return next((place for place in (*_SLUGS, *known) if _slug(place) == slug), None)


def _color(place: int) -> str:
    known = list(shared.wiring().storages().known)
    return _COLORS.get(place) or STORAGE_COLORS[known.index(place) % len(STORAGE_COLORS)]


def _words(place: int) -> _Words:
    if place == DAMAGED:
        return _Words("Damaged or missing", "Their bytes were looked for and are not what was saved.")
    if place == WAITING:
        return _Words("Waiting to move", "They are saved on this computer and meant for another storage.")
    if place == SEVERAL:
        return _Words("In several storages", "Each of these files has a whole copy in more than one storage.")
    within = shared.within(place)
    return _Words(f"Only {within}", f"They are {within} and nowhere else.")


def _said(part: Part) -> str:
    return joined([_words(part.place).title, count_text(part.files, "file"), size_text(part.bytes)])


def _segment(part: Part) -> Segment:
    # By files, not by bytes: a damaged note must be seen beside a recording.
    return Segment(_color(part.place), _said(part), part.files, f"storage?{_ASKED}={_slug(part.place)}")


def _legend(part: Part) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", wrap=False):
        st.html(square(_color(part.place)), width="content")
        st.button(
            plain(_said(part)), key=f"part-{_slug(part.place)}", type="tertiary", on_click=open_part,
            args=(part.place,), help=f"Show the list. {plain(_words(part.place).meaning)}",
        )  # fmt: skip


def _list(place: int, part: Part) -> None:
    with st.container(border=True, key="part"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"**{plain(_said(part))}**", width="content")
            st.button("Close the list", icon=":material/close:", on_click=_close, type="tertiary")
        st.caption(plain(_words(place).meaning))
        before = shared.places_before(place, key="storage")
        wanted = FilesFilter(place=place)
        page = shared.part_of(lambda db, after: lists.files_page(db, wanted, limit=_ON_A_PAGE, after=after), before)
        _rows(page.rows)
        if not page.rows:
            st.markdown("No file is here any more.")
        shared.turn(page.next, before, key="storage")


def _rows(files: tuple[File, ...]) -> None:
    copies = shared.read(lambda db: places.storages_of(db, [file.id for file in files]))
    ids = {file.session_id for file in files}
    titles = shared.read(lambda db: {session_id: sessions.get(db, session_id).title for session_id in ids})
    for file in files:
        session = f"[{plain(titles[file.session_id])}](session?id={file.session_id})"
        where = ", ".join(plain(shared.where(storage_id)) for storage_id in copies[file.id])
        lost = "" if where else f"no good copy is known (was {plain(shared.within(file.storage_id))})"
        about = joined([session, size_text(file.size), when(file.created_at), where, lost])
        with shared.row(f"{KINDS[file.kind][0]} **{name(file.name)}**", about):
            if where:
                address = shared.content_url(file.id, download=True)
                st.link_button("Download", address, icon=":material/download:", type="tertiary")
