"""In one sentence each: whether all is well, and what is not."""

from collections.abc import Iterator

import streamlit as st

from pages import shared
from pages.formats import plain
from studybuddy.catalog import places
from studybuddy.catalog.places import DAMAGED, WAITING, Part
from studybuddy.status import Answer, StorageStatus, overview
from studybuddy.units import count_text, size_text

_LOOK_AGAIN_S = 3
_DRAWN = "storage_drawn"


def show(parts: tuple[Part, ...]) -> None:
    """Tell how things are, and draw the whole page anew when something has moved."""
    st.session_state[_DRAWN] = parts, shared.wiring().storages().target.id
    _watch()


@st.fragment(run_every=_LOOK_AGAIN_S)
def _watch() -> None:
    state = _state()
    if state != st.session_state[_DRAWN]:
        st.rerun()
    parts, _ = state
    storages = shared.wiring().storages()
    found = shared.read(lambda db: overview(db, storages))
    bad = list(_worries(found, {part.place: part.files for part in parts}))
    for worry in bad:
        st.markdown(worry)
    if not bad:
        st.markdown(_well(found, parts))


def _well(found: tuple[StorageStatus, ...], parts: tuple[Part, ...]) -> str:
    if any(status.storage is not None and _answer(status) is None for status in found):
        return ":gray[:material/hourglass_top:] Looking at the storages…"
    held = f"{count_text(sum(part.files for part in parts), 'file')}, {size_text(sum(part.bytes for part in parts))}"
    told = f"{held}, each where it should be." if parts else "Nothing is saved yet."
    return f":green[:material/check_circle:] **All is well.** {told}"


def _state() -> tuple[tuple[Part, ...], int]:
    return shared.read(places.parts), shared.wiring().storages().target.id


def _worries(found: tuple[StorageStatus, ...], files: dict[int, int]) -> Iterator[str]:
    for status in found:
        where, within = plain(shared.where(status.row.id)), plain(shared.within(status.row.id))
        if status.storage is None:
            held = count_text(status.files, "file")
            yield f":orange[:material/link_off:] **{held} {within}**, which the settings no longer name."
        elif _silent(status):
            held = count_text(files.get(status.row.id, 0), "file")
            yield f":red[:material/error:] **{where} cannot be used now.** What is only there ({held}) waits for it."
    if damaged := files.get(DAMAGED):
        held = count_text(damaged, "file")
        yield f":red[:material/broken_image:] **{held} damaged or missing.** A scan repairs what has another copy."
    for result in shared.wiring().scans.last().values():
        if result.unrepaired and not result.scan.busy:
            held, within = count_text(result.unrepaired, "file"), plain(shared.within(result.scan.storage_id))
            yield f":red[:material/error:] **The last scan found {held} damaged or missing {within}.** Repair it below."
    if waiting := files.get(WAITING):
        held = count_text(waiting, "file")
        yield f":orange[:material/schedule:] **{held} saved on this computer** and waiting for another storage."


def _silent(status: StorageStatus) -> bool:
    answer = _answer(status)
    return answer is not None and answer.failure is not None and not answer.to_be_made


def _answer(status: StorageStatus) -> Answer | None:
    return shared.wiring().answers.of(status.row.id, wait_s=shared.PATIENCE_S)
