"""The API over real connections: streams, broken connections, memory, kills."""

import contextlib
import hashlib
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import patient
from tests.api import tus
from tests.api.live import Server
from tests.waiting import awaited

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    found = Server(tmp_path_factory.mktemp("server"))
    yield found
    found.stop()


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=patient.TIMEOUT_S) as found:
        yield found


@pytest.fixture
def session_id(client: httpx.Client) -> int:
    return int(client.post("/api/v1/sessions", json={"title": "Week 6"}).json()["id"])


def half_a_patch(server: Server, path: str, offset: int, length: int, data: bytes) -> socket.socket:
    """Begin a PATCH of `length` bytes, send only `data` of it, and keep the connection."""
    connection = socket.create_connection(("127.0.0.1", server.port))
    head = (
        f"PATCH {path} HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: {offset}\r\n"
        f"Content-Type: application/offset+octet-stream\r\nContent-Length: {length}\r\n\r\n"
    )
    connection.sendall(head.encode() + data)
    return connection


def wait_for_offset(client: httpx.Client, path: str, at_least: int) -> int:
    return awaited(lambda: int(client.get(path).json()["offset"]), lambda found: found >= at_least)


def test_a_large_body_goes_in_and_out_in_little_memory(server: Server, client: httpx.Client, session_id: int) -> None:
    piece = os.urandom(MIB)
    hashing = hashlib.sha256()
    for _ in range(300):
        hashing.update(piece)
    before = server.memory()
    answer = client.post(
        f"/api/v1/sessions/{session_id}/files",
        content=(piece for _ in range(300)),
        headers={"X-File-Name": "large.bin"},
    )
    file = answer.json()["results"][0]["file"]
    assert (file["size"], file["sha256"]) == (300 * MIB, hashing.hexdigest())
    back = hashlib.sha256()
    with client.stream("GET", file["content_url"]) as stream:
        for received in stream.iter_bytes():
            back.update(received)
    assert back.hexdigest() == hashing.hexdigest()
    assert server.memory() - before < 60 * MIB


def test_a_form_with_a_large_file_takes_little_memory(server: Server, client: httpx.Client, session_id: int) -> None:
    piece = os.urandom(MIB)
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="large.bin"\r\n\r\n'
    before = server.memory()

    def body() -> Iterator[bytes]:
        yield head
        for _ in range(200):
            yield piece
        yield b"\r\n--x--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = client.post(f"/api/v1/sessions/{session_id}/files", content=body(), headers=headers)
    assert answer.status_code == 201
    assert answer.json()["results"][0]["file"]["size"] == 200 * MIB
    assert server.memory() - before < 60 * MIB


def test_a_connection_that_breaks_keeps_what_came(server: Server, client: httpx.Client, session_id: int) -> None:
    data = os.urandom(3 * MIB)
    path = tus.create(client, len(data), session=session_id)
    half_a_patch(server, path, 0, len(data), data[: 2 * MIB + 17]).close()
    assert wait_for_offset(client, path, 2 * MIB + 17) == 2 * MIB + 17
    tus.patch(client, path, 2 * MIB + 17, data[2 * MIB + 17 :])
    assert tus.settled(client, path)["file"]["sha256"] == hashlib.sha256(data).hexdigest()


def test_a_half_open_connection_does_not_block_its_resume(
    server: Server, client: httpx.Client, session_id: int
) -> None:
    data = os.urandom(4 * MIB)
    path = tus.create(client, len(data), session=session_id)
    hanging = half_a_patch(server, path, 0, len(data), data[: 2 * MIB])
    wait_for_offset(client, path, MIB)
    began = time.monotonic()
    here = tus.offset(client, path)
    assert tus.patch(client, path, here, data[here:]).status_code == 204
    assert time.monotonic() - began < 25
    hanging.settimeout(60)
    assert b" 409 " in hanging.recv(1000)
    hanging.close()
    assert tus.settled(client, path)["file"]["sha256"] == hashlib.sha256(data).hexdigest()


