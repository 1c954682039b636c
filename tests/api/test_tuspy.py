"""The official Python client of tus against a server process."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tusclient.client import TusClient
from tusclient.fingerprint import fingerprint
from tusclient.storage import filestorage
from tusclient.uploader.uploader import Uploader

from tests import patient
from tests.api import tus
from tests.api.live import Server

DATA = os.urandom(5_000_000)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    found = Server(tmp_path / "server")
    yield found
    found.stop()


@pytest.fixture
def session_id(server: Server) -> int:
    return int(patient.post(f"{server.url}/api/v1/sessions", json={"title": "Week 6"}).json()["id"])


def check_saved(server: Server, url: str | None) -> None:
    assert url is not None
    with httpx.Client(base_url=server.url, timeout=patient.TIMEOUT_S) as client:
        file = tus.settled(client, httpx.URL(url).path)["file"]
        assert (file["name"], file["sha256"]) == ("Übung.bin", hashlib.sha256(DATA).hexdigest())
        assert client.get(file["content_url"]).content == DATA


@pytest.mark.parametrize("checksum", [False, True])
def test_it_uploads_a_file_in_slices(server: Server, session_id: int, tmp_path: Path, checksum: bool) -> None:
    (tmp_path / "a.bin").write_bytes(DATA)
    uploader = TusClient(f"{server.url}/api/v1/uploads/").uploader(
        str(tmp_path / "a.bin"),
        chunk_size=1_000_000,
        metadata={"filename": "Übung.bin", "session": str(session_id)},
        upload_checksum=checksum,
    )
    uploader.upload()
    check_saved(server, uploader.url)


def test_it_breaks_off_and_resumes_after_a_restart_of_both(server: Server, session_id: int, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(DATA)

    storage = filestorage.FileStorage(str(tmp_path / "urls.json"))  # type: ignore[no-untyped-call]

    def start() -> Uploader:
        return TusClient(f"{server.url}/api/v1/uploads/").uploader(
            str(tmp_path / "a.bin"),
            chunk_size=1_000_000,
            metadata={"filename": "Übung.bin", "session": str(session_id)},
            store_url=True,
            url_storage=storage,
            fingerprinter=fingerprint.Fingerprint(),
        )

    first = start()
    first.upload(stop_at=2_500_000)
    server.kill()
    server.start()
    second = start()
    assert (second.url, second.offset) == (first.url, first.offset)
    assert 2_000_000 <= second.offset < len(DATA)
    second.upload()
    check_saved(server, second.url)
