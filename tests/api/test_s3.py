"""The same API over a bucket."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from studybuddy.api import middleware, routes
from studybuddy.settings import load_settings
from studybuddy.wiring import open_all
from tests import patient
from tests.api import tus
from tests.api.test_files import add
from tests.servers.place import REGION, Server

DATA = os.urandom(3_000_000)


@pytest.fixture
def bucket(strict_s3_server: Server) -> str:
    return strict_s3_server.new_bucket()


@pytest.fixture
def client(strict_s3_server: Server, bucket: str, tmp_path: Path) -> Iterator[TestClient]:
    environ = strict_s3_server.environ(
        bucket, UPLOADS_DIR=str(tmp_path / "uploads"), STUDY_BUDDY_DATA=str(tmp_path / "data")
    )
    wiring = open_all(load_settings(environ, env_file=tmp_path / ".env"))
    app = Starlette(routes=routes(lambda: wiring), middleware=middleware(lambda: wiring))
    with TestClient(app, base_url="http://localhost") as found:
        yield found
    wiring.close()


def test_a_file_goes_to_the_bucket_and_comes_back_whole_by_range_and_by_link(
    client: TestClient, session_id: int, bucket: str
) -> None:
    info = client.get("/api/v1/upload/storage-info").json()
    assert (info["storage_mode"], info["s3_enabled"], info["bucket_name"], info["region"]) == (
        "S3",
        True,
        bucket,
        REGION,
    )
    added = add(client, session_id, "grüße.bin", DATA)
    assert (added["stored_in"], added["wanted"]) == (f"S3 · {bucket}", None)
    url = added["file"]["content_url"]
    assert client.get(url).content == DATA
    part = client.get(url, headers={"Range": "bytes=1000000-1999999"})
    assert (part.status_code, part.content) == (206, DATA[1_000_000:2_000_000])
    link = client.get(f"{url}?redirect=1", follow_redirects=False)
    assert (link.status_code, link.headers["cache-control"]) == (302, "no-store")
    direct = patient.get(link.headers["location"])
    assert direct.content == DATA
    assert "gr%C3%BC%C3%9Fe.bin" in direct.headers["content-disposition"]


def test_a_resumable_upload_ends_in_the_bucket(client: TestClient, session_id: int, bucket: str) -> None:
    path = tus.create(client, len(DATA), session=session_id)
    tus.patch(client, path, 0, DATA[:1_000_000])
    tus.patch(client, path, 1_000_000, DATA[1_000_000:])
    found = tus.settled(client, path)
    assert (found["stored_in"], found["file"]["sha256"]) == (f"S3 · {bucket}", hashlib.sha256(DATA).hexdigest())


def test_a_bucket_that_is_gone_is_told_and_nothing_is_lost(
    client: TestClient, session_id: int, strict_s3_server: Server, bucket: str
) -> None:
    kept = add(client, session_id, "kept.bin", DATA)["file"]
    s3 = strict_s3_server.client()
    for item in s3.list_objects_v2(Bucket=bucket)["Contents"]:
        s3.delete_object(Bucket=bucket, Key=item["Key"])
    s3.delete_bucket(Bucket=bucket)
    added = add(client, session_id, "new.bin", DATA[:1000])
    assert (added["stored_in"], added["wanted"]) == ("this computer", f"S3 · {bucket}")
    assert added["reason"]
    assert client.get(added["file"]["content_url"]).content == DATA[:1000]
    answer = client.get(kept["content_url"])
    assert answer.status_code in {502, 503}
    assert answer.json()["error"]["message"]
