"""The command line as a process of its own, in a folder of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output; anything else there fails."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Shell:
    """Runs `python -m studybuddy` in `folder`, whose library it uses."""

    folder: Path

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "studybuddy", *arguments]

    def environ(self, **settings: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT", "LANG") if name in os.environ}
        folders = {"UPLOADS_DIR": str(self.folder / "uploads"), "STUDY_BUDDY_DATA": str(self.folder / "data")}
        return {**kept, **folders, "PYTHONPATH": str(ROOT), **settings}

    def __call__(self, *arguments: str, **settings: str) -> Ran:
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environ(**settings),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)

    def json(self, *arguments: str, **settings: str) -> Any:
        """Run a command that must succeed; return its document."""
        ran = self(*arguments, "--json", **settings)
        assert ran.code == 0, ran
        return ran.json


def children(pid: int) -> list[int]:
    """Return the processes that a process has started, by whichever of its threads, where the system tells."""
    told = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):  # the thread has ended meanwhile
            told += [int(each) for each in listed.read_text().split()]
    return told


def gone(pids: Sequence[int]) -> bool:
    """Wait until none of these processes runs any more."""
    deadline = time.monotonic() + 60
    while any(_runs(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _runs(pid: int) -> bool:
    """Tell whether any thread still runs: the first may be dead while another holds the process's files open."""
    try:
        return any(not _is_dead(thread) for thread in Path(f"/proc/{pid}/task").iterdir())
    except FileNotFoundError:
        return False


def _is_dead(thread: Path) -> bool:
    try:
        return (thread / "stat").read_text().rpartition(")")[2].split()[0] in "XZ"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)
