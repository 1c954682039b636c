"""Checks of a storage: each with its outcome and its time, and where it is not well the reason and the fix."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from studybuddy.errors import StudyBuddyError, UnavailableError

Outcome = Literal["passed", "warning", "failed", "unknown", "skipped"]


@dataclass(frozen=True, slots=True)
class Check:
    """One check that was made. In `fix`, lines behind the first are to be pasted as they stand."""

    name: str
    title: str
    outcome: Outcome
    seconds: float
    reason: str = ""
    fix: str = ""
    seen: Mapping[str, int] = field(default_factory=dict)  # what is paid for and no list of objects shows


@dataclass(frozen=True, slots=True)
class Found:
    """What one look came to."""

    outcome: Outcome = "passed"
    reason: str = ""
    fix: str = ""
    seen: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """A check that can be made. `look` raises one of our errors when it fails."""

    name: str
    title: str
    look: Callable[[], Found]
    needs: tuple[str, ...] = ()  # the checks without which this one would tell nothing


def carry_out(steps: Iterable[Step]) -> Iterator[Check]:
    """Make the checks one after another, each when it is asked for; skip what a failed one makes pointless.

    A storage that does not answer is not asked again: each question would wait as long.
    """
    causes: dict[str, str] = {}  # the title of what failed first, by the name of each check that has no result
    gone: list[str] = []
    for step in steps:
        cause = next(iter([*gone, *(causes[name] for name in step.needs if name in causes)]), None)
        check = _carry_out(step, gone) if cause is None else _skip(step, cause)
        if check.outcome in {"failed", "skipped"}:
            causes[step.name] = cause or step.title
        yield check


def _carry_out(step: Step, gone: list[str]) -> Check:
    started = time.monotonic()
    try:
        found = step.look()
    except StudyBuddyError as error:
        found = Found("failed", str(error), error.fix)
        if isinstance(error, UnavailableError):
            gone.append(step.title)
    seconds = time.monotonic() - started
    return Check(step.name, step.title, found.outcome, seconds, found.reason, found.fix, found.seen)


def _skip(step: Step, cause: str) -> Check:
    return Check(step.name, step.title, "skipped", 0.0, f"Waits for: {cause}")
