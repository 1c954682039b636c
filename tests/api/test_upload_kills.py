"""Kills while resumable uploads are received and saved: at every line, and at random moments of a server."""

import hashlib
import os
import random
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from studybuddy.slices import Checksum
from studybuddy.wiring import Wiring, open_all
from tests import patient
from tests.api import tus
from tests.api.live import Server
from tests.api.test_files import stray
from tests.invariants import check_at_rest
from tests.test_kills import Act, in_child, settings_in
from tests.waiting import awaited

SLICE_BYTES = 512 * 1024


DATA = os.urandom(100_000)


def receive(wiring: Wiring) -> None:
    """Take two slices, the second with a checksum; say what was acknowledged."""
    session = wiring.library.session_titled("S")
    upload = wiring.uploads.create(len(DATA), {"filename": "a.bin", "session": str(session.id)})
    print("begun", upload.id, flush=True)
    for start, stop in ((0, 40_000), (40_000, len(DATA))):
        checksum = Checksum("sha256", hashlib.sha256(DATA[start:stop]).digest()) if start else None
        piece = wiring.spool.open_slice(upload.id, start, checksum=checksum)
        for position in range(start, stop, 20_000):
            piece.write(DATA[position : position + 20_000])
        print("acknowledged", upload.id, piece.finish(), flush=True)


def save(wiring: Wiring) -> None:
    """Save the one upload that is whole, in this thread, where the kill comes."""
    (upload,) = wiring.spool.unfinished()
    wiring.uploads._save(upload.id)
    assert wiring.spool.get(upload.id).state == "saved"


@pytest.mark.parametrize("act", [receive, save])
@pytest.mark.parametrize("step", [pytest.param(97, id="sampled"), pytest.param(1, id="every", marks=pytest.mark.slow)])
def test_a_kill_at_any_line_loses_no_acknowledged_byte(act: Act, step: int, tmp_path: Path) -> None:
    template = tmp_path / "template"
    wiring = open_all(settings_in(template))
    if act is save:
        receive(wiring)
    wiring.close()
    lines = int(in_child(template, tmp_path / "count", act, die_at=None).split()[-1])
    assert lines > 100
    for line in range(1, lines + 1, step):
        go_on_and_check(tmp_path / "killed", in_child(template, tmp_path / "killed", act, die_at=line), act)


def go_on_and_check(folder: Path, said: str, act: Act) -> None:
    """Start again, send what is missing, and look at what there is."""
    wiring = open_all(settings_in(folder))
    wiring.recovery.run()
    told = [line.split() for line in said.splitlines()]
    begun = [line[1] for line in told if line[0] == "begun"]
    acknowledged = max((int(line[2]) for line in told if line[0] == "acknowledged"), default=0)
    for upload in wiring.spool.unfinished():
        here = wiring.spool.settle(upload.id).offset
        assert here >= (acknowledged if upload.id in begun else 0)
        if here < len(DATA):
            piece = wiring.spool.open_slice(upload.id, here)
            piece.write(DATA[here:])
            piece.finish()
    assert {upload.id for upload in wiring.spool.unfinished()} >= set(begun)
    wiring.uploads.resume()
    awaited(lambda: {path.suffix for path in stray(wiring)} <= {".saved", ".part"})
    assert wiring.spool.unfinished() == []
    with wiring.catalog.read() as db:
        hashes = [row[0] for row in db.execute("SELECT sha256 FROM files").fetchall()]
    assert hashes == [hashlib.sha256(DATA).hexdigest()] * len(hashes)
    assert len(hashes) == 1 or (act is receive and not begun and not hashes)
    check_at_rest(wiring)
    wiring.close()


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


def kill_while(threads: Sequence[threading.Thread], server: Server) -> int:
    """Kill the server again and again, 25 times at most; return how often."""
    chance, kills = random.Random(1), 0
    while any(thread.is_alive() for thread in threads) and kills < 25:
        time.sleep(chance.uniform(0.02, 0.8))
        server.kill()
        server.start()
        kills += 1
    return kills


@pytest.mark.slow
def test_every_file_is_saved_once_whenever_the_server_is_killed(tmp_path: Path) -> None:
    server = Server(tmp_path)
    session_id = int(patient.post(f"{server.url}/api/v1/sessions", json={"title": "Killed"}).json()["id"])
    deadline = time.monotonic() + 300
    files = [os.urandom(size) for size in (0, 1000, SLICE_BYTES, 3_000_000, 20_000_000, 40_000_000) for _ in range(3)]
    told: dict[int, str] = {}

    def send_share(share: int) -> None:
        for number in range(share, len(files), 3):
            told[number] = send(server, session_id, files[number], deadline)

    threads = [threading.Thread(target=send_share, args=(share,)) for share in range(3)]
    for thread in threads:
        thread.start()
    assert kill_while(threads, server) >= 5
    for thread in threads:
        thread.join()
    server.stop()
    assert told == {number: hashlib.sha256(data).hexdigest() for number, data in enumerate(files)}
    wiring = open_all(settings_in(tmp_path))
    wiring.recovery.run()
    check_at_rest(wiring)
    assert [path for path in stray(wiring) if path.suffix != ".saved"] == []
    wiring.close()
