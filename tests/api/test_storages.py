"""The storages over the API: what they hold, and where new files go, changed at once."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from studybuddy.api import middleware, routes
from studybuddy.settings import load_settings
from studybuddy.wiring import open_all
from tests.api.test_files import add
from tests.servers.place import Server

STORAGES = "/api/v1/storages"


def test_a_storage_is_told_with_what_it_holds(client: TestClient, session_id: int, tmp_path: Path) -> None:
    add(client, session_id, "a.txt", b"four")
    told = client.get(STORAGES).json()
    (local,) = told["storages"]
    assert (local["name"], local["kind"], local["takes_new_files"]) == ("local", "local", True)
    assert (local["files"], local["bytes"], local["by_kind"]) == (1, 4, {"document": {"files": 1, "bytes": 4}})
    assert local["place"] == {"folder": str(tmp_path / "uploads")}
    assert (told["default"], told["chosen"], told["problems"]) == ("local", None, [])


@pytest.mark.parametrize(("name", "status"), [("nowhere", 404), ("local", 200), ("default", 200)])
def test_only_a_storage_that_is_there_can_be_used(client: TestClient, name: str, status: int) -> None:
    assert client.post(f"{STORAGES}/{name}/use").status_code == status


def test_new_files_go_to_the_bucket_from_the_next_request_on(tmp_path: Path, strict_s3_server: Server) -> None:
    bucket = strict_s3_server.new_bucket()
    folders = {"UPLOADS_DIR": str(tmp_path / "uploads"), "STUDY_BUDDY_DATA": str(tmp_path / "data")}
    environ = strict_s3_server.environ(bucket, STORAGE="LOCAL", **folders)
    wiring = open_all(load_settings(environ, env_file=tmp_path / ".env"))
    app = Starlette(routes=routes(lambda: wiring), middleware=middleware(lambda: wiring))
    with TestClient(app, base_url="http://localhost") as client:
        session_id = client.post("/api/v1/sessions", json={"title": "Week 6"}).json()["id"]
        assert client.get("/api/v1/upload/storage-info").json()["storage_mode"] == "LOCAL"
        used = client.post(f"{STORAGES}/s3/use").json()
        assert (used["default"], used["chosen"]) == ("local", "s3")
        info = client.get("/api/v1/upload/storage-info").json()
        assert (info["storage_mode"], info["bucket_name"], info["details"]["chosen"]) == ("S3", bucket, True)
        assert add(client, session_id, "a.txt", b"four")["stored_in"] == f"S3 · {bucket}"
        assert "secret" not in client.get(STORAGES).text
    wiring.close()
