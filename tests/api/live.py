"""The API in a process of its own: `python -m tests.api.live FOLDER PORT`, and what starts, measures and kills it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import uvicorn
from starlette.applications import Starlette

from studybuddy.api import middleware, routes
from studybuddy.settings import load_settings
from studybuddy.wiring import open_all
from tests.servers.process import free_port


def serve(folder: Path, port: int) -> None:
    environ = {"UPLOADS_DIR": str(folder / "uploads"), "STUDY_BUDDY_DATA": str(folder / "data")}
    wiring = open_all(load_settings(environ, env_file=folder / "no.env"))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        wiring.start()
        yield
        wiring.close()

    app = Starlette(routes=routes(lambda: wiring), middleware=middleware(lambda: wiring), lifespan=lifespan)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


class Server:
    """A server process over a folder that outlives it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.api.live", str(self._folder), str(self.port)]
        self.process = subprocess.Popen(command)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if httpx.get(f"{self.url}/healthz").is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise RuntimeError("the server did not start")

    def kill(self) -> None:
        """End it as a power cut would."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()

    def memory(self) -> int:
        """Return how many bytes of memory the process has held at most."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return 1024 * int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))
