"""A process that kills itself at a line of ours."""

import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

PACKAGE = str(Path(__file__).parent.parent / "studybuddy")
Line = tuple[str, int]  # a file's path and a number


def count_lines(act: Callable[[], object], *, die_at: int | None) -> int:
    """Do something and return how many lines of ours it took; die by SIGKILL at one of them."""
    count = 0

    def on_line(_: Line) -> None:
        nonlocal count
        count += 1
        if count == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    _traced(act, on_line)
    return count


def lines_of(act: Callable[[], object]) -> Counter[Line]:
    """Do something and return how often it came by each line of ours."""
    seen: Counter[Line] = Counter()
    _traced(act, lambda line: seen.update([line]))
    return seen


def die_at_line(act: Callable[[], object], line: Line, *, time: int = 1) -> None:
    """Do something and die by SIGKILL when it comes to a line of ours for the first time, or the second..."""
    seen = 0

    def on_line(here: Line) -> None:
        nonlocal seen
        seen += here == line
        if seen == time:
            os.kill(os.getpid(), signal.SIGKILL)

    _traced(act, on_line)


def die_when(act: Callable[[], object], condition: Callable[[], bool]) -> None:
    """Do something and die by SIGKILL at the first line of ours at which this is so."""

    def on_line(_: Line) -> None:
        if condition():
            os.kill(os.getpid(), signal.SIGKILL)

    _traced(act, on_line)


def _traced(act: Callable[[], object], on_line: Callable[[Line], object]) -> None:
    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        if event == "line":
            on_line((frame.f_code.co_filename, frame.f_lineno))
        return trace

    threading.settrace(trace)
    sys.settrace(trace)
    try:
        act()
    finally:
        sys.settrace(None)
        threading.settrace(None)


def survives(act: Callable[[], object], *, die_at: int) -> bool:
    """Do something in a child that dies at a line of ours; tell whether it came to its end before."""
    return in_child(lambda: count_lines(act, die_at=die_at))


def in_child(act: Callable[[], object]) -> bool:
    """Do something in a child that may die by SIGKILL; tell whether it came to its end."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            act()
            status = 0
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in {0, -signal.SIGKILL}
    return status == 0
