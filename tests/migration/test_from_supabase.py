"""Files of ours whose bytes are at Supabase, under names that others gave them, move like all others."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from studybuddy import keys
from studybuddy.catalog import copies, files, lectures
from studybuddy.catalog.migrations import Count, Scope
from studybuddy.errors import ConflictError
from studybuddy.kinds import detect_in
from studybuddy.settings import load_settings
from studybuddy.streams import sha256_of
from studybuddy.wiring import open_all
from tests.migration.conftest import Place
from tests.samples import wav
from tests.servers.place import REGION, Server
from tests.servers.supabase import Supabase
from tests.servers.supabase_keys import signed_key

FOREIGN_KEYS = ("lectures/Week 1 (final).m4a?", "a//b.txt", "/d41d8cd98f00b204e9800998ecf8427e/notes.txt", "audio/x")


@pytest.fixture
def bucket(supabase_server: Supabase) -> str:
    return supabase_server.new_bucket()


@pytest.fixture
def place(tmp_path: Path, supabase_server: Supabase, bucket: str, rclone_server: Server) -> Iterator[Place]:
    """A library with a bucket of Supabase and one of S3."""
    environ = {
        "UPLOADS_DIR": f"{tmp_path}/uploads", "STUDY_BUDDY_DATA": f"{tmp_path}/data", "SUPABASE_BUCKET": bucket,
        "SUPABASE_URL": supabase_server.url, "SUPABASE_SERVICE_KEY": signed_key(), "AWS_REGION": REGION,
        "AWS_S3_BUCKET": rclone_server.new_bucket(), "S3_ENDPOINT_URL": rclone_server.url,
        "AWS_ACCESS_KEY_ID": rclone_server.access_key, "AWS_SECRET_ACCESS_KEY": rclone_server.secret_key,
    }  # fmt: skip
    wiring = open_all(load_settings(environ, env_file=tmp_path / ".env"))
    yield Place(wiring, wiring.migrations)
    wiring.close()


def put(place: Place, server: Supabase, bucket: str, key: str, content: bytes) -> int:
    """Put an object there and write the rows of its file."""
    server.put(bucket, key, content)
    found, (size, sha256) = detect_in(BytesIO(content), key), sha256_of(BytesIO(content))
    session_id = place.wiring.library.session_titled("Waves").id
    storage_id = place.wiring.storages().named("supabase").id
    with place.wiring.catalog.write() as db:
        row = files.FileRow(session_id, found.kind, "a", found.content_type, size, sha256, None, None, None)
        file_id = files.insert(db, row)
        copies.settle_all(db, [copies.insert(db, file_id=file_id, storage_id=storage_id, key=key, writer="w")])
        if found.kind == "audio":
            lectures.insert(db, session_id=session_id, title="a", recorded_on=None, audio_file_id=file_id)
    return file_id


def test_they_move_to_s3_under_keys_of_ours_and_back_by_undo(
    place: Place, supabase_server: Supabase, bucket: str
) -> None:
    contents = {
        put(place, supabase_server, bucket, key, content): content
        for key, content in zip(FOREIGN_KEYS, (wav(), b"text", b"other text", b"\x00\x01"), strict=True)
    }
    plan = place.migrations.plan("supabase", "s3", Scope())
    done = place.migrations.run(plan.migration.id)
    assert (done.state, done.count("switched").files) == ("done", 4)
    assert {place.where(file_id) for file_id in contents} == {"s3"}
    assert {file_id: place.content(file_id) for file_id in contents} == contents
    moved = place.objects("s3")
    assert all(keys.is_of_a_file(key) for key in moved)
    lecture_ids = [keys.lecture_of(key) for key in moved if key.startswith("audio/")]
    assert lecture_ids == [1]
    assert sorted(key.rpartition(".")[2] for key in moved) == ["bin", "txt", "txt", "wav"]
    with pytest.raises(ConflictError, match="read only"):
        place.migrations.clean_up(plan.migration.id, now=True)
    assert place.migrations.undo(plan.migration.id).state == "undone"
    assert {file_id: place.content(file_id) for file_id in contents} == contents


def test_a_row_without_bytes_fails_with_its_reason_and_stops_no_other(
    place: Place, supabase_server: Supabase, bucket: str
) -> None:
    kept = put(place, supabase_server, bucket, "kept.txt", b"kept")
    put(place, supabase_server, bucket, "lost.txt", b"lost")
    supabase_server.put(bucket, "lost.txt", None)
    done = place.migrations.run(place.migrations.plan("supabase", "s3", Scope()).migration.id)
    assert (done.state, done.count("switched"), done.count("failed")) == ("failed", Count(1, 4), Count(1, 4))
    (item,) = place.migrations.items(done.id, states=["failed"])
    assert "no bytes behind it" in item.error
    assert place.where(kept) == "s3"
