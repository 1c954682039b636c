from starlette.testclient import TestClient

SESSIONS = "/api/v1/sessions"


def test_a_session_is_made_shown_changed_trashed_restored_and_purged(client: TestClient) -> None:
    made = client.post(SESSIONS, json={"title": " Week  6 ", "subject": "Physics", "tags": ["Exam", "exam", "#hard"]})
    assert made.status_code == 201
    one = made.headers["location"]
    assert client.get(one).json()["title"] == "Week 6"
    assert sorted(client.get(one).json()["tags"]) == ["Exam", "hard"]
    changed = client.patch(one, json={"description": "Notes", "tags": []}).json()
    assert (changed["subject"], changed["description"], changed["tags"]) == ("Physics", "Notes", [])
    assert client.post(f"{one}/purge").status_code == 409
    assert client.delete(one).json()["trashed_at"]
    assert client.get(SESSIONS).json()["sessions"] == []
    assert [row["what"] for row in client.get("/api/v1/trash").json()["trash"]] == ["session"]
    assert client.post(f"{one}/restore").json()["trashed_at"] is None
    client.delete(one)
    assert client.post(f"{one}/purge").status_code == 204
    assert client.get(one).status_code == 404


def test_sessions_come_in_pages_that_miss_none_and_repeat_none(client: TestClient) -> None:
    titles = {f"Session {number}" for number in range(7)}
    for title in titles:
        client.post(SESSIONS, json={"title": title})
    seen: list[str] = []
    query = {"limit": "3"}
    while True:
        page = client.get(SESSIONS, params=query).json()
        seen += [session["title"] for session in page["sessions"]]
        if page["next"] is None:
            break
        query = {"limit": "3", "after": page["next"]}
    assert len(seen) == 7
    assert set(seen) == titles


def test_sessions_are_found_by_words_tags_and_subject(client: TestClient) -> None:
    client.post(SESSIONS, json={"title": "Optics", "subject": "Physics", "tags": ["exam"]})
    client.post(SESSIONS, json={"title": "Acids", "subject": "Chemistry"})
    for query, expected in [
        ({"query": "opt"}, ["Optics"]),
        ({"tag": "exam"}, ["Optics"]),
        ({"subject": "Chemistry"}, ["Acids"]),
        ({"query": "nothing"}, []),
        ({"sort": "title"}, ["Acids", "Optics"]),
        ({"since": "2001-01-01", "sort": "title", "reverse": "1"}, ["Optics", "Acids"]),
        ({"until": "2001-01-01"}, []),
        ({"kind": "audio"}, []),
    ]:
        found = client.get(SESSIONS, params=query).json()["sessions"]
        assert [session["title"] for session in found] == expected


def test_what_a_session_holds_is_listed(client: TestClient, session_id: int) -> None:
    for name in ("b.txt", "a.txt"):
        client.post(f"{SESSIONS}/{session_id}/files", content=name.encode(), headers={"X-File-Name": name})
    client.post("/api/v1/lectures", json={"session_id": session_id, "title": "One", "recorded_on": "2026-03-01"})
    whole = client.get(f"{SESSIONS}/{session_id}").json()
    assert [file["name"] for file in whole["files"]] == ["a.txt", "b.txt"]
    assert [lecture["recorded_on"] for lecture in whole["lectures"]] == ["2026-03-01"]
    page = client.get(f"{SESSIONS}/{session_id}/files", params={"limit": 1, "reverse": "1"}).json()
    assert [file["name"] for file in page["files"]] == ["b.txt"]
    rest = client.get(
        f"{SESSIONS}/{session_id}/files", params={"limit": 1, "reverse": "1", "after": page["next"]}
    ).json()
    assert ([file["name"] for file in rest["files"]], rest["next"]) == (["a.txt"], None)


def test_a_lecture_is_made_shown_changed_and_deleted(client: TestClient, session_id: int) -> None:
    made = client.post("/api/v1/lectures", json={"session_id": session_id, "title": "One"})
    one = made.headers["location"]
    assert client.patch(one, json={"title": "Two", "recorded_on": "2026-02-03"}).json()["title"] == "Two"
    assert client.get(one).json()["audio_url"] is None
    assert client.delete(one).status_code == 204
    assert client.get(one).status_code == 404


def test_where_new_files_go_is_told_as_the_frontends_ask(client: TestClient) -> None:
    info = client.get("/api/v1/upload/storage-info").json()
    assert set(info) == {"storage_mode", "s3_enabled", "bucket_name", "region", "details"}
    assert (info["storage_mode"], info["s3_enabled"], info["bucket_name"], info["region"]) == (
        "LOCAL",
        False,
        None,
        None,
    )


def test_a_session_is_given_as_a_zip_and_taken_in_again(client: TestClient, session_id: int) -> None:
    client.post(f"/api/v1/sessions/{session_id}/files", content=b"words", headers={"X-File-Name": "a.txt"})
    given = client.get(f"/api/v1/sessions/{session_id}/zip")
    assert given.headers["content-type"] == "application/zip"
    assert 'filename="Week 6.zip"' in given.headers["content-disposition"]
    asked = client.head(f"/api/v1/sessions/{session_id}/zip")
    assert (asked.status_code, "content-length" in asked.headers, "content-length" in given.headers) == (
        200,
        False,
        False,
    )
    came = client.post("/api/v1/import/session", content=given.content)
    assert came.status_code == 201
    found = came.json()
    assert found["session"]["title"] == "Week 6"
    assert found["files"][0]["duplicates"][0]["session_id"] == session_id
    assert client.get(came.headers["location"]).json()["files"][0]["name"] == "a.txt"
    assert client.get("/api/v1/sessions/99/zip").status_code == 404
    refused = client.post("/api/v1/import/session", content=given.content[:-9])
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "invalid_input")
