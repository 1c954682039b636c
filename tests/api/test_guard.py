import pytest
from starlette.testclient import TestClient

NEW = {"title": "One"}


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8501", "127.0.0.1:8501", "192.168.1.7", "[::1]:8501", "study.example.org"]
)
def test_names_of_ours_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "evil.example:8501", "", "[", "127.0.0.1.nip.io"]
)
def test_a_foreign_name_is_refused_whatever_it_asks(client: TestClient, host: str) -> None:
    for path in ("/healthz", "/api/v1/sessions", "/"):
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "foreign_host"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://localhost:8501"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost:8501"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://study.example.org"},
    ],
)
def test_our_own_pages_and_programs_may_change_things(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/api/v1/sessions", json=NEW, headers=headers).status_code == 201


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9999"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost:8501"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:9999"},
    ],
)
def test_a_page_of_another_site_may_change_nothing(client: TestClient, headers: dict[str, str]) -> None:
    for method, path in [
        ("POST", "/api/v1/sessions"), ("PATCH", "/api/v1/sessions/1"), ("DELETE", "/api/v1/files/1"),
        ("POST", "/api/v1/uploads/"), ("POST", "/lectures/1/upload-audio"), ("PUT", "/anything"),
    ]:  # fmt: skip
        answer = client.request(method, path, headers=headers)
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "cross_site"
    assert client.get("/api/v1/sessions", headers=headers).json()["sessions"] == []


def test_a_get_cannot_be_turned_into_a_change(client: TestClient, session_id: int) -> None:
    client.get(f"/api/v1/sessions/{session_id}", headers={"X-HTTP-Method-Override": "DELETE"})
    assert client.get(f"/api/v1/sessions/{session_id}").json()["trashed_at"] is None
