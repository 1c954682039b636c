import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from studybuddy.wiring import Wiring
from tests import samples
from tests.api.test_errors import error

NAMES = [
    "plain.txt",
    "Übung № 3 – “fin”.pdf",
    "a;b=c.txt",
    "日本語.md",
    "../../etc/passwd",
    'quo"te.txt',
    "100%25 sure.txt",
    "x" * 251 + ".txt",
    "rtl\u202eexe.txt",
]


def stray(wiring: Wiring) -> list[Path]:
    return [path for path in (wiring.settings.data_dir / "spool").rglob("*") if path.is_file()]


def add(client: TestClient, session_id: int, name: str, data: bytes) -> dict[str, Any]:
    path = f"/api/v1/sessions/{session_id}/files"
    answer = client.post(path, content=data, headers={"X-File-Name": quote(name)})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()["results"][0]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_any_name_comes_back_from_a_raw_body_and_from_a_form(client: TestClient, session_id: int, name: str) -> None:
    assert add(client, session_id, name, b"1")["file"]["name"] == name
    answer = client.post(f"/api/v1/sessions/{session_id}/files", files={"file": (name, b"2")})
    file = answer.json()["results"][0]["file"]
    assert file["name"] == name
    content = client.get(file["content_url"])
    assert quote(name, safe="") in content.headers["content-disposition"]
    assert content.content == b"2"


def test_one_bad_file_of_a_form_does_not_lose_the_rest(client: TestClient, wiring: Wiring, session_id: int) -> None:
    files = [
        ("file", ("first.txt", b"first")),
        ("file", ("huge.bin", b"x" * (9 * 1024 * 1024))),
        ("file", ("empty.txt", b"")),
        ("file", ("last.txt", b"last")),
    ]
    answer = client.post(f"/api/v1/sessions/{session_id}/files", files=files, data={"note": "passed over"})
    assert answer.status_code == 207
    results = answer.json()["results"]
    assert [result["name"] for result in results] == ["first.txt", "huge.bin", "empty.txt", "last.txt"]
    assert results[1]["error"]["code"] == "too_large"
    for result, data in ((results[0], b"first"), (results[2], b""), (results[3], b"last")):
        assert result["file"]["sha256"] == hashlib.sha256(data).hexdigest()
    assert stray(wiring) == []


def test_a_form_of_bad_files_alone_has_the_status_of_the_first(client: TestClient, session_id: int) -> None:
    files = {"file": ("huge.bin", b"x" * (9 * 1024 * 1024))}
    answer = client.post(f"/api/v1/sessions/{session_id}/files", files=files)
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "too_large"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=", b""),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"nonsense"),
        ("multipart/form-data; boundary=x", b"--x--\r\n"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n'),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Type: text/plain\r\n\r\nb\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\n" + b"A: b\r\n" * 100 + b"\r\n"),
        ("multipart/form-data; boundary=" + "x" * 300, b"--x--\r\n"),
    ],
)
def test_a_form_that_makes_no_sense_is_refused(
    client: TestClient, wiring: Wiring, session_id: int, content_type: str, body: bytes
) -> None:
    path = f"/api/v1/sessions/{session_id}/files"
    error(client.post(path, content=body, headers={"Content-Type": content_type}), 400)
    assert stray(wiring) == []


def test_a_form_that_ends_in_the_middle_of_a_file_saves_nothing_of_it(
    client: TestClient, wiring: Wiring, session_id: int
) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhalf of'
    path = f"/api/v1/sessions/{session_id}/files"
    error(client.post(path, content=body, headers={"Content-Type": "multipart/form-data; boundary=x"}), 400)
    assert client.get(f"/api/v1/sessions/{session_id}").json()["file_count"] == 0
    assert stray(wiring) == []


@pytest.mark.parametrize("name", [None, "", "%ff.txt", "nul%00.txt"])
def test_a_raw_body_needs_a_name(client: TestClient, wiring: Wiring, session_id: int, name: str | None) -> None:
    headers = {} if name is None else {"X-File-Name": name}
    error(client.post(f"/api/v1/sessions/{session_id}/files", content=b"x", headers=headers), 400)
    assert stray(wiring) == []


