"""The set-up of a storage's bucket over API and command line; and the bucket that is made at its first use."""

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from studybuddy import bucket_setup
from studybuddy.adding.new_files import NewFile
from studybuddy.api import middleware, routes
from studybuddy.drivers.setup_steps import BucketPlan
from studybuddy.errors import ConflictError, InvalidInputError
from studybuddy.settings import load_settings
from studybuddy.wiring import Wiring, open_all
from tests import patient
from tests.cli.conftest import Shell
from tests.servers.place import Server

SET_UP = "/api/v1/storages/s3/set-up"


@pytest.fixture
def environ(strict_s3_server: Server, tmp_path: Path) -> dict[str, str]:
    folders = {"UPLOADS_DIR": str(tmp_path / "uploads"), "STUDY_BUDDY_DATA": str(tmp_path / "data")}
    return strict_s3_server.environ(f"fresh-{uuid4().hex[:12]}", S3_PREFIX="mine", **folders)


@pytest.fixture
def wiring(environ: dict[str, str], tmp_path: Path) -> Iterator[Wiring]:
    opened = open_all(load_settings(environ, env_file=tmp_path / ".env"))
    yield opened
    opened.close()


@pytest.fixture
def client(wiring: Wiring) -> Iterator[TestClient]:
    app = Starlette(routes=routes(lambda: wiring), middleware=middleware(lambda: wiring))
    with TestClient(app, base_url="http://localhost") as found:
        yield found


def add(wiring: Wiring, content: bytes) -> Any:
    session = wiring.library.session_titled("Week 1")
    return wiring.library.add(BytesIO(content), NewFile("a.txt", session.id))


def outcomes(told: Any) -> dict[str, str]:
    return {step["name"]: step["outcome"] for step in told["steps"]}


def test_the_first_file_makes_the_bucket(wiring: Wiring, environ: dict[str, str], strict_s3_server: Server) -> None:
    added = add(wiring, b"the first")
    assert (added.stored_in, added.wanted) == (f"S3 · {environ['STUDY_BUDDY_BUCKET_NAME']}/mine", None)
    assert strict_s3_server.client().head_bucket(Bucket=environ["STUDY_BUDDY_BUCKET_NAME"])


def test_a_bucket_that_was_used_and_is_gone_is_never_made_anew(
    wiring: Wiring, environ: dict[str, str], strict_s3_server: Server, tmp_path: Path
) -> None:
    add(wiring, b"the first")
    s3, bucket = strict_s3_server.client(), environ["STUDY_BUDDY_BUCKET_NAME"]
    for found in s3.list_objects_v2(Bucket=bucket)["Contents"]:
        s3.delete_object(Bucket=bucket, Key=found["Key"])
    s3.delete_bucket(Bucket=bucket)
    again = open_all(load_settings(environ, env_file=tmp_path / ".env"))
    try:
        added = add(again, b"the second")
    finally:
        again.close()
    assert added.stored_in == "this computer"
    assert f"no bucket {bucket}" in added.reason
    assert bucket not in [one["Name"] for one in s3.list_buckets()["Buckets"]]


def test_a_dry_run_a_run_and_another_run_over_the_api(client: TestClient) -> None:
    assert set(outcomes(client.post(SET_UP, json={"dry_run": True}).json()).values()) == {"already", "would"}
    first = client.post(SET_UP, json={}).json()
    assert (first["succeeded"], outcomes(first)["bucket"], first["label"][:2]) == (True, "done", "S3")
    assert set(outcomes(client.post(SET_UP, json={}).json()).values()) == {"already"}


def test_public_reading_has_to_be_confirmed_and_gives_plain_links(
    environ: dict[str, str], client: TestClient, wiring: Wiring, tmp_path: Path
) -> None:
    refused = client.post(SET_UP, json={"public_read": True})
    assert refused.status_code == 409
    assert "Everyone on the internet" in refused.json()["error"]["message"]
    file_id = add(wiring, b"a lecture").file.id
    assert client.post(SET_UP, json={"public_read": True, "confirm": True}).json()["succeeded"]
    again = open_all(load_settings({**environ, "PUBLIC_READ": "true"}, env_file=tmp_path / ".env"))
    try:
        url = again.library.redirect_url(file_id)
        to_save = again.library.redirect_url(file_id, attachment=True)
    finally:
        again.close()
    assert url
    assert "?" not in url
    assert "response-content-disposition=attachment" in (to_save or "")
    assert patient.get(url).content == b"a lecture"
    assert outcomes(client.post(SET_UP, json={}).json())["policy"] == "done"
    assert patient.get(url).status_code == 403


