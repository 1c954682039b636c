"""Home, the desk: what one does next, then what is here and where it is."""

from html import escape

import streamlit as st

from pages import home_desk, home_listening, shared
from pages.bars import BLUE, STORAGE_COLORS, Segment, bar, square
from pages.formats import counts, joined, plain, when
from studybuddy.catalog import lists, totals
from studybuddy.catalog.records import Session
from studybuddy.catalog.totals import Totals, Week
from studybuddy.units import count_text, duration_text, size_text

_RECENT = 6


def _first_run() -> None:
    st.title("Welcome to Study Buddy")
    st.markdown(
        "Keep the slides, papers and recordings of your lectures in one place, find them again, and listen "
        "from where you want. Nothing is here yet."
    )
    with st.container(border=True):
        st.markdown(
            "1. **Name a session**, for example “Thermodynamics”: files of one subject go together.\n"
            "2. **Drop files, recordings or a whole folder** into it, or record from the microphone.\n"
            "3. **Open the session** to read, listen and take notes."
        )
        if st.button("Add the first files", type="primary", icon=":material/add_circle:"):
            st.switch_page(shared.ADD)
    st.caption("Where new files go is told above. To change it, see Storage.")


def _numbers(held: Totals) -> None:
    with st.grid(min_column_width=130):
        st.metric("Sessions", f"{held.sessions:,}")
        st.metric("Files", f"{held.files:,}")
        st.metric("Recordings", duration_text(held.recording_ms))
        st.metric("Size", size_text(held.bytes), help=f"{held.bytes:,} bytes")


def _by_storage(held: Totals) -> None:
    sizes: dict[int, tuple[int, int]] = {}
    for holding in held.holdings:
        files, size = sizes.get(holding.storage_id, (0, 0))
        sizes[holding.storage_id] = (files + holding.files, size + holding.bytes)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        st.subheader("Where it all is", anchor=False, width="content")
        st.page_link(shared.STORAGE, label="Storage", icon=":material/database:")
    segments, words = [], ""
    for number, (storage_id, (files, size)) in enumerate(sizes.items()):
        color = STORAGE_COLORS[number % len(STORAGE_COLORS)]
        place = shared.wiring().storages().label(storage_id)
        segments.append(Segment(color, place, size, "storage"))
        words += f"<span>{square(color)} {escape(place)}: {size_text(size)} in {count_text(files, 'file')}</span>"
    st.html(f'{bar(segments)}<div style="display:flex;flex-wrap:wrap;gap:2px 20px;margin-top:6px">{words}</div>')


def _weeks(weeks: tuple[Week, ...]) -> None:
    if not any(week.files for week in weeks):
        return
    st.subheader("Added per week", anchor=False)
    most = max(week.files for week in weeks)
    bars = "".join(_week(week, most) for week in weeks)
    this_week = count_text(weeks[-1].files, "file")
    st.html(
        f'<div role="img" aria-label="Files added per week; this week {this_week}, at most {most:,}" '
        f'style="display:flex;align-items:flex-end;gap:3px;height:56px">{bars}</div>'
        '<div style="display:flex;justify-content:space-between;opacity:.75;font-size:.875rem;margin-top:4px">'
        f"<span>{weeks[0].monday:%b %Y}</span><span>most: {most:,}</span><span>this week: {this_week}</span></div>"
    )


def _week(week: Week, most: int) -> str:
    height = max(3, round(100 * week.files / most))
    told = f"Week of {week.monday:%d %b %Y}: {count_text(week.files, 'file')}, {size_text(week.bytes)}"
    faint = "" if week.files else "opacity:.25;"
    return (
        f'<div title="{told}" style="flex:1;height:{height}%;{faint}background:{BLUE};border-radius:2px 2px 0 0"></div>'
    )


def _card(session: Session) -> None:
    with st.container(border=True, height="stretch", gap="xxsmall"):
        shared.link_to(session)
        about = [plain(session.subject), counts(session.file_count, session.lecture_count), when(session.updated_at)]
        st.caption(joined(about))


def _recent() -> None:
    sessions = shared.read(lambda db: lists.recent_sessions(db, limit=_RECENT))
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        st.subheader("Recent sessions", anchor=False, width="content")
        st.page_link(shared.SESSIONS, label="All sessions", icon=":material/menu_book:")
    with st.grid(min_column_width=300):
        for session in sessions:
            _card(session)


def _home() -> None:
    held = shared.read(totals.read)
    if not held.sessions:
        _first_run()
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title("Study Buddy", anchor=False, width="content")
        if st.button("Add files", type="primary", icon=":material/add_circle:"):
            st.switch_page(shared.ADD)
    home_desk.search()
    with shared.told():
        home_listening.show()
    with shared.told():
        home_desk.cards()
    with shared.told():
        _recent()
    home_desk.notices()
    _numbers(held)
    if held.holdings:
        _by_storage(held)
    _weeks(held.weeks)


_home()
