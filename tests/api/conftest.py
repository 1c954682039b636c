from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from studybuddy.api import middleware, routes
from studybuddy.settings import load_settings
from studybuddy.wiring import Wiring, open_all


@pytest.fixture
def wiring(tmp_path: Path) -> Iterator[Wiring]:
    environ = {
        "UPLOADS_DIR": str(tmp_path / "uploads"),
        "STUDY_BUDDY_DATA": str(tmp_path / "data"),
        "MAX_UPLOAD_MB": "8",
    }
    opened = open_all(load_settings({**environ, "STUDY_BUDDY_HOSTS": "study.example.org"}, env_file=tmp_path / ".env"))
    yield opened
    opened.close()


@pytest.fixture
def client(wiring: Wiring) -> Iterator[TestClient]:
    app = Starlette(routes=routes(lambda: wiring), middleware=middleware(lambda: wiring))
    with TestClient(app, base_url="http://localhost:8501", raise_server_exceptions=False) as found:
        yield found


@pytest.fixture
def session_id(client: TestClient) -> int:
    created: int = client.post("/api/v1/sessions", json={"title": "Week 6"}).json()["id"]
    return created
