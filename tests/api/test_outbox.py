"""What waits for another storage, over the API."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from studybuddy.api import middleware, routes
from studybuddy.settings import load_settings
from studybuddy.wiring import open_all
from tests.outbox.rig import SILENT, Rig, rig


@pytest.fixture
def found(tmp_path: Path) -> Iterator[Rig]:
    environ = {"UPLOADS_DIR": f"{tmp_path}/uploads", "STUDY_BUDDY_DATA": f"{tmp_path}/data"}
    wiring = open_all(load_settings(environ, env_file=tmp_path / "no.env"))
    waiting = rig(wiring, tmp_path / "s3")
    waiting.bucket.failure = SILENT
    waiting.add(b"one", "one.txt")
    waiting.add(b"two", "two.txt")
    yield waiting
    wiring.close()


@pytest.fixture
def client(found: Rig) -> TestClient:
    wiring = replace(found.wiring, library=found.library)
    wiring.outbox = found.outbox
    app = Starlette(routes=routes(lambda: wiring), middleware=middleware(lambda: wiring))
    return TestClient(app, base_url="http://localhost")


def test_what_waits_is_listed_by_pages(client: TestClient) -> None:
    first = client.get("/api/v1/outbox?limit=1").json()
    assert [one["name"] for one in first["outbox"]] == ["two.txt"]
    assert first["count"] == 2
    assert first["outbox"][0]["reason"] == "my-bucket does not answer"
    second = client.get(f"/api/v1/outbox?limit=1&after={first['next']}").json()
    assert [one["name"] for one in second["outbox"]] == ["one.txt"]
    assert second["next"] is None


def test_a_drain_is_begun_in_the_background(client: TestClient, found: Rig) -> None:
    found.outbox.run()
    found.bucket.failure = None
    found.outbox.run()
    assert found.places() == ["local waits"] * 2
    answer = client.post("/api/v1/outbox/drain")
    assert (answer.status_code, answer.json()) == (202, {"count": 2})
    found.outbox.run()
    assert client.get("/api/v1/outbox").json() == {"outbox": [], "count": 0, "next": None}
    assert found.places() == ["s3"] * 2


def test_a_file_is_kept_where_it_is(client: TestClient, found: Rig) -> None:
    kept = client.post("/api/v1/files/1/keep-local").json()
    assert (kept["stored_in"], kept["wanted"]) == ("this computer", None)
    assert client.post("/api/v1/files/1/keep-local").status_code == 409
    assert client.post("/api/v1/files/9/keep-local").status_code == 404
    assert client.get("/api/v1/outbox").json()["count"] == 1
