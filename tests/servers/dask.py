"""A Dask cluster of this computer: a scheduler and workers, each a process of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.process import free_port, running

ROOT = Path(__file__).parents[2]
_READY_S = 120


@dataclass(frozen=True, slots=True)
class Dask:
    """A running scheduler."""

    url: str
    folder: Path

    @contextmanager
    def worker(self, name: str) -> Iterator["subprocess.Popen[bytes]"]:
        """Run a worker until the end of the block, from when the scheduler knows it."""
        command = [sys.executable, "-m", "distributed.cli.dask_worker", self.url, "--no-nanny", "--nthreads", "2"]
        command += ["--name", name, "--no-dashboard", "--local-directory", str(self.folder)]
        log = self.folder / f"{name}.log"
        environ = {**os.environ, "PYTHONPATH": str(ROOT)}
        with log.open("wb") as output, subprocess.Popen(
            command, cwd=self.folder, env=environ, stdout=output, stderr=subprocess.STDOUT
        ) as process:  # fmt: skip
            try:
                _wait_for(process, log)
                yield process
            finally:
                process.kill()


@contextmanager
def scheduler(folder: Path, *, flags: Sequence[str] = ()) -> Iterator[Dask]:
    """Run a scheduler by a Python with these flags."""
    port = free_port()
    command = [
        sys.executable,
        *flags,
        "-m",
        "distributed.cli.dask_scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    with running([*command, "--no-dashboard"], port=port, log=folder / "scheduler.log"):
        yield Dask(f"tcp://127.0.0.1:{port}", folder)


def _wait_for(process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline and process.poll() is None:
        if b"Registered to" in log.read_bytes():
            return
        time.sleep(0.05)
    raise RuntimeError(f"The worker did not start:\n{log.read_text(errors='replace')}")
