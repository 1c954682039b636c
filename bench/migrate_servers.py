"""Two S3 servers of a kind for `bench/migrate.py`, started by a command with `{address}` in it."""

import shlex
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager


@contextmanager
def servers(command: str) -> Iterator[list[str]]:
    """Start two servers; stop them at the end."""
    with ExitStack() as stack:
        endpoints = []
        for _ in range(2):
            address = f"127.0.0.1:{free_port()}"
            started = subprocess.Popen(shlex.split(command.format(address=address)), stderr=subprocess.DEVNULL)
            stack.callback(started.wait)
            stack.callback(started.terminate)
            wait_for(address)
            endpoints.append(f"http://{address}")
        yield endpoints


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def wait_for(address: str) -> None:
    host, _, port = address.partition(":")
    for _ in range(100):
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{address} does not answer")
