"""A large file that leaves the outbox over a bad line goes on where the last try ended."""

import hashlib
import os
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest

from studybuddy.adding.new_files import NewFile
from studybuddy.catalog import copies, files
from studybuddy.catalog.migrations import Scope
from studybuddy.settings import load_settings
from studybuddy.units import MIB
from studybuddy.wiring import Wiring, open_all
from tests.invariants import check_at_rest, digest
from tests.servers.fault_proxy import FaultProxy
from tests.servers.place import Server

LARGE = os.urandom(70 * MIB)
PARTS = 9
EVERY_TIME = 10**9


@pytest.fixture
def proxy(rclone_server: Server) -> Iterator[FaultProxy]:
    proxy = FaultProxy(rclone_server.url)
    yield proxy
    proxy.close()


@pytest.fixture
def bucket(rclone_server: Server) -> str:
    return rclone_server.new_bucket()


@pytest.fixture
def left(rclone_server: Server, bucket: str) -> Callable[[], int]:
    """Tell of how many objects the bucket keeps parts."""
    return lambda: len(rclone_server.unfinished(bucket))


@pytest.fixture
def reopened(rclone_server: Server, proxy: FaultProxy, bucket: str, tmp_path: Path) -> Callable[[], Wiring]:
    folders = {"UPLOADS_DIR": str(tmp_path / "uploads"), "STUDY_BUDDY_DATA": str(tmp_path / "data")}
    environ = rclone_server.at(proxy.url).environ(bucket, **folders)
    return lambda: open_all(load_settings(environ, env_file=tmp_path / "no.env"))


@pytest.fixture
def wiring(reopened: Callable[[], Wiring], proxy: FaultProxy) -> Iterator[Wiring]:
    """A library with a large file in its outbox, of which some parts came before the keys were refused."""
    wiring = reopened()
    proxy.add("status:403", method="PUT", times=EVERY_TIME)
    session = wiring.library.create_session("Waves")
    wiring.library.add(BytesIO(LARGE), NewFile("a.bin", session.id))
    proxy.rules.clear()
    proxy.add("status:403", method="PUT", path="partNumber", skip=5, times=EVERY_TIME)
    assert (wiring.outbox.drain().moved, wiring.outbox.count()) == (0, 1)
    proxy.rules.clear()
    proxy.log.clear()
    yield wiring
    wiring.close()


def parts_sent(proxy: FaultProxy) -> int:
    return sum(method == "PUT" and "partNumber" in target for method, target, _ in proxy.log)


def test_the_next_try_sends_no_part_again(
    wiring: Wiring, reopened: Callable[[], Wiring], proxy: FaultProxy, left: Callable[[], int]
) -> None:
    assert left() == 1
    wiring.recovery.run()
    assert left() == 1
    restarted = reopened()
    assert restarted.outbox.drain().moved == 1
    assert parts_sent(proxy) <= PARTS - 5
    assert digest(restarted, 1) == (len(LARGE), hashlib.sha256(LARGE).hexdigest())
    assert left() == 0
    check_at_rest(restarted)
    restarted.close()


def test_a_file_that_is_to_stay_here_leaves_nothing_there(wiring: Wiring, left: Callable[[], int]) -> None:
    wiring.outbox.give_up(1)
    wiring.recovery.run()
    assert left() == 0
    check_at_rest(wiring)


def test_what_a_paused_migration_has_begun_is_left_to_it(
    wiring: Wiring, proxy: FaultProxy, left: Callable[[], int]
) -> None:
    wiring.outbox.give_up(1)
    wiring.recovery.run()
    proxy.add("status:403", method="PUT", path="partNumber", skip=5, times=EVERY_TIME)
    proxy.add("status:403", method="PUT", path=".txt", times=EVERY_TIME)  # what a check writes
    paused = wiring.migrations.run(wiring.migrations.plan("local", "s3", Scope()).migration.id)
    assert left() == 1
    storage_id = wiring.storages().named("s3").id
    with wiring.catalog.write() as db:  # as if it had waited for the bucket all the time
        files.update(db, 1, wanted_storage_id=storage_id)
        assert copies.kept_for_outbox(db, 1, storage_id=storage_id) is None
    proxy.rules.clear()
    assert wiring.outbox.drain().moved == 1
    assert wiring.migrations.run(paused.id).state == "done"
    assert wiring.migrations.items(paused.id)[0].state == "skipped"
    wiring.recovery.run()
    assert left() == 0
    check_at_rest(wiring)


def test_a_file_that_is_deleted_leaves_nothing_there(wiring: Wiring, left: Callable[[], int]) -> None:
    wiring.library.trash_file(1)
    wiring.library.purge_file(1)
    wiring.recovery.run()
    assert left() == 0
    check_at_rest(wiring)
