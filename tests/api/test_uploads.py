import hashlib
import os
from base64 import b64decode, b64encode
from typing import Any

import pytest
from starlette.testclient import TestClient

from studybuddy.wiring import Wiring
from tests.api import tus
from tests.api.test_errors import error
from tests.api.tus import SLICE, VERSION, metadata

UPLOADS = "/api/v1/uploads"
DATA = os.urandom(300_000)


def sha256(data: bytes) -> dict[str, str]:
    return {"Upload-Checksum": f"sha256 {b64encode(hashlib.sha256(data).digest()).decode()}"}


def saved(client: TestClient, session_id: int, data: bytes = DATA, **values: object) -> dict[str, Any]:
    path = tus.create(client, len(data), session=session_id, **values)
    tus.patch(client, path, 0, data)
    return tus.settled(client, path)


def test_slices_become_a_file_with_its_name_and_hash(client: TestClient, session_id: int) -> None:
    path = tus.create(client, len(DATA), session=session_id, filename="Übung.bin")
    assert client.get(path).json()["state"] == "receiving"
    first = tus.patch(client, path, 0, DATA[:100_000])
    assert (first.status_code, first.headers["upload-offset"]) == (204, "100000")
    assert "upload-expires" in first.headers
    assert tus.offset(client, path) == 100_000
    last = tus.patch(client, path, 100_000, DATA[100_000:])
    assert last.headers["upload-offset"] == str(len(DATA))
    found = tus.settled(client, path)
    assert (found["file"]["name"], found["file"]["sha256"]) == ("Übung.bin", hashlib.sha256(DATA).hexdigest())
    assert (found["stored_in"], found["wanted"], found["error"]) == ("this computer", None, None)
    assert client.get(found["file"]["content_url"]).content == DATA
    assert tus.offset(client, path) == len(DATA)


def test_a_small_file_needs_one_request(client: TestClient, session_id: int) -> None:
    headers = {**SLICE, "Upload-Length": "5", "Upload-Metadata": metadata(filename="a.txt", session=session_id)}
    made = client.post(UPLOADS, headers=headers, content=b"hello")
    assert (made.status_code, made.headers["upload-offset"]) == (201, "5")
    assert tus.settled(client, f"/api/v1/{made.headers['location']}")["file"]["size"] == 5


def test_the_location_is_relative_with_and_without_a_slash(client: TestClient, session_id: int) -> None:
    headers = {**VERSION, "Upload-Length": "5", "Upload-Metadata": metadata(session=session_id)}
    for path in (UPLOADS, f"{UPLOADS}/"):
        made = client.post(path, headers=headers)
        location = str(made.request.url.join(made.headers["location"]))
        assert client.head(location, headers=VERSION).headers["upload-offset"] == "0"


def test_an_empty_file_is_saved_at_once(client: TestClient, session_id: int) -> None:
    path = tus.create(client, 0, session=session_id)
    assert tus.settled(client, path)["file"]["size"] == 0


def test_what_the_server_can_do_is_told_without_a_version(client: TestClient) -> None:
    answer = client.options(UPLOADS)
    assert answer.status_code == 204
    assert answer.headers["tus-version"] == "1.0.0"
    assert answer.headers["tus-extension"] == "creation,creation-with-upload,termination,checksum,expiration"
    assert answer.headers["tus-max-size"] == str(8 * 1024 * 1024)
    assert answer.headers["tus-checksum-algorithm"] == "sha256,sha1,md5"


def test_a_client_without_the_version_is_refused(client: TestClient, session_id: int) -> None:
    path = tus.create(client, 5, session=session_id)
    for answer in (
        client.post(UPLOADS, headers={"Upload-Length": "5"}),
        client.patch(path, headers={"Upload-Offset": "0"}),
        client.head(path),
        client.delete(path),
        client.delete(path, headers={"Tus-Resumable": "0.2.2"}),
    ):
        assert answer.status_code == 412
        assert answer.headers["tus-version"] == "1.0.0"
        assert answer.headers["tus-resumable"] == "1.0.0"


def test_where_it_stands_is_never_cached_and_comes_with_the_metadata(client: TestClient, session_id: int) -> None:
    path = tus.create(client, 5, session=session_id, filename="ü.txt")
    headers = client.head(path, headers=VERSION).headers
    assert (headers["upload-length"], headers["cache-control"]) == ("5", "no-store")
    assert headers["upload-metadata"] == metadata(filename="ü.txt", session=session_id)


