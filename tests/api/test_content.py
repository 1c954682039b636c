from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api.test_errors import error
from tests.api.test_files import add

DATA = bytes(range(256)) * 40
SIZE = len(DATA)


@pytest.fixture
def file(client: TestClient, session_id: int) -> dict[str, Any]:
    found: dict[str, Any] = add(client, session_id, "data.bin", DATA)["file"]
    return found


def test_the_whole_is_told_with_all_that_a_browser_needs(client: TestClient, file: dict[str, Any]) -> None:
    answer = client.get(file["content_url"])
    assert (answer.status_code, answer.content) == (200, DATA)
    headers = answer.headers
    assert headers["content-length"] == str(SIZE)
    assert headers["etag"] == f'"{file["sha256"]}"'
    assert headers["accept-ranges"] == "bytes"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-encoding"] == "identity"
    assert headers["cache-control"] == "private, no-cache"
    assert headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-", 0, SIZE - 1),
        ("bytes=5-9", 5, 9),
        ("bytes=-7", SIZE - 7, SIZE - 1),
        (f"bytes=-{SIZE + 5}", 0, SIZE - 1),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE - 1),
        (f"bytes=10-{10**17}", 10, SIZE - 1),
        ("Bytes = 5-9", 5, 9),
        ("bytes=5 - 9", 5, 9),
    ],
)
def test_a_range_is_answered_with_its_bytes(
    client: TestClient, file: dict[str, Any], asked: str, first: int, last: int
) -> None:
    answer = client.get(file["content_url"], headers={"Range": asked})
    assert (answer.status_code, answer.content) == (206, DATA[first : last + 1])
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{SIZE}"
    assert answer.headers["content-length"] == str(last + 1 - first)


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", f"bytes={SIZE + 1}-{SIZE + 5}", "bytes=-0"])
def test_a_range_behind_the_end_is_refused_with_the_size(client: TestClient, file: dict[str, Any], asked: str) -> None:
    answer = client.get(file["content_url"], headers={"Range": asked})
    error(answer, 416)
    assert answer.headers["content-range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize(
    "asked",
    ["bytes=9-5", "bytes=a-b", "bytes=", "bytes=-", "items=0-5", "bytes=0-1,4-5", "bytes=٣-٤", "0-5", "bytes=1"],
)
def test_what_is_no_single_range_means_the_whole(client: TestClient, file: dict[str, Any], asked: str) -> None:
    answer = client.get(file["content_url"], headers={"Range": asked.encode()})
    assert (answer.status_code, answer.content) == (200, DATA)


def test_a_range_of_another_version_means_the_whole(client: TestClient, file: dict[str, Any]) -> None:
    whole = client.get(file["content_url"]).headers
    for if_range, status in [
        (whole["etag"], 206), (whole["last-modified"], 206), ('"other"', 200), (f"W/{whole['etag']}", 200),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 200), ("nonsense", 200),
    ]:  # fmt: skip
        answer = client.get(file["content_url"], headers={"Range": "bytes=0-4", "If-Range": if_range})
        assert answer.status_code == status, if_range


def test_conditions_are_looked_at_in_their_order(client: TestClient, file: dict[str, Any]) -> None:
    whole = client.get(file["content_url"]).headers
    etag, date = whole["etag"], whole["last-modified"]
    old, new = "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"
    for headers, status in [
        ({"If-None-Match": etag}, 304), ({"If-None-Match": f'"x", W/{etag}'}, 304), ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"x"'}, 200), ({"If-Match": etag}, 200), ({"If-Match": '"x"'}, 412),
        ({"If-Match": "*"}, 200),
        ({"If-Match": f"W/{etag}"}, 412), ({"If-Modified-Since": date}, 304), ({"If-Modified-Since": old}, 200),
        ({"If-Modified-Since": "nonsense"}, 200), ({"If-Modified-Since": old, "If-None-Match": etag}, 304),
        ({"If-Modified-Since": new, "If-None-Match": '"x"'}, 200), ({"If-Unmodified-Since": old}, 412),
        ({"If-Unmodified-Since": new}, 200), ({"If-Match": etag, "If-Unmodified-Since": old}, 200),
        ({"If-None-Match": etag, "Range": "bytes=0-4"}, 304),
    ]:  # fmt: skip
        answer = client.get(file["content_url"], headers=headers)
        assert answer.status_code == status, headers
        if status == 304:
            assert (answer.content, answer.headers["etag"]) == (b"", etag)


def test_head_tells_the_same_without_the_bytes(client: TestClient, file: dict[str, Any]) -> None:
    answer = client.head(file["content_url"], headers={"Range": "bytes=0-4"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(SIZE)


def test_an_empty_file_is_whole_and_has_no_range(client: TestClient, session_id: int) -> None:
    url = add(client, session_id, "empty.txt", b"")["file"]["content_url"]
    assert (client.get(url).status_code, client.get(url).content) == (200, b"")
    error(client.get(url, headers={"Range": "bytes=0-"}), 416)


@pytest.mark.parametrize(("name", "data"), [("a.txt", "grüße".encode()), ("a.md", b"# Title\n\ntext\n")])
def test_text_is_shown_as_plain_text(client: TestClient, session_id: int, name: str, data: bytes) -> None:
    answer = client.get(add(client, session_id, name, data)["file"]["content_url"])
    assert answer.headers["content-disposition"].startswith("inline")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-security-policy"] == "sandbox"


@pytest.mark.parametrize("name", ["a.svg", "a.html", "a.txt", "a.png", "a"])
@pytest.mark.parametrize(
    "data",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<!doctype html><html><script>alert(1)</script></html>",
        b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>',
    ],
)
def test_what_could_run_is_only_kept_or_plain(client: TestClient, session_id: int, name: str, data: bytes) -> None:
    headers = client.get(add(client, session_id, name, data)["file"]["content_url"]).headers
    assert headers["content-security-policy"] == "sandbox"
    assert headers["content-disposition"].startswith("attachment") or headers["content-type"].startswith("text/plain")


def test_download_keeps_under_its_name(client: TestClient, session_id: int) -> None:
    url = add(client, session_id, "a.txt", b"x")["file"]["content_url"]
    assert client.get(f"{url}?download=1").headers["content-disposition"].startswith("attachment")


def test_a_storage_without_links_gives_the_bytes_where_a_redirect_was_asked(
    client: TestClient, file: dict[str, Any]
) -> None:
    assert client.get(f"{file['content_url']}?redirect=1").content == DATA


def test_bytes_that_are_gone_are_told_by_a_status(client: TestClient, file: dict[str, Any], tmp_path: Any) -> None:
    for path in (tmp_path / "uploads" / "study-sessions").rglob("*.bin"):
        path.unlink()
    error(client.get(file["content_url"]), 502)
