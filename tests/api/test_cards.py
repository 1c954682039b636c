"""Flashcards over HTTP."""

import io
import zipfile

import pytest
from starlette.testclient import TestClient


def make(client: TestClient, **fields: object) -> dict[str, object]:
    answer = client.post("/api/v1/cards", json={"front": "Q", "back": "A", **fields})
    assert answer.status_code == 201, answer.text
    made: dict[str, object] = answer.json()
    return made


def test_a_card_is_made_changed_answered_taken_back_and_deleted(client: TestClient, session_id: int) -> None:
    card = make(client, session_id=session_id)
    at = f"/api/v1/cards/{card['id']}"
    assert client.patch(at, json={"front": "What?"}).json()["front"] == "What?"
    due = client.get("/api/v1/cards/due").json()
    assert (due["count"], due["card"]["id"]) == (1, card["id"])
    assert due["wait_s"]["again"] < due["wait_s"]["easy"]
    assert client.post(f"{at}/answer", json={"rating": "easy"}).json()["reviewed_at"] is not None
    assert client.get("/api/v1/cards/due").json() == {"count": 0, "card": None, "wait_s": None}
    assert client.post(f"{at}/take-back").json()["due_at"] == card["due_at"]
    assert client.delete(at).status_code == 204
    assert client.get(at).status_code == 404


@pytest.mark.parametrize(
    ("fields", "status"), [({"front": ""}, 400), ({"session_id": 99}, 404), ({}, 400), ({"file_id": 99}, 404)]
)
def test_a_card_that_cannot_be_made_says_why(client: TestClient, fields: dict[str, object], status: int) -> None:
    answer = client.post("/api/v1/cards", json={"front": "Q", "back": "A", **fields})
    assert answer.status_code == status
    assert answer.json()["error"]["fix"] or answer.json()["error"]["message"]


def test_cards_come_page_by_page_of_all_sessions_or_of_one(client: TestClient, session_id: int) -> None:
    ids = [make(client, session_id=session_id)["id"] for _ in range(3)]
    first = client.get("/api/v1/cards", params={"limit": 2}).json()
    rest = client.get("/api/v1/cards", params={"limit": 2, "after": first["next"], "session": session_id}).json()
    assert [card["id"] for card in (*first["cards"], *rest["cards"])] == ids
    assert client.get("/api/v1/cards", params={"session": 99}).status_code == 404


def test_cards_are_given_for_anki_and_as_csv(client: TestClient, session_id: int) -> None:
    make(client, session_id=session_id)
    package = client.get("/api/v1/cards/export", params={"session": session_id})
    assert "Cards of Week 6.apkg" in package.headers["content-disposition"]
    assert "collection.anki2" in zipfile.ZipFile(io.BytesIO(package.content)).namelist()
    assert b"Week 6,Q,A" in client.get("/api/v1/cards/export", params={"format": "csv"}).content
