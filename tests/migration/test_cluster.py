"""A migration whose items are copied by a Dask cluster: two processes, one of which dies."""

import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from studybuddy.catalog import usage
from studybuddy.catalog.migrations import Migration, Scope
from studybuddy.errors import ClusterError, ConflictError, UnavailableError
from studybuddy.migration.cluster import Cluster
from studybuddy.opening import address_of, open_address
from studybuddy.settings import load_settings
from studybuddy.wiring import open_all
from tests.cli.conftest import Shell
from tests.migration.conftest import Place
from tests.servers import dask
from tests.servers.dask import Dask
from tests.servers.place import REGION, Server

pytest.importorskip("distributed", reason="needs Dask: requirements-cluster.txt")

FILES = 240


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    """A scheduler with one worker of two threads."""
    with dask.scheduler(tmp_path_factory.mktemp("dask")) as running, running.worker("steady"):
        yield running


@pytest.fixture
def bucket(rclone_server: Server) -> str:
    return rclone_server.new_bucket()


@pytest.fixture
def place(tmp_path: Path, rclone_server: Server, bucket: str) -> Iterator[Place]:
    environ = {
        "UPLOADS_DIR": f"{tmp_path}/uploads", "STUDY_BUDDY_DATA": f"{tmp_path}/data", "AWS_S3_BUCKET": bucket,
        "S3_ENDPOINT_URL": rclone_server.url, "AWS_ACCESS_KEY_ID": rclone_server.access_key,
        "AWS_SECRET_ACCESS_KEY": rclone_server.secret_key, "AWS_REGION": REGION,
    }  # fmt: skip
    wiring = open_all(load_settings(environ, env_file=tmp_path / ".env"))
    yield Place(wiring, wiring.migrations)
    wiring.close()


