"""The official JavaScript client of tus against a server process."""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import patient
from tests.api import tus
from tests.api.live import Server

HERE = Path(__file__).parent / "tus_js"
DATA = os.urandom(5_000_000)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    found = Server(tmp_path / "server")
    yield found
    found.stop()


@pytest.fixture(scope="session")
def client_folder(pytestconfig: pytest.Config) -> Path:
    """Install the client once into the cache; skip where that is not possible."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("node and npm are not installed")
    folder = Path(str(pytestconfig.cache.mkdir("tus-js")))
    lock = (HERE / "package-lock.json").read_bytes()
    installed = folder / "package-lock.json"
    if not (folder / "node_modules").is_dir() or not installed.exists() or installed.read_bytes() != lock:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder / name)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode:
            installed.unlink()
            pytest.skip(f"npm could not install the client: {done.stderr.strip()[-300:]}")
    return folder


def test_it_breaks_off_and_resumes(server: Server, client_folder: Path, tmp_path: Path) -> None:
    with httpx.Client(base_url=server.url, timeout=patient.TIMEOUT_S) as client:
        session_id = client.post("/api/v1/sessions", json={"title": "Week 6"}).json()["id"]
        (tmp_path / "a.bin").write_bytes(DATA)
        endpoint = f"{server.url}/api/v1/uploads/"
        command = ["node", str(HERE / "resume.mjs"), endpoint, str(tmp_path / "a.bin"), str(session_id)]
        done = subprocess.run(
            [*command, str(tmp_path / "urls.json")],
            cwd=client_folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert told["before"] >= 2_000_000
        assert told["before"] + told["sent"] <= len(DATA) + 1_000_000  # no byte twice but the last slice
        file = tus.settled(client, httpx.URL(told["url"]).path)["file"]
        assert (file["name"], file["sha256"]) == ("Übung.bin", hashlib.sha256(DATA).hexdigest())
