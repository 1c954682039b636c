"""`add` with many files, which several processes add: as sure as one alone, whichever of them dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from studybuddy.settings import load_settings
from studybuddy.units import MIB
from studybuddy.wiring import open_all
from tests.cli.conftest import Shell, children, gone
from tests.invariants import check_at_rest

COUNT = 2_600

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2, reason="one process adds all of them here"
)


@pytest.fixture
def tree(shell: Shell) -> Path:
    top = shell.folder / "Biology"
    top.mkdir()
    for number in range(COUNT):
        (top / f"{number:05}.txt").write_text(f"what {number} says")
    return top


def check_library(shell: Shell) -> None:
    wiring = open_all(load_settings(shell.environ(), env_file=shell.folder / "no.env"))
    try:
        wiring.recovery.run()
        check_at_rest(wiring)
    finally:
        wiring.close()


@contextmanager
def adding(shell: Shell) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """Add the tree; give the process and those that it has started, when the first files are being written."""
    with subprocess.Popen(
        shell.command("add", "Biology", "--session", "S"),
        cwd=shell.folder,
        env=shell.environ(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        deadline = time.monotonic() + 60
        while not (shell.folder / "uploads" / "study-sessions").exists():
            assert time.monotonic() < deadline
            time.sleep(0.002)
        yield process, children(process.pid)


def test_all_are_added_and_told_in_their_order(shell: Shell, tree: Path) -> None:
    told = shell.json("add", "Biology", "--session", "S")
    assert [Path(each["path"]).name for each in told["added"]] == [f"{number:05}.txt" for number in range(COUNT)]
    assert all(
        each["file"]["sha256"] == sha256((shell.folder / each["path"]).read_bytes()).hexdigest()
        for each in told["added"]
    )
    check_library(shell)


def test_a_file_that_cannot_be_added_is_told_and_all_others_are_added(shell: Shell, tree: Path) -> None:
    (tree / "00700.txt").write_bytes(b"x" * (MIB + 1))
    ran = shell("add", "Biology", "--session", "S", "--json", MAX_UPLOAD_MB="1")
    assert ran.code == 1
    assert [Path(each["path"]).name for each in ran.json["failed"]] == ["00700.txt"]
    assert "limit of 1.0 MB" in ran.json["failed"][0]["message"]
    assert len(ran.json["added"]) == COUNT - 1
    check_library(shell)


def test_a_process_that_is_killed_is_told_and_what_was_added_is_safe(shell: Shell, tree: Path) -> None:
    with adding(shell) as (process, others):
        assert len(others) == 2
        os.kill(others[0], signal.SIGKILL)
        _, err = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "A process that added files has ended" in err
    assert "Traceback" not in err, err
    assert gone(others)
    check_library(shell)


def test_no_process_outlives_the_one_that_was_called(shell: Shell, tree: Path) -> None:
    with adding(shell) as (process, others):
        process.kill()
        process.wait()
        assert others
        assert gone(others)
    check_library(shell)


def test_a_second_ctrl_c_stops_at_once(shell: Shell, tree: Path) -> None:
    with adding(shell) as (process, others):
        # As a terminal does: all of them get it.
        for pid in (*others, process.pid):
            os.kill(pid, signal.SIGINT)
        assert process.stderr is not None
        assert "press Ctrl-C again" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Stopped" in err
    assert "Traceback" not in err
    assert gone(others)
    check_library(shell)
