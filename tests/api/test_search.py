"""The search over the API."""

from starlette.testclient import TestClient

from studybuddy.wiring import Wiring
from tests.search.conftest import write_pages


def add(client: TestClient, wiring: Wiring, session_id: int) -> int:
    sent = client.post(f"/api/v1/sessions/{session_id}/files", content=b"%PDF-1.4", headers={"X-File-Name": "a.pdf"})
    file_id: int = sent.json()["results"][0]["file"]["id"]
    with wiring.catalog.write() as db:
        write_pages(db, file_id, ["nothing", "The entropy of a Größe"])
    return file_id


def test_a_hit_tells_the_file_the_page_and_the_text(client: TestClient, wiring: Wiring, session_id: int) -> None:
    file_id = add(client, wiring, session_id)
    answer = client.get("/api/v1/search", params={"q": "grosse"}).json()
    (found,) = answer["results"]
    assert (found["file"]["id"], found["session"]["title"], found["count"]) == (file_id, "Week 6", 1)
    assert [(hit["what"], hit["page"], hit["second"]) for hit in found["hits"]] == [("page", 2, None)]
    assert {"text": "Größe", "found": True} in found["hits"][0]["text"]
    assert answer["unread"] == 1


def test_filters_and_pages_are_taken(client: TestClient, wiring: Wiring, session_id: int) -> None:
    file_id = add(client, wiring, session_id)
    add(client, wiring, session_id)
    first = client.get("/api/v1/search", params={"q": "entropy", "limit": 1}).json()
    second = client.get("/api/v1/search", params={"q": "entropy", "limit": 1, "after": first["next"]}).json()
    assert [one["file"]["id"] for one in first["results"] + second["results"]] == [file_id + 1, file_id]
    assert second["next"] is None
    for narrowed in ({"kind": "audio"}, {"session": 99}, {"tag": "exam"}, {"until": "2020-01-01"}):
        assert client.get("/api/v1/search", params={"q": "entropy", **narrowed}).json()["results"] == []
    assert len(client.get("/api/v1/search", params={"q": "entropy", "file": file_id}).json()["results"]) == 1


def test_a_query_is_never_too_odd_and_a_wrong_filter_is_refused(client: TestClient) -> None:
    for query in ('"', "C++", "it's", "-x", "", "*", "🦊", "a" * 10_000):
        assert client.get("/api/v1/search", params={"q": query}).status_code == 200, query
    for wrong in ({}, {"q": "a", "knd": "audio"}, {"q": "a", "since": "yesterday"}, {"q": "a", "after": "x"}):
        assert client.get("/api/v1/search", params=wrong).status_code == 400, wrong
