"""A process that kills itself at a line of ours."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

PACKAGE = str(Path(__file__).parent.parent / "studybuddy")


def count_lines(act: Callable[[], object], *, die_at: int | None) -> int:
    """Do something and return how many lines of ours it took; die by SIGKILL at one of them."""
    count = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        if event == "line":
            count += 1
            if count == die_at:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    threading.settrace(trace)
    sys.settrace(trace)
    try:
        act()
    finally:
        sys.settrace(None)
        threading.settrace(None)
    return count


def survives(act: Callable[[], object], *, die_at: int) -> bool:
    """Do something in a child that dies at a line of ours; tell whether it came to its end before."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            count_lines(act, die_at=die_at)
            status = 0
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in {0, -signal.SIGKILL}
    return status == 0
