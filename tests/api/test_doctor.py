from starlette.testclient import TestClient

from studybuddy.wiring import Wiring


def test_the_doctor_tells_each_check_and_whether_all_is_well(client: TestClient, wiring: Wiring) -> None:
    answer = client.post("/api/v1/storages/local/doctor")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["storage"], told["label"], told["healthy"]) == ("local", "this computer", True)
    assert [check["name"] for check in told["checks"]][:2] == ["folder", "marker"]
    assert set(told["checks"][0]) == {"name", "title", "outcome", "seconds", "reason", "fix", "seen"}
    assert list(wiring.storages().local.driver.list()) == []


def test_a_storage_that_is_not_well_is_an_answer_and_no_error(client: TestClient, wiring: Wiring) -> None:
    (wiring.settings.uploads_dir / ".study-buddy" / "storage.json").unlink()
    told = client.post("/api/v1/storages/local/doctor").json()
    assert told["healthy"] is False
    failed = next(check for check in told["checks"] if check["outcome"] == "failed")
    assert (failed["name"], bool(failed["reason"]), bool(failed["fix"])) == ("marker", True, True)


def test_a_storage_that_there_is_not_is_told_with_the_names_that_there_are(client: TestClient) -> None:
    answer = client.post("/api/v1/storages/nowhere/doctor")
    assert answer.status_code == 404
    assert "local" in answer.json()["error"]["fix"]
