"""A real S3 server stops, stalls and comes back while files are added: none is lost, none waits, all get there."""

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from studybuddy.adding.new_files import NewFile
from studybuddy.api import middleware, routes
from studybuddy.settings import load_settings
from studybuddy.units import KIB
from studybuddy.wiring import Wiring, open_all
from tests.invariants import check_at_rest
from tests.servers import rclone
from tests.servers.fault_proxy import FaultProxy
from tests.servers.place import Server
from tests.servers.process import free_port
from tests.waiting import awaited

FILES = 50
LONGEST_S = 30.0
Add = Callable[[bytes, str], None]


class Endpoint:
    """An S3 server that can be stopped, and started again at the same address with what it held."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._running = ExitStack()
        self.start()
        self.server = Server(f"http://127.0.0.1:{self._port}", rclone.ACCESS_KEY, rclone.SECRET_KEY)

    def start(self) -> None:
        self._running.enter_context(rclone.rclone_server(self._folder, port=self._port))

    def stop(self) -> None:
        self._running.close()


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[Endpoint]:
    (tmp_path / "s3").mkdir()
    found = Endpoint(tmp_path / "s3")
    yield found
    found.stop()


def open_at(server: Server, bucket: str, folder: Path) -> Wiring:
    environ = server.environ(bucket, UPLOADS_DIR=str(folder / "uploads"), STUDY_BUDDY_DATA=str(folder / "data"))
    wiring = open_all(load_settings(environ, env_file=folder / "no.env"))
    wiring.start()
    return wiring


def by_library(wiring: Wiring) -> Add:
    session = wiring.library.create_session("Waves")

    def add(content: bytes, name: str) -> None:
        wiring.library.add(BytesIO(content), NewFile(name, session.id))

    return add


def by_api(wiring: Wiring) -> Add:
    app = Starlette(routes=routes(lambda: wiring), middleware=middleware(lambda: wiring))
    client = TestClient(app, base_url="http://localhost")
    session_id = client.post("/api/v1/sessions", json={"title": "Waves"}).json()["id"]

    def add(content: bytes, name: str) -> None:
        path = f"/api/v1/sessions/{session_id}/files"
        assert client.post(path, content=content, headers={"X-File-Name": name}).status_code == 201

    return add


def add_all(add: Add, *, break_after: int, break_it: Callable[[], object]) -> list[float]:
    """Add all files, eight at a time; break something when some are saved. Return how long each took."""
    saved = threading.Semaphore(0)
    took: list[float] = []

    def one(number: int) -> None:
        begun = time.monotonic()
        add(os.urandom(64 * KIB), f"{number}.bin")
        took.append(time.monotonic() - begun)
        saved.release()

    with ThreadPoolExecutor(8) as pool:
        outcomes = pool.map(one, range(FILES))
        for _ in range(break_after):
            assert saved.acquire(timeout=60)
        break_it()
        list(outcomes)
    return took


def wait_until_empty(wiring: Wiring) -> None:
    awaited(lambda: wiring.outbox.waiting().rows, lambda rows: not rows)


def check_all_are_there(wiring: Wiring, server: Server, bucket: str, *, files: int = FILES) -> None:
    with wiring.catalog.read() as db:
        rows = db.execute(
            "SELECT sha256, key FROM files JOIN copies ON copies.id = current_copy_id WHERE copies.storage_id = ?",
            [wiring.storages().target.id],
        ).fetchall()
    assert len(rows) == files
    for sha256, key in rows:
        body = server.client().get_object(Bucket=bucket, Key=key)["Body"].read()
        assert hashlib.sha256(body).hexdigest() == sha256
    wiring.recovery.run()
    check_at_rest(wiring)


@pytest.mark.parametrize("adding", [by_api, pytest.param(by_library, marks=pytest.mark.slow)])
def test_a_server_that_is_stopped_while_files_are_added_gets_them_all_when_it_is_back(
    adding: Callable[[Wiring], Add], endpoint: Endpoint, tmp_path: Path
) -> None:
    bucket = endpoint.server.new_bucket()
    wiring = open_at(endpoint.server, bucket, tmp_path)
    took = add_all(adding(wiring), break_after=10, break_it=endpoint.stop)
    assert len(took) == FILES
    assert max(took) < LONGEST_S
    assert wiring.outbox.count() >= FILES - 10 - 8
    endpoint.start()
    wait_until_empty(wiring)
    check_all_are_there(wiring, endpoint.server, bucket)
    wiring.close()


def test_what_waits_gets_there_after_a_restart(endpoint: Endpoint, tmp_path: Path) -> None:
    bucket = endpoint.server.new_bucket()
    endpoint.stop()
    wiring = open_at(endpoint.server, bucket, tmp_path)
    add = by_library(wiring)
    for number in range(5):
        add(b"%d" % number, f"{number}.bin")
    wiring.close()
    endpoint.start()
    wiring = open_at(endpoint.server, bucket, tmp_path)
    wait_until_empty(wiring)
    check_all_are_there(wiring, endpoint.server, bucket, files=5)
    wiring.close()


def test_a_server_that_stalls_while_files_are_added_holds_none_up(rclone_server: Server, tmp_path: Path) -> None:
    bucket = rclone_server.new_bucket()
    proxy = FaultProxy(rclone_server.url)
    wiring = open_at(rclone_server.at(proxy.url), bucket, tmp_path)
    took = add_all(by_library(wiring), break_after=10, break_it=lambda: proxy.add("hang", times=10**9))
    assert max(took) < LONGEST_S
    assert wiring.outbox.count() >= FILES - 10 - 8
    proxy.rules.clear()
    wait_until_empty(wiring)
    check_all_are_there(wiring, rclone_server, bucket)
    wiring.close()
    proxy.close()
