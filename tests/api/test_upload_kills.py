"""A server that is killed again and again while files are sent: each is saved once, with its hash."""

import hashlib
import os
import random
import threading
import time
from pathlib import Path

import httpx
import pytest

from studybuddy.settings import load_settings
from studybuddy.wiring import open_all
from tests.api import tus
from tests.api.live import Server
from tests.api.test_files import stray
from tests.invariants import check_at_rest

SLICE_BYTES = 512 * 1024


def send(server: Server, session_id: int, data: bytes, deadline: float) -> str:
    """Send a file as a client does that never gives up; return its hash as the server tells it."""
    path = ""
    while time.monotonic() < deadline:
        try:
            with httpx.Client(base_url=server.url, timeout=5) as client:
                path = path or tus.create(client, len(data), session=session_id)
                here = tus.offset(client, path)
                while here < len(data):
                    tus.patch(client, path, here, data[here : here + SLICE_BYTES]).raise_for_status()
                    here += SLICE_BYTES
                found = tus.settled(client, path)
                assert found["state"] == "saved", found["error"]
                return str(found["file"]["sha256"])
        except httpx.HTTPError:
            time.sleep(0.05)
    raise TimeoutError(path)


@pytest.mark.slow
def test_every_file_is_saved_once_whenever_the_server_is_killed(tmp_path: Path) -> None:
    server = Server(tmp_path)
    session_id = int(httpx.post(f"{server.url}/api/v1/sessions", json={"title": "Killed"}).json()["id"])
    chance = random.Random(1)
    deadline = time.monotonic() + 300
    files = [os.urandom(size) for size in (0, 1000, SLICE_BYTES, 3_000_000, 20_000_000, 40_000_000) for _ in range(3)]
    told: dict[int, str] = {}

    def send_share(share: int) -> None:
        for number in range(share, len(files), 3):
            told[number] = send(server, session_id, files[number], deadline)

    threads = [threading.Thread(target=send_share, args=(share,)) for share in range(3)]
    for thread in threads:
        thread.start()
    kills = 0
    while any(thread.is_alive() for thread in threads) and kills < 25:
        time.sleep(chance.uniform(0.02, 0.8))
        server.kill()
        server.start()
        kills += 1
    for thread in threads:
        thread.join()
    server.stop()
    assert kills >= 5
    assert told == {number: hashlib.sha256(data).hexdigest() for number, data in enumerate(files)}
    environ = {"UPLOADS_DIR": str(tmp_path / "uploads"), "STUDY_BUDDY_DATA": str(tmp_path / "data")}
    wiring = open_all(load_settings(environ, env_file=tmp_path / "no.env"))
    wiring.recovery.run()
    check_at_rest(wiring)
    assert [path for path in stray(wiring) if path.suffix != ".saved"] == []
    wiring.close()
