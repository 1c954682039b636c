"""What a scan found: what it means, its list, the repair, and the removal of what nobody knows."""

import streamlit as st

from pages import shared
from pages.formats import joined, name, plain
from studybuddy.catalog.findings import DAMAGE, UNSETTLED, FindingKind, FindingState, Kept
from studybuddy.scan.scans import Result
from studybuddy.units import count_text, size_text

_ON_A_PAGE = 10
_WORD = "remove"  # typed to confirm
_KINDS: dict[FindingKind, tuple[str, str]] = {
    "missing": ("missing", "The storage has no such object."),
    "wrong_size": ("of the wrong size", "The object has fewer or more bytes than were saved."),
    "damaged": ("damaged", "The bytes are not those that were saved."),
    "unreadable": ("unreadable", "The storage would not give the bytes."),
    "no_copy": ("without a copy", "The catalog names no object that holds the file."),
    "misplaced": ("in the wrong place", "One of our objects stands where it does not belong."),
    "unknown": ("unknown to the catalog", "No file of this library uses the object."),
    "stale_temporary": ("left over", "A temporary file of a program that ended."),
}
_STATES: dict[FindingState, str] = {
    "open": "",
    "repaired": "repaired",
    "marked": "no good copy is known",
    "removed": "removed",
    "gone": "not there any more",
}


def show(result: Result) -> None:
    """Show what came of a scan that has ended."""
    if not result.counts:
        if result.scan.state == "done":
            st.markdown(":green[:material/check_circle:] Everything is there as it should be.")
        return
    for count in result.counts:
        done = f" · {_STATES[count.state]}" if _STATES[count.state] else ""
        title, meaning = _KINDS[count.kind]
        sign = _sign(count.kind, count.state)
        st.markdown(f"{sign} **{count.findings:,} {title}**{done} :small[:gray[{meaning}]]")
    with st.container(horizontal=True):
        _repair(result)
        _offer_removal(result)
    with st.expander("Show what was found", key=f"findings-{result.scan.id}"):
        _list(result)


def _sign(kind: FindingKind, state: FindingState) -> str:
    if state not in UNSETTLED:
        return ":green[:material/check_circle:]"
    return ":red[:material/error:]" if kind in DAMAGE else ":gray[:material/help:]"


def _open(result: Result, *kinds: FindingKind) -> int:
    return sum(count.findings for count in result.counts if count.state == "open" and count.kind in kinds)


def _repair(result: Result) -> None:
    if not _open(result, *DAMAGE, "misplaced", "stale_temporary"):
        return
    sure = True
    if result.mostly_missing:
        st.markdown(
            ":orange[:material/warning:] **Most of the objects are missing.** Is this the right bucket or folder, and "
            "the right prefix?"
        )
        sure = st.checkbox("Yes, they are really gone", key=f"gone-{result.scan.id}")
    if st.button(
        "Repair", icon=":material/build:", disabled=not sure, key=f"repair-{result.scan.id}", type="primary",
        help="Restores from another good copy; where there is none, the file is marked. Deletes no file.",
    ):  # fmt: skip
        repair = shared.wiring().scans.start_repair
        shared.attempt(lambda: repair(result.scan.id, most_are_missing=result.mostly_missing))
        st.rerun()


def _offer_removal(result: Result) -> None:
    if (unknown := _open(result, "unknown")) and st.button("Remove the unknown…", key=f"unknown-{result.scan.id}"):
        confirm_removal(result, unknown)


@st.dialog("Remove what nobody knows")
def confirm_removal(result: Result, unknown: int) -> None:
    """Say what will be gone, and remove it when that is typed."""
    size = size_text(sum(count.bytes for count in result.counts if count.kind == "unknown" and count.state == "open"))
    where = plain(shared.within(result.scan.storage_id))
    st.markdown(
        f"**{count_text(unknown, 'object')}** ({size}) {where} will be gone. This cannot be undone. Do it only when no "
        "other library uses this place. Each is looked at once more first, and kept when it is young or in use."
    )
    typed = st.text_input(f"Type “{_WORD}” to go on")
    if st.button("Remove them", type="primary", icon=":material/delete_forever:", disabled=typed.strip() != _WORD):
        with shared.told():
            shared.wiring().scans.start_remove_unknown(result.scan.id)
            st.rerun()


def _list(result: Result) -> None:
    scans = shared.wiring().scans
    before: list[str] = st.session_state.setdefault(f"findings-before-{result.scan.id}", [])
    page = scans.findings(result.scan.id, limit=_ON_A_PAGE, after=before[-1] if before else None)
    for found in page.rows:
        st.markdown(_line(found))
    shared.turn(page.next, before, key=f"findings-{result.scan.id}")


def _line(found: Kept) -> str:
    title = f"**{name(found.name)}**" if found.name else f"`` {found.key} ``"
    link = f"[its session](session?id={found.session_id})" if found.session_id else ""
    about = joined([_KINDS[found.kind][0], _STATES[found.state], plain(found.detail), link])
    return f"{_sign(found.kind, found.state)} {title} :small[{about}]"
