"""How far the reading of a file is, in a line below it that follows by itself."""

from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages import shared
from pages.formats import joined, plain, when
from studybuddy.catalog import processing
from studybuddy.catalog.processing import Job, JobState
from studybuddy.catalog.records import File, Session
from studybuddy.units import count_text

_LOOK_AGAIN_S = 2
_UNSETTLED: tuple[JobState, ...] = ("pending", "processing")

Lines = dict[int, DeltaGenerator]


def of_files(file_ids: Sequence[int]) -> dict[int, Job]:
    """Return the jobs of files."""
    return shared.read(lambda db: processing.of_files(db, file_ids))


def words(job: Job) -> str:
    """Say what is known of a file's reading, as Markdown; nothing when all is well."""
    match job.state:
        case "pending":
            return f":material/hourglass_empty: Waits to be read{f': {plain(job.reason)}' if job.reason else ''}"
        case "processing":
            done = f", {job.progress:.0%}" if job.progress else ""
            return f":material/auto_stories: Being read{done}"
        case "failed":
            return f":orange[:material/error:] Could not be read. {why(job)}"
        case "skipped":
            return plain(job.reason)
    return joined(plain(remark) for remark in job.remarks)


def why(job: Job) -> str:
    """Say why a file could not be read, and what to do."""
    return plain(f"{job.reason.rstrip('.')}. {job.fix}".strip())


def about(file: File, ended_at: str | None) -> str:
    """Say which session a file is in, and when the work on it ended."""
    session = shared.library().session(file.session_id)
    return joined([f"[{plain(session.title)}](session?id={session.id})", when(ended_at or "")])


def show(job: Job, lines: Lines) -> None:
    """Show a line about a file's reading; one that will change is kept in `lines` for `follow`."""
    said = words(job)
    if job.state in _UNSETTLED:
        lines[job.file_id] = st.empty()
        lines[job.file_id].caption(said)
    elif job.state == "failed":
        st.markdown(f":small[{said}]")
        again(job.file_id)
    elif said:
        st.caption(said)


def again(file_id: int) -> None:
    """Show the button that has a file read again."""
    st.button(
        "Try again", key=f"read-again-{file_id}", type="tertiary", icon=":material/refresh:",
        on_click=_read_again, args=(file_id,),
    )  # fmt: skip


def follow(session: Session, sums: DeltaGenerator, lines: Lines) -> None:
    """Keep the lines true while their files are read, and `sums`, which tells of all files of the session.

    The page itself need not be drawn again.
    """
    counts = _sum_up(session, sums)
    if lines or any(counts.get(state) for state in _UNSETTLED):
        st.fragment(_follow, run_every=_LOOK_AGAIN_S)(session, sums, lines)


def _sum_up(session: Session, sums: DeltaGenerator) -> dict[JobState, int]:
    counts = shared.read(lambda db: processing.counts_in(db, session.id))
    if said := how_many(counts):
        sums.caption(said)
    else:
        sums.empty()
    return counts


def how_many(counts: Mapping[JobState, int]) -> str:
    """Say how many files are not read yet, or cannot be; nothing when there are none."""
    left, failed = sum(counts.get(state, 0) for state in _UNSETTLED), counts.get("failed", 0)
    return joined([
        f"{count_text(left, 'file is', 'files are')} being read" if left else "",
        f"{count_text(failed, 'file')} could not be read" if failed else "",
    ])  # fmt: skip


def _follow(session: Session, sums: DeltaGenerator, lines: Mapping[int, DeltaGenerator]) -> None:
    _sum_up(session, sums)
    for file_id, job in of_files([*lines]).items():
        said = words(job)
        if said:
            lines[file_id].caption(said)
        else:
            lines[file_id].empty()


def _read_again(file_id: int) -> None:
    shared.attempt(lambda: shared.wiring().processing.again([file_id]))
