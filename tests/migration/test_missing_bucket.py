"""A move to a bucket that is not there yet: the plan says that it will be made, and the run makes it."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from studybuddy.catalog.migrations import Scope
from studybuddy.settings import load_settings
from studybuddy.wiring import Wiring, open_all
from tests.migration.conftest import Place
from tests.servers.place import Server
from tests.servers.strict_s3 import LEAST_KEY


@pytest.fixture
def environ(strict_s3_server: Server, tmp_path: Path) -> dict[str, str]:
    folders = {"UPLOADS_DIR": str(tmp_path / "uploads"), "STUDY_BUDDY_DATA": str(tmp_path / "data")}
    return strict_s3_server.environ(f"fresh-{uuid4().hex[:12]}", **folders) | {"STORAGE": "LOCAL"}


def opened(environ: dict[str, str], tmp_path: Path) -> Wiring:
    return open_all(load_settings(environ, env_file=tmp_path / ".env"))


@pytest.fixture
def place(environ: dict[str, str], tmp_path: Path) -> Iterator[Place]:
    wiring = opened(environ, tmp_path)
    yield Place(wiring, wiring.migrations)
    wiring.close()


def buckets(server: Server) -> list[str]:
    return [found["Name"] for found in server.client().list_buckets()["Buckets"]]


def test_the_plan_says_that_the_run_makes_the_bucket(
    place: Place, environ: dict[str, str], strict_s3_server: Server
) -> None:
    file_id, bucket = place.add(b"content"), environ["STUDY_BUDDY_BUCKET_NAME"]
    planned = place.migrations.plan("local", "s3", Scope()).migration
    found = place.migrations.look_ahead(planned.id)
    assert found.problems == ()
    assert found.notes[0].startswith(f"The bucket “{bucket}” is not there yet: it is made with the first file.")
    assert "s3:CreateBucket" in found.notes[0]
    assert bucket not in buckets(strict_s3_server)  # planning writes nothing
    assert place.migrations.run(planned.id).state == "done"
    assert (place.where(file_id), bucket in buckets(strict_s3_server)) == ("s3", True)
    assert place.migrations.look_ahead(place.migrations.plan("local", "s3", Scope()).migration.id).notes == ()


def test_keys_that_may_not_make_it_are_told_which_permission_they_need(
    environ: dict[str, str], tmp_path: Path, strict_s3_server: Server
) -> None:
    wiring = opened(environ | {"AWS_ACCESS_KEY_ID": LEAST_KEY}, tmp_path)
    place = Place(wiring, wiring.migrations)
    place.add(b"content")
    paused = place.migrations.get(place.move("local", "s3"))
    wiring.close()
    assert paused.state == "paused"
    assert "permission s3:CreateBucket" in paused.reason
    assert environ["STUDY_BUDDY_BUCKET_NAME"] not in buckets(strict_s3_server)


def test_a_bucket_that_held_files_and_is_gone_is_still_a_problem(
    place: Place, environ: dict[str, str], strict_s3_server: Server
) -> None:
    file_id, s3 = place.add(b"content"), strict_s3_server.client()
    place.move("local", "s3")
    for key in place.objects("s3"):
        s3.delete_object(Bucket=environ["STUDY_BUDDY_BUCKET_NAME"], Key=key)
    s3.delete_bucket(Bucket=environ["STUDY_BUDDY_BUCKET_NAME"])
    place.add(b"another", "b.txt")
    found = place.migrations.look_ahead(place.migrations.plan("local", "s3", Scope()).migration.id)
    (no_price,) = found.notes
    assert no_price.startswith("What S3 · ")
    assert "cannot be used now" in found.problems[0]
    assert place.where(file_id) == "s3"
