"""The command line beside a running server: neither breaks the other, and nothing acknowledged is lost."""

import hashlib
import os
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from studybuddy.settings import load_settings
from studybuddy.wiring import open_all
from tests import patient
from tests.api.live import Server
from tests.cli.conftest import Shell
from tests.invariants import check_at_rest

_BY_HTTP = 60
_ROUNDS = 6
_SLOW_BYTES = 4_000_000


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    found = Server(tmp_path)
    yield found
    found.stop()


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def check_library(folder: Path) -> None:
    environ = {"UPLOADS_DIR": str(folder / "uploads"), "STUDY_BUDDY_DATA": str(folder / "data")}
    wiring = open_all(load_settings(environ, env_file=folder / "no.env"))
    try:
        wiring.recovery.run()
        check_at_rest(wiring)
    finally:
        wiring.close()


def new_session(server: Server, title: str) -> int:
    answer = patient.post(f"{server.url}/api/v1/sessions", json={"title": title})
    session_id: int = answer.raise_for_status().json()["id"]
    return session_id


def add_by_http(server: Server, session_id: int, content: bytes) -> tuple[int, str]:
    """Add a file; return its id and its hash."""
    answer = patient.post(
        f"{server.url}/api/v1/sessions/{session_id}/files",
        content=content,
        headers={"X-File-Name": "a.bin", "Content-Type": "application/octet-stream"},
    )
    file = answer.raise_for_status().json()["results"][0]["file"]
    assert file["sha256"] == hashlib.sha256(content).hexdigest()
    return file["id"], file["sha256"]


def hash_by_http(server: Server, file_id: int) -> str:
    answer = patient.get(f"{server.url}/api/v1/files/{file_id}/content")
    return hashlib.sha256(answer.raise_for_status().content).hexdigest()


def work_by_command(shell: Shell) -> dict[int, str]:
    """Add folders, trash and purge; return what must still be there."""
    chance = random.Random(7)
    kept: dict[int, str] = {}
    for number in range(_ROUNDS):
        folder = shell.folder / f"week {number}"
        folder.mkdir()
        for name in range(30):
            (folder / f"{name}.bin").write_bytes(os.urandom(chance.randint(0, 20_000)))
        added = shell.json("add", str(folder), "--session", "By command")["added"]
        files = {one["file"]["id"]: one["file"]["sha256"] for one in added}
        assert len(files) == 30
        gone, back = chance.sample(sorted(files), 2)
        for file_id in (gone, back):
            shell.json("trash", str(file_id))
        shell.json("purge", str(gone))
        shell.json("restore", str(back))
        del files[gone]
        kept |= files
    return kept


def test_server_and_commands_add_trash_and_purge_at_once(server: Server, shell: Shell) -> None:
    session_id = new_session(server, "By HTTP")
    contents = [os.urandom(random.Random(number).randint(0, 300_000)) for number in range(_BY_HTTP)]
    with ThreadPoolExecutor(4) as pool:
        by_command = pool.submit(work_by_command, shell)
        by_http = dict(pool.map(lambda content: add_by_http(server, session_id, content), contents))
        kept = by_command.result() | by_http
    for file_id, sha256 in kept.items():
        assert hash_by_http(server, file_id) == sha256
    server.stop()
    check_library(shell.folder)


def test_a_command_never_gives_up_what_the_server_is_writing(server: Server, shell: Shell) -> None:
    session_id = new_session(server, "By HTTP")
    content = os.urandom(_SLOW_BYTES)
    with ThreadPoolExecutor(1) as pool:
        adding = pool.submit(add_slowly, server, session_id, content)
        while not adding.done():
            shell.json("files")  # each opens the library, and recovers what is dead
        file_id, sha256 = adding.result()
    assert hash_by_http(server, file_id) == sha256 == hashlib.sha256(content).hexdigest()
    server.stop()
    check_library(shell.folder)


def add_slowly(server: Server, session_id: int, content: bytes) -> tuple[int, str]:
    """Add a file over the network, with a pause behind each piece; return its id and SHA-256."""

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(content), 200_000):
            yield content[start : start + 200_000]
            time.sleep(0.1)

    answer = patient.post(
        f"{server.url}/api/v1/sessions/{session_id}/files",
        content=pieces(),
        headers={"X-File-Name": "slow.bin", "Content-Type": "application/octet-stream"},
    )
    file = answer.raise_for_status().json()["results"][0]["file"]
    return file["id"], file["sha256"]


def test_a_command_settles_what_a_killed_server_was_writing(server: Server, shell: Shell) -> None:
    session_id = new_session(server, "By HTTP")
    saved = dict([add_by_http(server, session_id, os.urandom(1000)) for _ in range(5)])
    stop = threading.Event()

    def add_until_the_end() -> None:
        while not stop.is_set():
            try:
                file_id, sha256 = add_by_http(server, session_id, os.urandom(500_000))
            except httpx.HTTPError:
                return
            saved[file_id] = sha256

    thread = threading.Thread(target=add_until_the_end)
    thread.start()
    stop.wait(1)
    server.kill()
    stop.set()
    thread.join()
    there = {file["id"]: file["sha256"] for file in shell.json("files")["files"]}
    assert saved.items() <= there.items()
    check_library(shell.folder)
