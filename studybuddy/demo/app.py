"""The app over the demo's folder: a process of its own, ended by its process id."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import urllib3

from studybuddy.errors import StudyBuddyError

_APP = Path(__file__).parents[2] / "app.py"
_LOG = Path("app.log")
_READY_S = 60
_END_S = 20

Process = subprocess.Popen[bytes]


@contextmanager
def running(port: int) -> Iterator[Process]:
    """Run the app in this folder, from when it answers to the end of the block."""
    command = [sys.executable, "-m", "streamlit", "run", str(_APP), f"--server.port={port}"]
    # A session of its own: Ctrl-C reaches the demo alone, which ends the app before the S3 server.
    with _LOG.open("wb") as log, subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
    ) as process:  # fmt: skip
        try:
            _wait(process, port)
            yield process
        finally:
            _end(process)


def failure() -> StudyBuddyError:
    """Say that the app has ended by itself, with its last words."""
    said = _LOG.read_text("utf-8", errors="replace").strip().splitlines()[-1:]
    return StudyBuddyError(f"The app has ended: {' '.join(said) or 'it said nothing'}", fix="Try make run.")


def _wait(process: Process, port: int) -> None:
    http = urllib3.PoolManager(retries=False, timeout=2)
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if http.request("GET", f"http://127.0.0.1:{port}/healthz").status == 200:
                return
        except urllib3.exceptions.HTTPError:
            time.sleep(0.1)
    raise failure()


def _end(process: Process) -> None:
    process.terminate()
    try:
        process.wait(_END_S)
    except subprocess.TimeoutExpired:
        process.kill()
