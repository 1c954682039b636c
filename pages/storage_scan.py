"""Scans: whether the storages really hold what the catalog says; repairing what they do not."""

from collections.abc import Callable

import streamlit as st

from pages import shared, storage_findings
from pages.formats import joined, plain, when
from studybuddy.catalog.scans import Depth, Scan
from studybuddy.errors import StudyBuddyError
from studybuddy.scan.scans import Result
from studybuddy.storage import Storage
from studybuddy.units import count_text, size_text

_LOOK_AGAIN_S = 1
_DOING = {"running": "Comparing", "repairing": "Repairing", "removing": "Removing"}
_DEPTHS: dict[Depth, str] = {
    "sizes": "by sizes", "checksums": "by sizes and checksums", "deep": "every byte read",
}  # fmt: skip


def show() -> None:
    """Show the last scan of each storage; while one goes on, again and again."""
    st.subheader("Is everything really there?", anchor=False)
    st.caption(
        "A scan compares what should be in a storage with what is there. The quick one looks at names, sizes and "
        "checksums; the thorough one reads every file, which takes longer and may cost for downloads."
    )
    st.fragment(_scans, run_every=_LOOK_AGAIN_S if _busy(shared.wiring().scans.last()) else None)()


def _busy(results: dict[int, Result]) -> bool:
    return any(result.scan.busy for result in results.values())


def _scans() -> None:
    results = shared.wiring().scans.last()
    was_busy, is_busy = st.session_state.get("scans_busy", False), _busy(results)
    st.session_state["scans_busy"] = is_busy
    if was_busy and not is_busy:
        st.rerun()  # nothing goes on any more: no need to look again and again
    for storage in shared.wiring().storages().opened.values():
        with st.container(border=True, gap="small"):
            _storage(storage, results.get(storage.id))


def _storage(storage: Storage, result: Result | None) -> None:
    with shared.row(f"**{plain(shared.where(storage.id))}**", _about(result)):
        if result is not None and result.scan.busy:
            _button("Stop", f"stop-{storage.id}", lambda: shared.wiring().scans.stop(result.scan.id))
        else:
            _button("Quick scan", f"scan-{storage.id}", lambda: shared.wiring().scans.start(storage))
            _button("Thorough scan", f"deep-{storage.id}", lambda: shared.wiring().scans.start(storage, depth="deep"))
    if result is None:
        return
    if result.scan.busy:
        _progress(result.scan)
        return
    if result.scan.error:
        shared.show_error(StudyBuddyError(result.scan.error, fix=result.scan.fix))
    storage_findings.show(result)


def _button(label: str, key: str, begin: Callable[[], object]) -> None:
    if st.button(label, key=key, type="tertiary"):
        shared.attempt(begin)
        st.rerun()


def _about(result: Result | None) -> str:
    if result is None:
        return "Not looked at yet"
    scan = result.scan
    if scan.busy:
        return f"Began {when(scan.started_at)}"
    compared = f"{count_text(scan.copies, 'file')} compared, {_DEPTHS[scan.depth]}"
    read = f"{size_text(scan.bytes)} read" if scan.depth == "deep" else ""
    ended = {"stopped": "stopped before the end", "failed": "came to no end"}.get(scan.state, "")
    return joined([f"Looked at {when(scan.started_at)}", compared, read, ended])


def _progress(scan: Scan) -> None:
    share = min(1.0, scan.copies / scan.of_copies) if scan.of_copies else 0.0
    counted = f"{scan.copies:,} of {scan.of_copies:,} files compared, {scan.objects:,} objects seen"
    st.progress(share, f"{_DOING[scan.state]}… {counted if scan.state == 'running' else ''}")