def test_files_go_to_no_session_that_is_not_there(client: TestClient, wiring: Wiring, session_id: int) -> None:
    error(client.post("/api/v1/sessions/999/files", content=b"x", headers={"X-File-Name": "a"}), 404)
    client.delete(f"/api/v1/sessions/{session_id}")
    error(client.post(f"/api/v1/sessions/{session_id}/files", content=b"x", headers={"X-File-Name": "a"}), 409)
    assert stray(wiring) == []


def test_a_file_is_renamed_moved_trashed_restored_and_purged(client: TestClient, session_id: int) -> None:
    other = client.post("/api/v1/sessions", json={"title": "Other"}).json()["id"]
    one = f"/api/v1/files/{add(client, session_id, 'a.txt', b'x')['file']['id']}"
    changed = client.patch(one, json={"name": "b.txt", "session_id": other}).json()
    assert (changed["name"], changed["session_id"]) == ("b.txt", other)
    error(client.patch(one, json={"session_id": 999}), 404)
    error(client.post(f"{one}/purge"), 409)
    assert client.delete(one).json()["trashed_at"]
    assert client.post(f"{one}/restore").json()["trashed_at"] is None
    client.delete(one)
    assert client.post(f"{one}/purge").status_code == 204
    error(client.get(one), 404)


def test_the_same_bytes_again_are_told_and_can_be_linked(client: TestClient, session_id: int) -> None:
    first = add(client, session_id, "first.txt", b"same")["file"]
    other = client.post("/api/v1/sessions", json={"title": "Other"}).json()["id"]
    second = add(client, other, "second.txt", b"same")
    assert second["duplicates"] == [
        {"file_id": first["id"], "name": "first.txt", "session_id": session_id, "session_title": "Week 6"}
    ]
    path = f"/api/v1/files/{second['file']['id']}/use-existing"
    assert client.post(path, json={"existing_id": first["id"]}).json()["id"] == first["id"]
    held = client.get(f"/api/v1/sessions/{other}").json()["files"]
    assert [(file["id"], file["linked"]) for file in held] == [(first["id"], True)]


def test_a_name_that_contradicts_its_bytes_is_told(client: TestClient, session_id: int) -> None:
    assert "PDF" in add(client, session_id, "lecture.mp3", samples.pdf("text"))["contradiction"]


@pytest.mark.parametrize("prefix", ["", "/api/v1"])
def test_a_recording_goes_to_its_lecture_as_the_seed_asks(client: TestClient, session_id: int, prefix: str) -> None:
    recording = samples.wav()
    for send in (
        {"files": {"file": ("rec.wav", recording)}},
        {"content": recording, "headers": {"X-File-Name": "rec.wav"}},
    ):
        lecture = client.post("/api/v1/lectures", json={"session_id": session_id, "title": "One"}).json()
        answer = client.post(f"{prefix}/lectures/{lecture['id']}/upload-audio", **send)
        assert answer.status_code == 201, answer.text
        assert client.get(answer.json()["audio_url"]).content == recording
        shown = client.get(f"/api/v1/lectures/{lecture['id']}").json()
        assert shown["audio_url"] == answer.json()["audio_url"]


def test_a_recording_for_no_lecture_is_refused(client: TestClient) -> None:
    error(client.post("/lectures/77/upload-audio", files={"file": ("rec.wav", b"x")}), 404)


def test_what_is_no_recording_is_not_taken_for_one(client: TestClient, wiring: Wiring, session_id: int) -> None:
    client.post("/api/v1/lectures", json={"session_id": session_id, "title": "One"})
    answer = client.post("/lectures/1/upload-audio", files={"file": ("rec.mp3", samples.pdf("x"))})
    assert "no recording" in error(answer, 400)["message"]
    assert client.get(f"/api/v1/sessions/{session_id}").json()["files"] == []
    assert client.get("/api/v1/trash").json()["trash"] == []
    assert stray(wiring) == []
