"""Requests made up from the OpenAPI document: none gives a 500, and every answer is what the document says."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance
from starlette.applications import Starlette
from starlette.testclient import TestClient

from studybuddy.api import middleware, openapi, routes, tus
from studybuddy.api.resources import OPERATIONS
from studybuddy.settings import load_settings
from studybuddy.wiring import Wiring, open_all
from tests import samples

_opened: list[Wiring] = []
schema = schemathesis.openapi.from_dict(openapi.document(OPERATIONS))
schema.app = Starlette(routes=routes(lambda: _opened[0]), middleware=middleware(lambda: _opened[0]))


@schemathesis.serializer(tus.SLICE_TYPE)
def _slice(_: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")


@pytest.fixture(scope="module", autouse=True)
def library() -> Iterator[None]:
    """Open a library with one session, one lecture and one file, so that some of the ids exist."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environ = {
            "UPLOADS_DIR": str(folder / "uploads"),
            "STUDY_BUDDY_DATA": str(folder / "data"),
            "STUDY_BUDDY_HOSTS": "testserver",
        }
        _opened.append(open_all(load_settings(environ, env_file=folder / ".env")))
        client = TestClient(schema.app)
        client.post("/api/v1/sessions", json={"title": "One"})
        client.post("/api/v1/lectures", json={"session_id": 1, "title": "One"})
        client.post("/api/v1/sessions/1/files", content=samples.pdf("x"), headers={"X-File-Name": "a.pdf"})
        yield
        _opened.pop().close()


@schema.parametrize()
@settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_request_gives_a_500_or_an_answer_that_is_not_told(case: Any) -> None:
    case.call_and_validate(checks=[not_a_server_error, response_schema_conformance])