def test_a_new_slice_takes_over_without_asking_first(server: Server, client: httpx.Client, session_id: int) -> None:
    data = os.urandom(4 * MIB)
    path = tus.create(client, len(data), session=session_id)
    hanging = half_a_patch(server, path, 0, len(data), data[:MIB])
    here = wait_for_offset(client, path, MIB)
    assert tus.patch(client, path, here, data[here:]).status_code == 204
    with hanging, pytest.raises((BrokenPipeError, ConnectionResetError)):
        for _ in range(50):
            hanging.sendall(b"x" * MIB)
    assert tus.settled(client, path)["file"]["sha256"] == hashlib.sha256(data).hexdigest()


def test_a_kill_in_the_middle_of_a_slice_loses_no_acknowledged_byte(
    server: Server, client: httpx.Client, session_id: int
) -> None:
    data = os.urandom(6 * MIB)
    path = tus.create(client, len(data), session=session_id)
    tus.patch(client, path, 0, data[: 2 * MIB])
    hanging = half_a_patch(server, path, 2 * MIB, 4 * MIB, data[2 * MIB : 4 * MIB])
    wait_for_offset(client, path, 3 * MIB)
    server.kill()
    hanging.close()
    server.start()
    here = tus.offset(client, path)
    assert here >= 2 * MIB
    tus.patch(client, path, here, data[here:])
    assert tus.settled(client, path)["file"]["sha256"] == hashlib.sha256(data).hexdigest()


def test_an_upload_whose_saving_was_killed_is_saved_once_after_the_restart(
    server: Server, client: httpx.Client, session_id: int
) -> None:
    data = os.urandom(24 * MIB)
    expected = []
    for _ in range(8):
        path = tus.create(client, len(data), session=session_id)
        tus.patch(client, path, 0, data)
        expected.append(path)
    server.kill()
    server.start()
    found = [tus.settled(client, path) for path in expected]
    assert {upload["state"] for upload in found} == {"saved"}
    assert {upload["file"]["sha256"] for upload in found} == {hashlib.sha256(data).hexdigest()}
    assert client.get(f"/api/v1/sessions/{session_id}").json()["file_count"] == 8
    assert client.get("/api/v1/uploads").json() == {"uploads": []}


def open_files(server: Server) -> list[str]:
    names = []
    for link in Path(f"/proc/{server.process.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # it was closed meanwhile
            names.append(str(link.readlink()))
    return names


def test_a_client_that_leaves_in_the_middle_of_a_file_is_noticed(
    server: Server, client: httpx.Client, session_id: int
) -> None:
    data = os.urandom(100 * MIB)
    added = client.post(f"/api/v1/sessions/{session_id}/files", content=data, headers={"X-File-Name": "a.bin"})
    url = added.json()["results"][0]["file"]["content_url"]
    with client.stream("GET", url) as stream:
        next(stream.iter_bytes())
    awaited(lambda: open_files(server), lambda names: not any("study-sessions" in name for name in names))


def test_a_body_that_is_too_large_is_refused_by_its_announced_length(
    server: Server, client: httpx.Client, session_id: int
) -> None:
    for path in (f"/api/v1/sessions/{session_id}/files", "/lectures/1/upload-audio"):
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            client.post("/api/v1/lectures", json={"session_id": session_id, "title": "One"})
            head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nX-File-Name: a\r\nContent-Length: {10**12}\r\n\r\n"
            connection.sendall(head.encode())
            assert b" 413 " in connection.recv(1000)


def test_an_early_answer_reaches_a_client_that_is_still_sending(client: httpx.Client) -> None:
    answer = client.patch(
        "/api/v1/uploads/" + "0" * 32, content=b"x" * 8 * MIB, headers={**tus.SLICE, "Upload-Offset": "0"}
    )
    assert answer.status_code == 404
