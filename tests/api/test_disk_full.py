"""A disk that is full before and while bytes come."""

import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from studybuddy.wiring import Wiring
from tests.api import tus
from tests.api.test_errors import error
from tests.api.test_files import stray

MIB = 1024 * 1024


@pytest.fixture
def tmp_path(tmp_path: Path) -> Iterator[Path]:
    """A file system of 48 MiB, so that the library lies on it."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=48m", "none", str(tmp_path)]
    if os.name == "nt" or os.geteuid() != 0 or subprocess.run(mount, check=False).returncode != 0:
        pytest.skip("only root can mount a small disk")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


def fill(folder: Path, *, leave: int) -> Path:
    """Fill the disk but for `leave` bytes."""
    state = os.statvfs(folder)
    filler = folder / "filler"
    filler.write_bytes(bytes(state.f_bavail * state.f_frsize - leave))
    return filler


def test_an_upload_is_refused_before_and_goes_on_after(client: TestClient, session_id: int, tmp_path: Path) -> None:
    data = os.urandom(6 * MIB)
    path = tus.create(client, len(data), session=session_id)
    tus.patch(client, path, 0, data[:MIB])
    filler = fill(tmp_path, leave=2 * MIB)
    assert "disk" in error(tus.patch(client, path, MIB, data[MIB:]), 507)["message"]
    headers = {**tus.VERSION, "Upload-Length": "1", "Upload-Metadata": tus.metadata(session=session_id)}
    error(client.post("/api/v1/uploads", headers=headers), 507)
    filler.unlink()
    assert tus.offset(client, path) == MIB
    tus.patch(client, path, MIB, data[MIB:])
    assert tus.settled(client, path)["file"]["sha256"] == hashlib.sha256(data).hexdigest()


def test_a_body_of_unknown_length_is_told_and_leaves_nothing(
    client: TestClient, wiring: Wiring, session_id: int, tmp_path: Path
) -> None:
    filler = fill(tmp_path, leave=36 * MIB)

    def body() -> Iterator[bytes]:
        yield bytes(MIB)
        with filler.open("ab") as stream:
            stream.write(bytes(34 * MIB))
        for _ in range(4):
            yield bytes(MIB)

    path = f"/api/v1/sessions/{session_id}/files"
    answer = client.post(path, content=body(), headers={"X-File-Name": "a.bin"})
    assert "disk" in error(answer, 507)["message"]
    assert stray(wiring) == []
    filler.unlink()
    assert client.post(path, content=b"x", headers={"X-File-Name": "a.bin"}).status_code == 201
