"""A server as a process of its own, on a free port of this computer, ended by its process id."""

import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from random import randrange

_START_SECONDS = 120.0
_PORTS = range(20_000, 32_000)  # below those that systems give to whoever asks for any: nobody gets ours meanwhile
_next_ports = islice(cycle(_PORTS), randrange(len(_PORTS)), None)


def free_port() -> int:
    """Return a port that nothing listens on, each time another one: a server may need seconds until it takes it."""
    return next(port for port in _next_ports if _is_free(port))


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


@contextmanager
def running(command: Sequence[str], *, port: int, log: Path) -> Iterator[None]:
    """Run a server until the end of the block, from when it accepts connections; `log` takes what it says."""
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT) as process:
        try:
            _wait(process, port, log)
            yield
        finally:
            process.kill()  # one that ends by itself would wait for connections that clients keep


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"The server did not start:\n{log.read_text(errors='replace')}")
