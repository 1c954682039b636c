import json
import sqlite3
from typing import Any

import pytest
from starlette.testclient import TestClient

from studybuddy.wiring import Wiring

SESSIONS = "/api/v1/sessions"


def error(answer: Any, status: int) -> dict[str, str]:
    """Check that an answer is an error of ours in JSON; return it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    found: dict[str, str] = answer.json()["error"]
    assert set(found) == {"code", "message", "fix"}
    return found


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v2/x", "/api/v1/sessions/", "/lectures/1/x", "/lectures/x"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_path_is_told_in_json(client: TestClient, path: str, method: str) -> None:
    assert error(client.request(method, path), 404)["code"] == "not_found"


@pytest.mark.parametrize(
    "text", ["0", "-1", "x", "1.0", "%F0%9F%98%80", "9" * 15, "9" * 30, "1%00", "١", "1;DROP TABLE files", "..%2f1"]
)
def test_an_id_that_cannot_be_is_not_found(client: TestClient, text: str) -> None:
    for path in (
        f"{SESSIONS}/{text}",
        f"/api/v1/files/{text}",
        f"/api/v1/files/{text}/content",
        f"/api/v1/lectures/{text}",
    ):
        error(client.get(path), 404)
    error(client.get(f"/api/v1/uploads/{text}"), 404)


def test_a_method_that_is_not_possible_is_told_with_those_that_are(client: TestClient) -> None:
    answer = client.put(SESSIONS)
    assert error(answer, 405)["code"] == "method"
    assert answer.headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b"{}",
        b'{"title": null}',
        b'{"title": 1}',
        b'{"title": ""}',
        b'{"title": "  "}',
        b'{"title": "a\\u0000b"}',
        b'{"title": "\\ud800"}',
        b'{"title": "x", "tags": "y"}',
        b'{"title": "x", "tags": [1]}',
        b'{"title": "x", "colour": "red"}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"title": ' + b"9" * 5000 + b"}",
        json.dumps({"title": "x" * 301}).encode(),
        json.dumps({"title": "x", "tags": ["t"] * 51}).encode(),
        json.dumps({"title": "x", "tags": ["t" * 61]}).encode(),
        json.dumps({"title": "x", "description": "d" * 100_001}).encode(),
    ],
)
def test_a_body_that_makes_no_sense_is_refused(client: TestClient, body: bytes) -> None:
    error(client.post(SESSIONS, content=body, headers={"Content-Type": "application/json"}), 400)


def test_a_body_that_is_not_called_json_is_refused(client: TestClient) -> None:
    error(client.post(SESSIONS, content=b'{"title": "x"}', headers={"Content-Type": "text/plain"}), 415)
    error(client.post(SESSIONS, data={"title": "x"}), 415)


def test_a_json_body_has_a_limit(client: TestClient) -> None:
    error(client.post(SESSIONS, content=b" " * 2_000_000, headers={"Content-Type": "application/json"}), 413)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=501",
        "limit=x",
        "limit=",
        "limit=1&limit=2",
        "limit=99999999999999999999",
        "limit=-1",
        "limit=1e3",
        "after=x",
        "after=!",
        "after=W10",
        "after=" + "W" * 1900,
        "sort=colour",
        "kind=",
        "since=yesterday",
        "since=2026-13-01",
        "unknown=1",
        "reverse=yes",
        "tag=" + "x" * 61,
        "query=" + "x" * 201,
        "query=a%00b",
        "until=10000-01-01",
    ],
)
def test_a_query_that_makes_no_sense_is_refused(client: TestClient, query: str) -> None:
    error(client.get(f"{SESSIONS}?{query}"), 400)


@pytest.mark.parametrize(
    "query", ['query="', "query=C%2B%2B", "query=it's", "query=-x", "query=%F0%9F%98%80", "query=*", "query="]
)
def test_any_text_can_be_looked_for(client: TestClient, query: str) -> None:
    assert client.get(f"{SESSIONS}?{query}").status_code == 200


def test_a_bug_is_told_plainly_and_logged(client: TestClient, wiring: Wiring, caplog: pytest.LogCaptureFixture) -> None:
    with sqlite3.connect(wiring.catalog.path) as db:
        db.execute("DROP TABLE lectures")
    db.close()
    answer = client.get("/api/v1/lectures/1")
    found = error(answer, answer.status_code)
    assert answer.status_code in {500, 503}
    assert "Traceback" not in found["message"]
    assert "lectures" in caplog.text
