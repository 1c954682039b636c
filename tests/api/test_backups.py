"""Backups over HTTP."""

from starlette.testclient import TestClient


def test_a_backup_is_made_and_listed(client: TestClient, session_id: int) -> None:
    assert client.get("/api/v1/backups").json() == {"storage": "local", "last": None, "last_done": None, "backups": []}
    client.post(f"/api/v1/sessions/{session_id}/files", content=b"x", headers={"X-File-Name": "a.txt"})
    made = client.post("/api/v1/backups", json={"storage": "local"})
    assert made.status_code == 201
    backup = made.json()["backup"]
    assert (backup["files"], backup["bytes"], backup["sessions"]) == (1, 1, 1)
    told = client.get("/api/v1/backups?storage=local").json()
    assert told["backups"] == [backup]
    assert told["last"]["name"] == told["last_done"]["name"] == backup["name"]


def test_only_a_storage_is_a_place_over_http(client: TestClient) -> None:
    for answer in (
        client.post("/api/v1/backups", json={"storage": "/tmp"}),
        client.get("/api/v1/backups?storage=/tmp"),
    ):
        assert answer.status_code == 404
        assert answer.json()["error"]["fix"] == "There are: local."
