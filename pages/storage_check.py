"""The doctor's checks of a storage, one line after another as they are made, those that failed first at the end."""

from collections.abc import Iterable

import streamlit as st

from pages import shared
from pages.formats import plain
from studybuddy import doctor
from studybuddy.drivers.checks import Check, Outcome
from studybuddy.storage import Storage
from studybuddy.units import count_text

_SIGNS: dict[Outcome, str] = {
    "passed": ":green[:material/check_circle:]",
    "warning": ":orange[:material/warning:]",
    "failed": ":red[:material/error:]",
    "unknown": ":gray[:material/help:]",
    "skipped": ":gray[:material/skip_next:]",
}
_WORDS: dict[Outcome, str] = {
    "passed": "passed",
    "warning": "to look at",
    "failed": "failed",
    "unknown": "could not be looked at",
    "skipped": "skipped",
}


class CheckList:
    """Shows checks as they come, and at the end what is to be done."""

    def __init__(self, title: str) -> None:
        self._checks: list[Check] = []
        self._title = title
        self._result = st.container()
        self._status = st.status(f"{title}…", expanded=True)

    def add(self, check: Check) -> None:
        """Show one more check."""
        self._checks.append(check)
        self._status.update(label=f"{self._title}… {len(self._checks)} checked")
        self._status.markdown(_line(check))

    def end(self) -> bool:
        """Show what came of it, the worst first; tell whether nothing failed."""
        well = doctor.healthy(self._checks)
        self._status.update(label=_summary(self._checks), state="complete" if well else "error", expanded=False)
        with self._result:
            for outcome in ("failed", "warning"):
                for check in self._checks:
                    if check.outcome == outcome:
                        show_problem(check)
        return well


@st.dialog("Check", width="medium", icon=":material/stethoscope:")
def check(storage: Storage) -> None:
    """Make the checks of a storage and show them."""
    st.markdown(
        f"Each thing that Study Buddy does with **{plain(storage.label)}** is tried once. "
        "What is written for that is removed again."
    )
    if carry_out(doctor.diagnose(storage, shared.wiring().catalog)):
        st.success("It can be used.", icon=":material/check_circle:")


def carry_out(checks: Iterable[Check]) -> bool:
    """Show checks while they are made; tell whether nothing failed."""
    shown = CheckList("Checking")
    for made in checks:
        shown.add(made)
    return shown.end()


def show_problem(check: Check) -> None:
    """Show what is wrong, and what to do in words and to paste."""
    todo, _, paste = check.fix.partition("\n")
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"{_SIGNS[check.outcome]} **{plain(check.title)}: {_WORDS[check.outcome]}.** {plain(check.reason)}")
        if paste:
            st.caption(plain(todo))
        if check.fix:
            st.code(paste or todo, language=None, wrap_lines=True)


def _line(check: Check) -> str:
    took = f"{check.seconds:.1f} s" if check.seconds >= 0.05 else ""
    words = "" if check.outcome == "passed" else f": {_WORDS[check.outcome]}"
    reason = f" · {plain(check.reason)}" if check.reason else ""
    return f"{_SIGNS[check.outcome]} {plain(check.title)}{words}{reason} :small[:gray[{took}]]"


def _summary(checks: list[Check]) -> str:
    said = []
    for outcome, words in _WORDS.items():
        if count := sum(check.outcome == outcome for check in checks):
            said.append(f"{count} {words}")
    seconds = sum(check.seconds for check in checks)
    return f"{count_text(len(checks), 'check')} in {seconds:.1f} s: {', '.join(said)}"
