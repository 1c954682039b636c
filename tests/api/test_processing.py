"""What was read in files, over HTTP."""

import pytest
from starlette.testclient import TestClient

from studybuddy.wiring import Wiring
from tests.processing.rig import SOUND, Rig, rig_over


@pytest.fixture
def rig(wiring: Wiring) -> Rig:
    return rig_over(wiring)


def test_what_was_read_and_what_failed_is_told(rig: Rig, client: TestClient) -> None:
    good, bad = rig.add("one\ntwo\n!remark Look\n", "good.txt"), rig.add("!encrypted", "bad.txt")
    assert client.get("/api/v1/processing").json()["counts"]["pending"] == 2
    rig.run()
    found = client.get("/api/v1/processing").json()
    assert found["counts"] == {"pending": 0, "processing": 0, "done": 1, "failed": 1, "skipped": 0}
    assert [(one["name"], one["reason"], one["fix"]) for one in found["failed"]] == [
        ("bad.txt", "The document is encrypted", "Save it without a password.")
    ]
    told = client.get(f"/api/v1/files/{good.id}/processing").json()
    assert (told["state"], told["remarks"], told["facts"]["name"]) == ("done", ["Look"], "good.txt")
    assert client.post(f"/api/v1/files/{bad.id}/process").status_code == 202
    rig.run()
    assert client.post("/api/v1/processing/retry").json() == {"count": 1}
    assert client.get(f"/api/v1/files/{bad.id}/processing").json()["state"] == "pending"
    rig.worker.close()


def test_pages_and_cues_come_in_parts(rig: Rig, client: TestClient) -> None:
    file = rig.add("one\ntwo\nthree\n!cue 0 10 a\n!cue 10 20 b\n!cue 10 20 c\n")
    rig.run()
    rig.worker.close()
    first = client.get(f"/api/v1/files/{file.id}/pages?limit=2").json()
    assert [page["text"] for page in first["pages"]] == ["one", "two"]
    rest = client.get(f"/api/v1/files/{file.id}/pages?after={first['next']}").json()
    assert rest == {"pages": [{"number": 3, "text": "three"}], "next": None}
    cues, after = [], ""
    while after is not None:
        part = client.get(f"/api/v1/files/{file.id}/cues?limit=1{after and f'&after={after}'}").json()
        assert part["timed"] is True
        cues += part["cues"]
        after = part["next"]
    assert [cue["text"] for cue in cues] == ["a", "b", "c"]


def test_what_was_made_is_given_with_ranges_and_conditions(rig: Rig, client: TestClient) -> None:
    file = rig.add(f"{SOUND}!made 0123456789\n", "a.mp3")
    address = f"/api/v1/files/{file.id}/peaks"
    assert client.get(address).status_code == 404
    rig.run()
    rig.worker.close()
    whole = client.get(address)
    assert (whole.status_code, whole.content) == (200, b"0123456789")
    assert whole.headers["content-type"] == "application/json"
    part = client.get(address, headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content) == (206, b"234")
    assert client.get(address, headers={"If-None-Match": whole.headers["etag"]}).status_code == 304
    assert client.get(address, headers={"Range": "bytes=50-"}).status_code == 416
    assert client.get(f"/api/v1/files/{file.id}/thumbnail").status_code == 404
    rig.wiring.processing.made(file.id, "peaks").path.unlink()
    assert client.get(address).json()["error"]["fix"]
    assert client.get(f"/api/v1/files/{file.id}/processing").json()["state"] == "pending"
