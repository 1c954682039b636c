"""Scans over HTTP: begun, followed, repaired."""

from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from studybuddy.wiring import Wiring
from tests.api.test_files import add
from tests.waiting import awaited


def settled(client: TestClient, path: str) -> Any:
    """Wait until nobody works on a scan."""
    return awaited(
        lambda: client.get(path).json(), lambda scan: scan["state"] not in {"running", "repairing", "removing"}
    )


def scan(client: TestClient, depth: str = "deep") -> tuple[str, Any]:
    begun = client.post("/api/v1/scans", json={"storage": "local", "depth": depth})
    assert begun.status_code == 202, begun.text
    path = begun.headers["location"]
    return path, settled(client, path)


def object_of(wiring: Wiring, file_id: int) -> Path:
    with wiring.catalog.read() as db:
        key = db.execute("SELECT key FROM copies WHERE file_id = ?", [file_id]).fetchone()[0]
    return wiring.settings.uploads_dir / str(key)


def test_a_scan_finds_a_damage_and_its_repair_restores_the_file(
    client: TestClient, session_id: int, wiring: Wiring
) -> None:
    file, twin = (add(client, session_id, name, b"light becomes sugar")["file"] for name in ("a.txt", "b.txt"))
    _, whole = scan(client)
    assert (whole["state"], whole["damaged"], whole["found"], whole["copies"]) == ("done", 0, [], 2)
    object_of(wiring, file["id"]).write_bytes(b"light becomes SUGAR")
    path, found = scan(client)
    assert (found["damaged"], found["found"][0]["kind"]) == (1, "damaged")
    findings = client.get(f"{path}/findings", params={"kind": "damaged"}).json()["findings"]
    assert [(one["file_id"], one["name"], one["state"]) for one in findings] == [(file["id"], "a.txt", "open")]
    assert client.post(f"{path}/repair").status_code == 202
    assert settled(client, path)["damaged"] == 0
    assert client.get(f"/api/v1/files/{file['id']}/content").content == b"light becomes sugar"
    assert client.get(f"/api/v1/files/{twin['id']}/content").content == b"light becomes sugar"


def test_removing_what_nobody_knows_must_be_confirmed(client: TestClient) -> None:
    path, _ = scan(client, "sizes")
    assert client.post(f"{path}/remove-unknown").status_code == 400
    assert client.post(f"{path}/remove-unknown?confirm=remove-unknown").status_code == 202
    assert settled(client, path)["state"] == "done"


def test_scans_are_listed_and_what_is_not_there_is_told(client: TestClient) -> None:
    scan(client)
    path, _ = scan(client, "checksums")
    listed = client.get("/api/v1/scans", params={"storage": "local"}).json()["scans"]
    assert [one["depth"] for one in listed] == ["sizes", "deep"]  # a disk keeps no checksums
    assert client.post(f"{path}/stop").json()["state"] == "done"
    assert client.get("/api/v1/scans/99").status_code == 404
    assert client.post("/api/v1/scans", json={"storage": "moon"}).status_code == 404
