"""Migrations over HTTP: planned, run, undone, reported."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from studybuddy.settings import load_settings
from studybuddy.wiring import Wiring, open_all
from tests.api.test_files import add
from tests.waiting import awaited

ALL = "/api/v1/migrations"


@pytest.fixture
def wiring(tmp_path: Path) -> Iterator[Wiring]:
    """A library with a second folder for files."""
    (tmp_path / "usb").mkdir()
    (tmp_path / "storages.toml").write_text(f'[usb]\nkind = "local"\nfolder = "{tmp_path}/usb"\n')
    environ = {"UPLOADS_DIR": f"{tmp_path}/uploads", "STUDY_BUDDY_DATA": f"{tmp_path}/data"}
    opened = open_all(load_settings(environ, env_file=tmp_path / ".env"))
    yield opened
    opened.close()


@pytest.fixture
def file_ids(client: TestClient, session_id: int) -> list[int]:
    return [add(client, session_id, f"{name}.txt", name.encode())["file"]["id"] for name in ("a", "bb", "ccc")]


def planned(client: TestClient, **body: Any) -> Any:
    answer = client.post(ALL, json={"from": "local", "to": "usb", "quick": True, **body})
    assert answer.status_code == 201, answer.text
    return answer.json()


def run(client: TestClient, migration_id: int) -> Any:
    """Run a migration and wait until nobody works on it."""
    begun = client.post(f"{ALL}/{migration_id}/run")
    assert begun.status_code == 202, begun.text
    return awaited(lambda: client.get(f"{ALL}/{migration_id}").json(), lambda found: found["worker"] is None)


def test_a_plan_is_measured_run_undone_and_cleaned_up(client: TestClient, file_ids: list[int]) -> None:
    plan = planned(client, quick=False)
    assert (plan["migration"]["planned"], plan["problems"]) == ({"files": 3, "bytes": 6}, [])
    assert 0 < plan["seconds"] < 60
    path = f"{ALL}/{plan['migration']['id']}"
    assert client.get(f"{path}/plan").json() == plan
    done = run(client, plan["migration"]["id"])
    assert (done["state"], done["items"]) == ("done", {"switched": {"files": 3, "bytes": 6}})
    assert done["progress"]["share"] == 1
    assert done["left_behind"] == [{"storage": "local", "label": "this computer", "files": 3, "bytes": 6}]
    assert client.get(f"/api/v1/files/{file_ids[0]}").json()["stored_in"] == "this computer · usb"
    assert client.get(f"/api/v1/files/{file_ids[0]}/content").content == b"a"
    assert client.post(f"{path}/undo").json()["state"] == "undone"
    assert client.get(f"/api/v1/files/{file_ids[0]}").json()["stored_in"] == "this computer"
    assert client.post(f"{path}/clean-up").status_code == 409
    assert client.post(f"{path}/clean-up?confirm=now").json()["state"] == "cleaned"
    assert client.post(f"{path}/run").status_code == 409


def test_a_scope_narrows_the_plan(client: TestClient, file_ids: list[int]) -> None:
    assert planned(client, min_bytes=2, max_bytes=2)["migration"]["planned"]["files"] == 1
    assert planned(client, kinds=["image"])["by_kind"] == {}
    assert planned(client, first=2, order="largest")["migration"]["planned"]["bytes"] == 5
    assert planned(client, until="2020-01-01")["migration"]["planned"]["files"] == 0
    for wrong in ({"kinds": ["moon"]}, {"session_ids": ["x"]}, {"since": "today"}, {"first": 0}, {"to": "local"}):
        assert client.post(ALL, json={"from": "local", "to": "usb", **wrong}).status_code in {400, 409}, wrong
    for missing in ({"to": "moon"}, {"session_ids": [99]}):
        assert client.post(ALL, json={"from": "local", "to": "usb", **missing}).status_code == 404


def test_migrations_and_their_items_come_page_by_page(client: TestClient, file_ids: list[int]) -> None:
    ids = [planned(client)["migration"]["id"] for _ in range(3)]
    first = client.get(ALL, params={"limit": 2}).json()
    assert ([one["id"] for one in first["migrations"]], first["next"]) == ([ids[2], ids[1]], ids[1])
    last = client.get(ALL, params={"limit": 2, "after": first["next"]}).json()
    assert ([one["id"] for one in last["migrations"]], last["next"]) == ([ids[0]], None)
    items = client.get(f"{ALL}/{ids[0]}/items", params={"limit": 2}).json()
    assert ([item["name"] for item in items["items"]], items["next"]) == (["a.txt", "bb.txt"], 2)
    rest = client.get(f"{ALL}/{ids[0]}/items", params={"after": 2, "state": "todo"}).json()
    assert ([item["name"] for item in rest["items"]], rest["next"]) == (["ccc.txt"], None)


def test_what_was_added_since_joins(client: TestClient, session_id: int, file_ids: list[int]) -> None:
    migration_id = planned(client)["migration"]["id"]
    add(client, session_id, "late.txt", b"late")
    assert client.get(f"{ALL}/{migration_id}/plan").json()["later"] == {"files": 1, "bytes": 4}
    assert client.post(f"{ALL}/{migration_id}/join").json()["migration"]["planned"]["files"] == 4
    assert run(client, migration_id)["items"]["switched"]["files"] == 4


def test_what_fails_says_why_in_the_report_and_is_tried_again(
    client: TestClient, wiring: Wiring, file_ids: list[int], tmp_path: Path
) -> None:
    (hidden,) = (path for path in wiring.settings.uploads_dir.rglob("*.txt") if path.read_bytes() == b"bb")
    hidden.rename(tmp_path / "hidden")
    migration_id = planned(client)["migration"]["id"]
    assert run(client, migration_id)["state"] == "failed"
    answer = client.get(f"{ALL}/{migration_id}/report", params={"format": "csv"})
    assert answer.headers["content-disposition"].startswith('attachment; filename="migration-1.csv"')
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["state"] for row in rows] == ["switched", "failed", "switched"]
    assert rows[1]["error"]
    whole = client.get(f"{ALL}/{migration_id}/report").json()
    assert [item["error"] for item in whole["items"]] == [row["error"] for row in rows]
    (tmp_path / "hidden").rename(hidden)
    assert client.post(f"{ALL}/{migration_id}/retry").json()["items"]["todo"]["files"] == 1
    assert run(client, migration_id)["state"] == "done"


def test_what_is_not_there_is_told(client: TestClient) -> None:
    for method, path in (("GET", ""), ("GET", "/plan"), ("GET", "/items"), ("GET", "/report"), ("POST", "/run"),
                         ("POST", "/pause"), ("POST", "/undo"), ("POST", "/clean-up"), ("POST", "/join")):  # fmt: skip
        assert client.request(method, f"{ALL}/9{path}").status_code == 404, path