@pytest.mark.parametrize("length", ["", "x", "-1", "1.5", "9" * 30, "٥"])
def test_a_length_that_makes_no_sense_is_refused(client: TestClient, session_id: int, length: str) -> None:
    headers = {**VERSION, "Upload-Length": length.encode(), "Upload-Metadata": metadata(session=session_id)}
    error(client.post(UPLOADS, headers=headers), 400)


def test_what_is_too_large_is_refused_before_a_byte(client: TestClient, wiring: Wiring, session_id: int) -> None:
    headers = {**VERSION, "Upload-Length": str(8 * 1024 * 1024 + 1), "Upload-Metadata": metadata(session=session_id)}
    assert "limit" in error(client.post(UPLOADS, headers=headers), 413)["message"]
    assert wiring.spool.unfinished() == []


@pytest.mark.parametrize(
    "header",
    [
        "", "session", "session !!", f"session {b64encode(b'x').decode()}", f"session {b64encode(b'999').decode()}",
        f"session {b64encode(b'-1').decode()}", "session MQ==,session MQ==", ",", "session MQ==,filename /w==",
        f"session MQ==,filename {b64encode(bytes(1)).decode()}", "session MQ==,folders MQ==",
        "session MQ==,lecture OTk=",
        "session MQ==,recorded_on MQ==", "session " + b64encode("١".encode()).decode(),
        "session MQ==,x " + b64encode(b"x" * 5000).decode(), ",".join(f"k{n} MQ==" for n in range(30)),
    ],
)  # fmt: skip
def test_metadata_that_makes_no_sense_is_refused(
    client: TestClient, wiring: Wiring, session_id: int, header: str
) -> None:
    answer = client.post(UPLOADS, headers={**VERSION, "Upload-Length": "5", "Upload-Metadata": header})
    assert answer.status_code in {400, 404}, answer.text
    assert wiring.spool.unfinished() == []


@pytest.mark.parametrize("name", ["Upload-Defer-Length", "Upload-Concat"])
def test_extensions_that_we_have_not_are_refused(client: TestClient, session_id: int, name: str) -> None:
    headers = {**VERSION, name: "1", "Upload-Length": "5", "Upload-Metadata": metadata(session=session_id)}
    error(client.post(UPLOADS, headers=headers), 400)


def test_a_slice_must_begin_where_the_upload_stands(client: TestClient, session_id: int) -> None:
    path = tus.create(client, 10, session=session_id)
    tus.patch(client, path, 0, b"12345")
    for offset in (0, 4, 6, 10):
        error(tus.patch(client, path, offset, b"6789"), 409)
    assert tus.offset(client, path) == 5


def test_a_slice_must_be_called_one_and_say_where_it_begins(client: TestClient, session_id: int) -> None:
    path = tus.create(client, 10, session=session_id)
    error(tus.patch(client, path, 0, b"12345", {"Content-Type": "text/plain"}), 415)
    error(client.patch(path, content=b"12345", headers=SLICE), 400)
    error(client.patch(path, content=b"12345", headers={**SLICE, "Upload-Offset": "-1"}), 400)
    assert tus.offset(client, path) == 0


def test_more_bytes_than_announced_are_refused(client: TestClient, session_id: int) -> None:
    path = tus.create(client, 5, session=session_id)
    error(tus.patch(client, path, 0, b"123456"), 413)
    assert tus.offset(client, path) == 0


def test_nothing_is_kept_of_a_slice_with_a_wrong_checksum(client: TestClient, session_id: int) -> None:
    path = tus.create(client, len(DATA), session=session_id)
    assert tus.patch(client, path, 0, DATA[:1000], sha256(DATA[:1000])).status_code == 204
    assert error(tus.patch(client, path, 1000, DATA[1000:], sha256(b"other")), 460)["code"] == "checksum"
    assert tus.offset(client, path) == 1000
    for header in ("sha256 x", "crc32 AAAA", "sha256"):
        error(tus.patch(client, path, 1000, DATA[1000:], {"Upload-Checksum": header}), 400)
    sha1 = {"Upload-Checksum": f"sha1 {b64encode(hashlib.sha1(DATA[1000:]).digest()).decode()}"}
    assert tus.patch(client, path, 1000, DATA[1000:], sha1).status_code == 204
    assert tus.settled(client, path)["file"]["sha256"] == hashlib.sha256(DATA).hexdigest()


