"""Positions, notes, bookmarks, pins and exports over HTTP."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests import samples


def add(client: TestClient, session_id: int, name: str, content: bytes) -> int:
    answer = client.post(f"/api/v1/sessions/{session_id}/files", content=content, headers={"X-File-Name": name})
    file_id: int = answer.json()["results"][0]["file"]["id"]
    return file_id


@pytest.fixture
def recording(client: TestClient, session_id: int) -> int:
    return add(client, session_id, "lecture 3.wav", samples.wav(60, hertz=100))


def ok(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def test_a_position_is_kept_and_told(client: TestClient, recording: int) -> None:
    place = f"/api/v1/files/{recording}/position"
    ok(client.put(place, json={"at_ms": 7540, "duration_ms": 60_500, "rate_percent": 125}), 204)
    told = ok(client.get(place))
    assert (told["at_ms"], told["duration_ms"], told["rate_percent"]) == (7540, 60_500, 125)
    (one,) = ok(client.get("/api/v1/listening"))["listening"]
    assert (one["title"], one["session"], one["at_ms"]) == ("lecture 3", "Week 6", 7540)
    for wrong in ({"at_ms": -1}, {"at_ms": 0, "rate_percent": 301}, {}):
        ok(client.put(place, json=wrong), 400)
    ok(client.put("/api/v1/files/999/position", json={"at_ms": 0}), 404)
    other_site = {"Sec-Fetch-Site": "cross-site"}
    ok(client.put(place, json={"at_ms": 0}, headers=other_site), 403)


@pytest.mark.parametrize("kind", ["note", "bookmark"])
def test_marks_are_added_changed_listed_by_pages_and_deleted(client: TestClient, recording: int, kind: str) -> None:
    place = f"/api/v1/files/{recording}/{kind}s"
    ids = [ok(client.post(place, json={"at_ms": at, "text": f"at {at}"}), 201)["id"] for at in (9000, 1000)]
    changed = ok(client.patch(f"/api/v1/{kind}s/{ids[0]}", json={"text": "better"}))
    assert (changed["at_ms"], changed["text"], changed["file_id"]) == (9000, "better", recording)
    first = ok(client.get(f"{place}?limit=1"))
    second = ok(client.get(place, params={"limit": 1, "after": first["next"]}))
    assert [first[f"{kind}s"][0]["id"], second[f"{kind}s"][0]["id"]] == ids[::-1]
    assert second["next"] is None
    ok(client.delete(f"/api/v1/{kind}s/{ids[0]}"), 204)
    ok(client.delete(f"/api/v1/{kind}s/{ids[0]}"), 404)


def test_pages_are_pinned_and_taken_off(client: TestClient, session_id: int, recording: int) -> None:
    document = add(client, session_id, "slides.pdf", samples.pdf("Slides"))
    place = f"/api/v1/files/{recording}/pins"
    pin = ok(client.post(place, json={"document_id": document, "page": 7, "at_ms": 760_000}), 201)
    assert ok(client.get(place, params={"document": document}))["pins"] == [pin]
    ok(client.post(place, json={"document_id": recording, "page": 1, "at_ms": 0}), 409)
    ok(client.delete(f"/api/v1/pins/{pin['id']}"), 204)
    assert ok(client.get(place))["pins"] == []


def test_notes_and_bookmarks_are_exported_for_a_file_and_for_a_session(
    client: TestClient, session_id: int, recording: int
) -> None:
    client.post(f"/api/v1/files/{recording}/notes", json={"at_ms": 754_000, "text": "=entropy *grows*"})
    client.post(f"/api/v1/files/{recording}/bookmarks", json={"at_ms": 1000, "text": "begin"})
    markdown = client.get(f"/api/v1/files/{recording}/notes/export")
    link = f"http://localhost:8501/view?file={recording}&t="
    assert markdown.text == (
        f"# lecture 3\n\nWeek 6\n\n- [0:01]({link}1) Bookmark begin\n- [12:34]({link}754) \\=entropy \\*grows\\*\n"
    )
    assert "Notes%20of%20lecture%203.wav.md" in markdown.headers["content-disposition"]
    table = client.get(f"/api/v1/sessions/{session_id}/notes/export?format=csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert f"Week 6,lecture 3,,12:34,754,note,'=entropy *grows*,{link}754\r\n" in table.text
    ok(client.get("/api/v1/files/999/notes/export"), 404)
    client.delete(f"/api/v1/sessions/{session_id}")
    assert client.get(f"/api/v1/sessions/{session_id}/notes/export").text == ""
