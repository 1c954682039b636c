"""Choosing what moves: from where, to where, and, for those who want, only some of it."""

from datetime import date

import streamlit as st

from pages import shared
from pages.formats import KINDS, joined
from studybuddy.catalog import lists
from studybuddy.catalog.lists import SessionFilter
from studybuddy.catalog.migrations import Order, Scope
from studybuddy.status import StorageStatus, overview
from studybuddy.storages import Storages
from studybuddy.units import count_text, size_text

_MB = 1_000_000
_OFFERED = 100
_ORDERS: dict[Order, str] = {
    "oldest": "Oldest first", "newest": "Newest first", "smallest": "Smallest first", "largest": "Largest first",
}  # fmt: skip
_FROM, _TO = "migrate_from", "migrate_to"


def show() -> None:
    """Let a person choose, and make the plan."""
    storages = shared.wiring().storages()
    held = {status.storage.name: status for status in _overview(storages) if status.storage}
    if len(held) < 2:
        _only_one()
        return
    st.markdown("Files are copied, checked and then switched. Where they are now keeps its copy until you clean up.")
    source, target = _ends(storages, held)
    with st.expander("Only some of it, in which order, how fast", icon=":material/tune:", key="migrate-scope"):
        scope, rate = _scope()
    same = source == target
    if same:
        st.caption("Choose two different storages.")
    if st.button("Show the plan", type="primary", icon=":material/arrow_forward:", disabled=same):
        with st.spinner("Looking at what is there, and how fast it goes…"), shared.told():
            plan = shared.wiring().migrations.plan(source, target, scope, bytes_per_second=rate)
            st.query_params.from_dict({"id": str(plan.migration.id)})
            st.rerun()
    st.caption("Nothing moves yet: the plan says first what will.")


def _overview(storages: Storages) -> tuple[StorageStatus, ...]:
    return shared.read(lambda db: overview(db, storages))


def _only_one() -> None:
    st.markdown(
        "**There is one storage only.** Name a bucket, or another folder, in the settings; then your files can move "
        "there, and back."
    )
    st.page_link(shared.SETTINGS, label="How to name a bucket", icon=":material/settings:")


def _ends(storages: Storages, held: dict[str, StorageStatus]) -> tuple[str, str]:
    """Return the names of both ends: as the address says, else from where most files are to where new ones go."""
    fullest = max(held, key=lambda name: held[name].bytes)
    targets = [name for name in held if storages.named(name).takes_files]
    for key, asked, names, default in (
        (_FROM, "from", list(held), fullest),
        (_TO, "to", targets, next((name for name in targets if name != fullest), targets[0])),
    ):
        if st.session_state.get(key) not in names:
            given = st.query_params.get(asked, "")
            wanted = storages.target.name if asked == "to" and storages.target.name != fullest else default
            st.session_state[key] = given if given in names else wanted
    with st.grid(min_column_width=280):
        source = st.selectbox("From", list(held), key=_FROM, format_func=lambda name: _said(storages, held[name]))
        target = st.selectbox("To", targets, key=_TO, format_func=lambda name: _said(storages, held[name]))
    return source, target


def _said(storages: Storages, status: StorageStatus) -> str:
    holds = f"{count_text(status.files, 'file')}, {size_text(status.bytes)}" if status.files else "no files"
    return joined([shared.where(status.row.id), holds])


def _scope() -> tuple[Scope, int | None]:
    """Return which files, and how many bytes a second at most."""
    kinds = st.pills(
        "Kinds", list(KINDS), selection_mode="multi", format_func=lambda kind: KINDS[kind][1], help="None chosen: all"
    )
    sessions = _sessions()
    with st.grid(min_column_width=200):
        since = _day("Added since")
        until = _day("Added until")
        smallest = _number("From this size", "MB")
        largest = _number("Up to this size", "MB")
        order = st.selectbox("Order", list(_ORDERS), format_func=_ORDERS.__getitem__)
        first = _number("Only the first", "files", step=1)
        rate = _number("No faster than", "MB a second")
    return Scope(
        session_ids=tuple(sessions), kinds=tuple(kinds),
        min_bytes=_bytes(smallest), max_bytes=_bytes(largest),
        since=since.isoformat() if since else None, until=until.isoformat() if until else None,
        first=int(first) if first else None, order=order,
    ), _bytes(rate) or None  # fmt: skip


def _sessions() -> list[int]:
    query = st.text_input("Find sessions", placeholder="Title, subject or tag", max_chars=lists.MAX_QUERY)
    page = shared.read(lambda db: lists.sessions_page(db, SessionFilter(query=query or ""), limit=_OFFERED))
    titles: dict[int, str] = st.session_state.setdefault("migrate_titles", {})
    titles.update({session.id: f"{session.title} · no. {session.id}" for session in page.rows})
    chosen: list[int] = st.session_state.get("migrate_sessions", [])
    offered = list(dict.fromkeys([*chosen, *(session.id for session in page.rows)]))
    return st.multiselect(
        "Sessions", offered, format_func=lambda session_id: titles.get(session_id, str(session_id)),
        key="migrate_sessions", placeholder="All",
    )  # fmt: skip


def _day(label: str) -> date | None:
    return st.date_input(label, None, format="YYYY-MM-DD")


def _number(label: str, unit: str, *, step: float = 0.1) -> float | None:
    whole = isinstance(step, int)
    return st.number_input(
        f"{label} ({unit})", min_value=1 if whole else 0.0, value=None, step=step, placeholder="No limit"
    )


def _bytes(megabytes: float | None) -> int | None:
    return None if megabytes is None else round(megabytes * _MB)