def test_the_policy_is_for_this_bucket_and_folder(client: TestClient, environ: dict[str, str]) -> None:
    daily = client.get("/api/v1/storages/s3/policy").json()
    set_up = client.get("/api/v1/storages/s3/policy?use=set-up").json()
    folder = f"arn:aws:s3:::{environ['STUDY_BUDDY_BUCKET_NAME']}/mine/*"
    assert daily["Statement"][0]["Resource"] == set_up["Statement"][0]["Resource"] == folder
    assert len(set_up["Statement"]) == len(daily["Statement"]) + 1


@pytest.mark.parametrize(
    ("body", "status"), [({"cors_origins": ["nothing"]}, 400), ({"public_read": "yes"}, 400), ({"dry": True}, 400)]
)
def test_a_wrong_request_is_refused(client: TestClient, body: dict[str, Any], status: int) -> None:
    assert client.post(SET_UP, json=body).status_code == status


def test_a_folder_has_no_bucket_to_set_up(wiring: Wiring) -> None:
    with pytest.raises(ConflictError, match="no bucket"):
        bucket_setup.set_up(wiring.storages().local, BucketPlan(), dry_run=True, confirmed=False)
    with pytest.raises(ConflictError, match="no bucket"):
        bucket_setup.policy(wiring.storages().local, "daily")


def test_origins_are_checked_and_named_once() -> None:
    origins = ["https://a.example", "https://a.example/", "http://localhost:8501"]
    plan = bucket_setup.plan(public_read=False, cors_origins=origins)
    assert plan.cors_origins == ("https://a.example", "http://localhost:8501")
    for wrong in ("*", "a.example", "https://a.example/page", "ftp://a.example"):
        with pytest.raises(InvalidInputError):
            bucket_setup.plan(public_read=False, cors_origins=[wrong])


def test_a_dry_run_of_public_reading_needs_no_confirmation(wiring: Wiring) -> None:
    storage, plan = wiring.storages().target, BucketPlan(public_read=True)
    with pytest.raises(ConflictError):
        bucket_setup.set_up(storage, plan, dry_run=False, confirmed=False)
    assert {step.outcome for step in bucket_setup.set_up(storage, plan, dry_run=True, confirmed=False)} > {"would"}


class TestCommandLine:
    @pytest.fixture
    def shell(self, tmp_path: Path) -> Shell:
        return Shell(tmp_path)

    def test_the_set_up_prints_its_steps_and_the_policy(self, shell: Shell, environ: dict[str, str]) -> None:
        ran = shell("setup-bucket", **environ)
        assert ran.code == 0
        assert "✓ Versioning on: done" in ran.out
        assert json.loads(ran.out[ran.out.index("{\n") :])["Statement"][0]["Sid"] == "StudyBuddyFiles"
        again = shell.json("setup-bucket", "s3", **environ)
        assert set(outcomes(again).values()) == {"already"}
        assert again["policy"]["Statement"]

    def test_public_reading_needs_a_yes(self, shell: Shell, environ: dict[str, str]) -> None:
        asked = shell("setup-bucket", "--public-read", **environ)
        assert (asked.code, asked.out) == (1, "")
        assert "Everyone on the internet" in asked.err
        assert "--yes" in asked.err
        told = shell.json("setup-bucket", "--public-read", "--yes", "--cors-origin", "https://a.example", **environ)
        assert (outcomes(told)["policy"], outcomes(told)["cors"]) == ("done", "done")

    def test_a_failed_set_up_ends_with_1(self, shell: Shell, environ: dict[str, str]) -> None:
        ran = shell("setup-bucket", "--json", **{**environ, "AWS_ACCESS_KEY_ID": "AKIAWRONG"})
        assert ran.code == 1
        assert (ran.json["succeeded"], ran.json["error"]["code"]) == (False, "setup_failed")

    def test_the_policy_alone_asks_nobody(self, shell: Shell, environ: dict[str, str]) -> None:
        ran = shell("setup-bucket", "--policy", "set-up", **{**environ, "S3_ENDPOINT_URL": "http://127.0.0.1:9"})
        assert ran.code == 0
        assert len(json.loads(ran.out)["Statement"]) == 3
        assert shell("setup-bucket", "--policy", "other", **environ).code == 2