def test_an_upload_can_be_ended(client: TestClient, wiring: Wiring, session_id: int) -> None:
    path = tus.create(client, 10, session=session_id)
    tus.patch(client, path, 0, b"12345")
    assert client.delete(path, headers=VERSION).status_code == 204
    for answer in (client.get(path), tus.patch(client, path, 5, b"x"), client.delete(path, headers=VERSION)):
        error(answer, 404)
    assert client.head(path, headers=VERSION).status_code == 404
    assert wiring.spool.unfinished() == []


def test_patch_works_for_clients_behind_proxies_that_know_only_post(client: TestClient, session_id: int) -> None:
    path = tus.create(client, 5, session=session_id)
    headers = {**SLICE, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    assert client.post(path, content=b"12345", headers=headers).status_code == 204


def test_the_unfinished_are_listed_with_all_that_a_person_needs(client: TestClient, session_id: int) -> None:
    saved(client, session_id)
    path = tus.create(client, 10, session=session_id, filename="lecture.m4a", relative_path="a/lecture.m4a")
    tus.patch(client, path, 0, b"12345")
    (found,) = client.get(UPLOADS).json()["uploads"]
    assert (found["name"], found["offset"], found["length"], found["state"]) == ("lecture.m4a", 5, 10, "receiving")
    assert (found["session_id"], found["metadata"]["relative_path"]) == (session_id, "a/lecture.m4a")


def test_an_upload_whose_answer_was_lost_is_found_by_its_token(client: TestClient, session_id: int) -> None:
    path = tus.create(client, 10, session=session_id, request="a-token")
    saved(client, session_id, request="another")
    for token, expected in (("a-token", [path]), ("nothing", [])):
        found = client.get(UPLOADS, params={"request": token}).json()["uploads"]
        assert [f"{UPLOADS}/{upload['id']}" for upload in found] == expected
    assert [row["state"] for row in client.get(f"{UPLOADS}?request=another").json()["uploads"]] == ["saved"]


def test_the_same_bytes_again_are_told(client: TestClient, session_id: int) -> None:
    first = saved(client, session_id)
    assert [row["file_id"] for row in saved(client, session_id)["duplicates"]] == [first["file"]["id"]]


def test_a_saving_that_fails_is_told_and_can_be_tried_again(client: TestClient, session_id: int) -> None:
    path = tus.create(client, 5, session=session_id)
    error(client.post(f"{path}/retry"), 409)
    client.delete(f"/api/v1/sessions/{session_id}")
    tus.patch(client, path, 0, b"12345")
    failed = tus.settled(client, path)
    assert (failed["state"], failed["error"]["code"]) == ("failed", "conflict")
    assert [row["state"] for row in client.get(UPLOADS).json()["uploads"]] == ["failed"]
    client.post(f"/api/v1/sessions/{session_id}/restore")
    assert client.post(f"{path}/retry").status_code == 202
    assert tus.settled(client, path)["state"] == "saved"


def test_a_saved_file_that_was_deleted_since_is_null(client: TestClient, session_id: int) -> None:
    path = tus.create(client, 5, session=session_id)
    tus.patch(client, path, 0, b"12345")
    one = f"/api/v1/files/{tus.settled(client, path)['file']['id']}"
    client.delete(one)
    client.post(f"{one}/purge")
    assert (client.get(path).json()["state"], client.get(path).json()["file"]) == ("saved", None)


def test_a_dropped_folder_becomes_sessions_or_tags(client: TestClient, session_id: int) -> None:
    for name in ("a.txt", "b.txt"):
        path = f"Optics/week 1/{name}"
        found = saved(client, session_id, name.encode(), filename=name, relative_path=path, folders="session")
        assert found["state"] == "saved", found["error"]
    optics = client.get("/api/v1/sessions", params={"query": "Optics"}).json()["sessions"]
    assert [(row["title"], row["file_count"], row["tags"]) for row in optics] == [("Optics", 2, ["week 1"])]
    saved(client, session_id, b"3", filename="c.txt", relative_path="Exam/c.txt", folders="tag")
    assert client.get(f"/api/v1/sessions/{session_id}").json()["tags"] == ["Exam"]


def test_a_recording_keeps_its_lecture_and_date(client: TestClient, session_id: int) -> None:
    lecture = client.post("/api/v1/lectures", json={"session_id": session_id, "title": "One"}).json()["id"]
    path = tus.create(client, 5, session=session_id, lecture=lecture)
    assert client.get(path).json()["lecture_id"] == lecture
    header = client.head(path, headers=VERSION).headers["upload-metadata"]
    assert b64decode(header.split(",")[2].split(" ")[1]) == str(lecture).encode()