def fill(place: Place, files: int = FILES, *, size: int = 60_000) -> dict[int, bytes]:
    contents = [(b"%d: a sentence of a lecture. " % number) * (size // 30) for number in range(files)]
    return {place.add(content, f"{number}.txt"): content for number, content in enumerate(contents)}


def planned(place: Place) -> int:
    return place.migrations.plan("local", "s3", Scope()).migration.id


def crews(cluster: Dask) -> Cluster:
    return Cluster(cluster.url, shared_disk=True)


def run_in_background(place: Place, migration_id: int, cluster: Dask) -> threading.Thread:
    """Begin a run, and return when the first object is there."""
    work = threading.Thread(target=place.migrations.run, args=[migration_id], kwargs={"crews": crews(cluster)})
    work.start()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not place.objects("s3"):
        time.sleep(0.005)
    return work


def expect_all_there(place: Place, done: Migration, contents: dict[int, bytes], server: Server, bucket: str) -> None:
    assert (done.state, done.count("switched").files) == ("done", len(contents))
    assert {place.where(file_id) for file_id in contents} == {"s3"}
    assert {file_id: place.content(file_id) for file_id in contents} == contents
    expect_no_orphan(place, len(contents), server, bucket)


def expect_no_orphan(place: Place, objects: int, server: Server, bucket: str) -> None:
    with place.wiring.catalog.read() as db:
        rows = db.execute("SELECT key, state FROM copies WHERE storage_id = 2").fetchall()
    assert {state for _, state in rows} <= {"verified"}
    assert sorted(place.objects("s3")) == sorted(key for key, _ in rows)
    assert len(rows) == objects
    assert server.unfinished(bucket) == []


def test_a_worker_that_dies_in_the_middle_costs_no_file(
    place: Place, cluster: Dask, rclone_server: Server, bucket: str
) -> None:
    contents = fill(place, size=400_000)  # so that it dies before they are all there
    migration_id = planned(place)
    with cluster.worker("mortal") as mortal:
        work = run_in_background(place, migration_id, cluster)
        mortal.kill()
        work.join(90)
    expect_all_there(place, place.migrations.get(migration_id), contents, rclone_server, bucket)
    attempts = {item.attempts for item in place.migrations.items(migration_id, limit=FILES)}
    assert attempts == {1, 2}  # what the dead one had begun was begun again, by another, under another key


def test_the_workers_stop_when_the_run_does(place: Place, cluster: Dask, rclone_server: Server, bucket: str) -> None:
    contents = fill(place, 80, size=2_500_000)
    migration_id = planned(place)
    work = run_in_background(place, migration_id, cluster)
    place.migrations.stop()
    work.join(60)
    paused = place.migrations.get(migration_id)
    assert (paused.state, paused.reason) == ("paused", "")
    assert 0 < paused.count("switched").files < len(contents)
    expect_no_orphan(place, paused.count("switched").files, rclone_server, bucket)
    done = place.migrations.run(migration_id, crews=crews(cluster))
    expect_all_there(place, done, contents, rclone_server, bucket)
    place.wiring.metering.flush()
    with place.wiring.catalog.read() as db:
        counts = usage.counts(db, since=date(2000, 1, 1))[2]
    assert counts["put"] >= len(contents)  # what the workers asked is counted as well
    assert counts["sent"] >= sum(map(len, contents.values()))


@pytest.mark.slow
def test_a_scheduler_that_goes_pauses_the_migration(
    place: Place, tmp_path: Path, rclone_server: Server, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studybuddy.migration.cluster._ANSWER_S", 2)  # so long it may be silent
    contents = fill(place)
    migration_id = planned(place)
    with dask.scheduler(tmp_path) as mortal, mortal.worker("orphaned"):
        work = run_in_background(place, migration_id, mortal)
    work.join(60)
    paused = place.migrations.get(migration_id)
    assert paused.state == "paused"
    assert "scheduler has gone" in paused.reason
    expect_all_there(place, place.migrations.run(migration_id), contents, rclone_server, bucket)


def test_a_damaged_source_is_told_by_a_worker_as_by_a_thread(place: Place, cluster: Dask, tmp_path: Path) -> None:
    damaged, good = fill(place, 2)
    (key,) = [item.source_key for item in place.migrations.items(planned(place)) if item.file_id == damaged]
    (tmp_path / "uploads" / key).write_bytes(b"damaged")
    done = place.migrations.run(planned(place), crews=crews(cluster))
    assert (done.state, done.count("failed").files) == ("failed", 1)
    assert (place.where(damaged), place.where(good)) == ("local", "s3")
    (item,) = place.migrations.items(done.id, states=["failed"])
    assert "damaged copy" in item.error


def test_a_disk_of_this_computer_is_refused_unless_it_is_shared(place: Place, cluster: Dask) -> None:
    fill(place, 1)
    migration_id = planned(place)
    with pytest.raises(ConflictError, match="do not see this computer") as told:
        place.migrations.run(migration_id, crews=Cluster(cluster.url))
    assert "--shared-disk" in told.value.fix
    assert place.migrations.get(migration_id).state == "planned"


def test_another_folder_under_the_same_name_is_no_shared_disk(place: Place, tmp_path: Path) -> None:
    address = address_of(place.wiring.storages().named("local"))
    (tmp_path / "uploads").rename(tmp_path / "elsewhere")
    (tmp_path / "uploads").mkdir()
    with pytest.raises(UnavailableError, match="another one here"):
        open_address(address, writer="w")
    assert list((tmp_path / "uploads").iterdir()) == []


def test_a_speed_limit_is_kept_by_one_computer_alone(place: Place, cluster: Dask) -> None:
    limited = place.migrations.plan("local", "s3", Scope(), bytes_per_second=1000).migration
    with pytest.raises(ConflictError, match="speed limit"):
        place.migrations.run(limited.id, crews=crews(cluster))


def test_a_scheduler_that_does_not_answer_is_told(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    migration_id = planned(place)
    monkeypatch.setattr("studybuddy.migration.cluster._ANSWER_S", 0.5)
    with pytest.raises(ClusterError, match="No Dask scheduler answers at tcp"):
        place.migrations.run(migration_id, crews=Cluster("tcp://127.0.0.1:9", shared_disk=True))


def test_a_scheduler_without_workers_is_told(place: Place, tmp_path: Path) -> None:
    with dask.scheduler(tmp_path) as empty, pytest.raises(ClusterError, match="no workers"):
        place.migrations.run(planned(place), crews=crews(empty))


def test_a_scheduler_that_cannot_load_this_program_is_told(place: Place, tmp_path: Path) -> None:
    with (
        dask.scheduler(tmp_path, flags=["-P"]) as stranger,
        pytest.raises(ConflictError, match="scheduler cannot run Study Buddy: ModuleNotFoundError"),
    ):
        place.migrations.run(planned(place), crews=crews(stranger))


def test_the_command_line_moves_by_a_cluster(tmp_path: Path, cluster: Dask) -> None:
    shell = Shell(tmp_path)
    (tmp_path / "usb").mkdir()
    (tmp_path / "storages.toml").write_text(f'[usb]\nkind = "local"\nfolder = "{tmp_path}/usb"\n')
    (tmp_path / "notes.txt").write_text("Light becomes sugar.")
    shell.json("add", "notes.txt", "--session", "Botany")
    shell.json("migrate", "plan", "--from", "local", "--to", "usb")
    refused = shell("migrate", "run", "1", "--scheduler", cluster.url)
    assert (refused.code, "--shared-disk" in refused.err) == (1, True)
    assert shell.json("migrate", "run", "1", "--scheduler", cluster.url, "--shared-disk")["state"] == "done"
    assert shell("get", "1", "--output", "-").out == "Light becomes sugar."
    assert shell("migrate", "run", "1", "--shared-disk").code == 2
