"""A migration on a bad network: no file is ever switched to other bytes, and each fault has an end that is told."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from studybuddy.catalog.migrations import Migration, Scope
from studybuddy.drivers.s3.clients import Deadlines
from studybuddy.drivers.s3.driver import S3Driver
from studybuddy.settings import load_settings
from studybuddy.settings.places import S3Settings
from studybuddy.units import KIB, MIB
from studybuddy.wiring import open_all
from tests.invariants import check_at_rest
from tests.migration.conftest import Place, with_drivers
from tests.servers.fault_proxy import FaultProxy
from tests.servers.place import REGION, Server

SHORT = Deadlines(
    connect=1.0, answer=1.0, retry=1.0, body=1.5, stall=1.5, long=3.0, range=1.0, standstill=1.5, first=0.5
)
SIZES = (0, 10 * KIB, 10 * KIB, 300 * KIB, 9 * MIB)
LARGE = 66 * MIB  # gone on with in its middle
EVERY_TIME = 10**9
FAULTS = (
    "status:500", "status:503", "status:403", "status:403:ExpiredToken", "reset_before", "reset_in_request",
    "reset_in_answer", "lose_answer", "truncate", "flip_request", "flip_answer", "drip", "stall", "hang", "double",
)  # fmt: skip
ALWAYS_TESTED = {
    ("status:503", "up"), ("status:403", "down"), ("lose_answer", "up"), ("flip_request", "up"), ("truncate", "down"),
    ("reset_in_answer", "down"), ("double", "up"), ("status:503", "within"), ("lose_answer", "within"),
}  # fmt: skip
LARGE_ALWAYS_TESTED = {("status:403:ExpiredToken", "up"), ("truncate", "down")}


WAYS = {"up": ("local", "s3"), "down": ("s3", "local"), "within": ("s3", "second")}
SENT_BY = {"up": "PUT", "down": "GET", "within": "PUT"}  # with what each file goes its way


@dataclass(frozen=True, slots=True)
class Rig:
    """A library on this disk and in two buckets that are reached through a proxy."""

    place: Place
    proxy: FaultProxy
    server: Server
    bucket: str
    files: dict[int, bytes]
    drivers: list[S3Driver]

    def move(self, way: str) -> Migration:
        """Plan and run a migration "up" to the bucket, "down" from it or "within" the service."""
        source, target = WAYS[way]
        return self.place.migrations.run(self.place.migrations.plan(source, target, Scope()).migration.id)

    def fill_bucket(self) -> None:
        """Move everything up, and leave nothing here."""
        self.place.migrations.clean_up(self.move("up").id, now=True)

    def check_files(self) -> None:
        """Hold the object of each file, behind the proxy, against what was added."""
        with self.place.wiring.catalog.read() as db:
            rows = db.execute(
                """SELECT files.id, storages.url, copies.key FROM files JOIN copies ON copies.id = current_copy_id
                JOIN storages ON storages.id = copies.storage_id"""
            ).fetchall()
        assert len(rows) == len(self.files)
        for file_id, url, key in rows:
            assert self._object(url, key) == self.files[file_id]

    def _object(self, url: str, key: str) -> bytes:
        if url.startswith("s3:"):
            return self.server.client().get_object(Bucket=urlsplit(url).netloc, Key=key)["Body"].read()
        return (self.place.wiring.settings.uploads_dir / key).read_bytes()

    def finish(self, migration_id: int) -> None:
        """End a migration on a good network, and clean up."""
        self.proxy.rules.clear()
        migrations = self.place.migrations
        if migrations.get(migration_id).state == "failed":
            migrations.retry_failed(migration_id)
        done = migrations.run(migration_id)
        assert (done.state, done.count("switched").files) == ("done", len(self.files)), failures(self, done)
        self.check_files()
        migrations.clean_up(migration_id, now=True)
        self.place.wiring.recovery.run()  # with its own patience, what could not be deleted in a hurry
        for driver in self.drivers:
            driver.remove_probes()  # as recovery does with the drivers that it knows
        check_at_rest(self.place.wiring)


def failures(rig: Rig, migration: Migration) -> list[str]:
    return [item.error for item in rig.place.migrations.items(migration.id, states=["failed", "todo"])]


def check_told(rig: Rig, ended: Migration) -> None:
    """Hold that a migration came to its end, or says what keeps it from it."""
    told = failures(rig, ended)
    match ended.state:
        case "done":
            assert told == []
        case "failed":
            assert told
            assert all(told)
        case "paused":
            assert ended.reason
        case other:
            pytest.fail(other)


@pytest.fixture
def proxy(rclone_server: Server) -> Iterator[FaultProxy]:
    proxy = FaultProxy(rclone_server.url)
    yield proxy
    proxy.close()


@pytest.fixture
def rig(tmp_path: Path, rclone_server: Server, proxy: FaultProxy) -> Iterator[Rig]:
    bucket, server = rclone_server.new_bucket(), rclone_server.at(proxy.url)
    environ = {
        "UPLOADS_DIR": str(tmp_path / "uploads"), "STUDY_BUDDY_DATA": str(tmp_path / "data"), "STORAGE": "LOCAL",
        "STUDY_BUDDY_BUCKET_NAME": bucket, "S3_ENDPOINT_URL": server.url, "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": server.access_key, "AWS_SECRET_ACCESS_KEY": server.secret_key,
    }  # fmt: skip
    (tmp_path / "storages.toml").write_text(
        f"""[second]\nbucket = "{rclone_server.new_bucket()}"\nendpoint_url = "{server.url}"\nregion = "{REGION}"
        access_key_id_env = "AWS_ACCESS_KEY_ID"\nsecret_access_key_env = "AWS_SECRET_ACCESS_KEY"\n"""
    )
    wiring = open_all(load_settings(environ, env_file=tmp_path / ".env"))
    drivers = {}
    for name in ("s3", "second"):
        settings = wiring.storages().named(name).place
        assert isinstance(settings, S3Settings)
        drivers[name] = S3Driver(settings, deadlines=SHORT)
    place = with_drivers(Place(wiring, wiring.migrations), drivers)
    contents = [os.urandom(size) for size in SIZES]
    files = {place.add(content): content for content in contents}
    yield Rig(place, proxy, rclone_server, bucket, files, list(drivers.values()))
    wiring.close()


@pytest.mark.parametrize(
    ("fault", "way"),
    [
        pytest.param(fault, way, marks=[] if (fault, way) in ALWAYS_TESTED else pytest.mark.slow)
        for fault in FAULTS
        for way in WAYS
    ],
)
def test_a_fault_in_the_middle_is_got_over(rig: Rig, way: str, fault: str) -> None:
    if way != "up":
        rig.fill_bucket()
    rig.proxy.add(fault, method=SENT_BY[way], skip=2, times=2, path="/study-sessions")
    ended = rig.move(way)
    assert rig.proxy.count(SENT_BY[way], fault) > 0
    check_told(rig, ended)
    rig.check_files()
    rig.finish(ended.id)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["*", "PUT", "GET", "HEAD", "DELETE"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_stays_is_told_and_got_over_later(rig: Rig, way: str, fault: str, method: str) -> None:
    if way != "up":
        rig.fill_bucket()
    rig.proxy.add(fault, method=method, skip=3, times=EVERY_TIME)
    ended = rig.move(way)
    check_told(rig, ended)
    rig.proxy.rules.clear()
    rig.check_files()
    if not rig.place.migrations.items(ended.id, states=["failed"]):
        rig.finish(ended.id)


@pytest.mark.parametrize(
    ("fault", "way"),
    [
        pytest.param(fault, way, marks=[] if (fault, way) in LARGE_ALWAYS_TESTED else pytest.mark.slow)
        for fault in FAULTS
        for way in ("up", "down")
    ],
)
def test_a_fault_that_stays_in_the_middle_of_a_large_file_is_got_over_later(rig: Rig, way: str, fault: str) -> None:
    content = os.urandom(LARGE)
    rig.files[rig.place.add(content)] = content
    if way == "up":
        rig.proxy.add(fault, method="PUT", path="partNumber", skip=4, times=EVERY_TIME)
    else:
        rig.fill_bucket()
        rig.proxy.add(fault, method="GET", path="/study-sessions", skip=len(SIZES), times=EVERY_TIME)
    ended = rig.move(way)
    check_told(rig, ended)
    rig.proxy.rules.clear()
    rig.check_files()
    if rig.place.migrations.items(ended.id, states=["failed"]):
        rig.place.migrations.retry_failed(ended.id)
    rig.finish(ended.id)


@pytest.mark.parametrize("way", WAYS)
def test_expired_keys_pause_with_the_reason_and_it_goes_on_when_they_are_renewed(rig: Rig, way: str) -> None:
    if way != "up":
        rig.fill_bucket()
    rig.proxy.add("status:403:ExpiredToken", skip=2, times=EVERY_TIME)
    paused = rig.move(way)
    assert (paused.state, paused.lease_owner, paused.count("failed", "copying").files) == ("paused", None, 0)
    assert "expired" in paused.reason
    rig.check_files()
    rig.finish(paused.id)


def test_a_bucket_that_is_deleted_in_the_middle_pauses_with_the_reason(rig: Rig) -> None:
    first = rig.move("up")
    rig.place.migrations.undo(first.id)
    rig.place.migrations.clean_up(first.id, now=True)
    rig.server.client().delete_bucket(Bucket=rig.bucket)
    paused = rig.move("up")
    assert (paused.state, paused.count("todo").files) == ("paused", len(SIZES))
    assert "no bucket" in paused.reason
    rig.check_files()
    rig.server.client().create_bucket(Bucket=rig.bucket)
    rig.finish(paused.id)


def test_files_whose_bucket_is_gone_open_from_the_copies_that_they_came_from(rig: Rig) -> None:
    rig.move("up")
    client = rig.server.client()
    for found in client.list_objects_v2(Bucket=rig.bucket)["Contents"]:
        client.delete_object(Bucket=rig.bucket, Key=found["Key"])
    client.delete_bucket(Bucket=rig.bucket)
    assert {file_id: rig.place.content(file_id) for file_id in rig.files} == rig.files


def test_what_a_bad_line_damages_is_not_taken_for_a_damaged_source(rig: Rig) -> None:
    rig.fill_bucket()
    rig.proxy.add("flip_answer", method="GET", path="/study-sessions", times=1)
    assert rig.move("down").state == "done"
    with rig.place.wiring.catalog.read() as db:
        assert db.execute("SELECT count(*) FROM copies WHERE state = 'bad'").fetchone()[0] == 0
    rig.check_files()


def test_what_goes_on_after_a_pause_sends_and_reads_no_byte_of_what_has_moved(rig: Rig) -> None:
    for _ in range(20):
        content = os.urandom(100 * KIB)
        rig.files[rig.place.add(content)] = content
    planned = rig.place.migrations.plan("local", "s3", Scope(max_bytes=MIB)).migration
    rig.proxy.add("status:403:ExpiredToken", method="PUT", skip=12, times=EVERY_TIME)
    paused = rig.place.migrations.run(planned.id)
    moved = [item.target_key for item in rig.place.migrations.items(planned.id, states=["switched"], limit=100)]
    left = paused.count("todo")
    assert (paused.state, len(moved) + left.files, 12 <= left.files < 24) == ("paused", 24, True)
    rig.proxy.rules.clear()
    rig.proxy.log.clear()
    rig.proxy.bytes_in = 0
    done = rig.place.wiring.migrations.run(planned.id)  # with its own patience: nothing is sent twice
    assert (done.state, done.count("switched").files) == ("done", 24)
    assert (rig.proxy.count("PUT"), rig.proxy.bytes_in) == (left.files, left.bytes)
    assert [target for _, target, _ in rig.proxy.log if any(key and key in target for key in moved)] == []
