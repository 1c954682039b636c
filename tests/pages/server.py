"""Starts a Streamlit server process for tests, with folders of its own, and ends it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.servers.process import free_port

ROOT = Path(__file__).parents[2]
UPLOADER_APP = ROOT / "tests/pages/uploader_app/app.py"
_READY_S = 120
PATIENCE_MS = 90_000  # of a browser: other programs may run on this computer at the same time


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `log` is what it printed."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def rss_bytes(self) -> int:
        """Return how much memory the process holds now."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGESIZE")


@contextmanager
def running(folder: Path, *, script: Path = ROOT / "app.py", port: int = 0, **settings: str) -> Iterator[Server]:
    """Run `script` on `port` (0: a free one) until the block ends; its data lie in `folder`."""
    port = port or free_port()
    log = folder / "server.log"
    folders = {"UPLOADS_DIR": str(folder / "uploads"), "STUDY_BUDDY_DATA": str(folder / "data")}
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless=true"]
    command += ["--server.address=127.0.0.1", f"--server.port={port}", "--server.fileWatcherType=none"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--browser.gatherUsageStats=false"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "STORAGE": "LOCAL", **folders, **settings},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Server(f"http://127.0.0.1:{port}", process, log)
    try:
        _wait_until_ready(server)
        yield server
    finally:
        _end(process)


def _wait_until_ready(server: Server) -> None:
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            if httpx.get(f"{server.url}/_stcore/health", timeout=2).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{server.log.read_text()}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
