"""Kill a process that moves a library between this disk and a real S3 server, again and again, at any moment."""

import hashlib
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest

from studybuddy.adding.new_files import NewFile
from studybuddy.settings import load_settings
from studybuddy.wiring import Wiring, open_all
from tests.invariants import check_at_rest, digest
from tests.migration.busy import step
from tests.servers.place import Server

SIZES = (0, 1, 100, 5_000, 5_000, 70_000, 70_000, 300_000, 1_000_000, 9_000_000)
LARGE = 70_000_000  # gone on with where the killed one was


@pytest.mark.parametrize("kills", [pytest.param(8, id="few"), pytest.param(500, id="many", marks=pytest.mark.slow)])
def test_random_kills_of_a_process_that_moves_files_lose_none(
    kills: int, tmp_path: Path, rclone_server: Server
) -> None:
    folders = {"UPLOADS_DIR": str(tmp_path / "uploads"), "STUDY_BUDDY_DATA": str(tmp_path / "data")}
    environ = rclone_server.environ(rclone_server.new_bucket(), STORAGE="LOCAL", **folders)
    settings, chance = load_settings(environ, env_file=tmp_path / "no.env"), random.Random(7)
    wiring = open_all(settings)
    files = add_files(wiring)
    states: set[str] = set()
    with reading(wiring, files) as failures:
        for _ in range(kills):
            kill_at_random(environ, chance)
            states |= {migration.state for migration in wiring.migrations.page(limit=1)}
            other = open_all(settings)
            other.recovery.run()
            other.migrations.recover()
            check_files(other, files)
            other.close()
            assert failures == []
        bring_to_rest(wiring)
    assert failures == []
    assert states
    check_at_rest(wiring)
    check_files(wiring, files)
    wiring.close()


def add_files(wiring: Wiring) -> dict[int, str]:
    session, files = wiring.library.create_session("Waves"), {}
    for number, size in enumerate((*SIZES * 3, LARGE)):
        content = os.urandom(size)
        file = wiring.library.add(BytesIO(content), NewFile(f"{number}.bin", session.id)).file
        files[file.id] = hashlib.sha256(content).hexdigest()
    return files


def check_files(wiring: Wiring, files: dict[int, str]) -> None:
    assert {file_id: digest(wiring, file_id)[1] for file_id in files} == files


@contextmanager
def reading(wiring: Wiring, files: dict[int, str]) -> Iterator[list[object]]:
    """Read every file all the time; give the list of what went wrong."""
    done, failures = threading.Event(), list[object]()

    def read() -> None:
        while not done.is_set():
            for file_id, sha256 in files.items():
                try:
                    found = digest(wiring, file_id)[1]
                except Exception as error:  # noqa: BLE001
                    failures.append(error)
                else:
                    failures.extend([file_id] if found != sha256 else [])

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield failures
    finally:
        done.set()
        reader.join()


def kill_at_random(environ: dict[str, str], chance: random.Random) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.migration.busy"], stdout=subprocess.PIPE, text=True, env=os.environ | environ
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.0, 1.5))
        assert process.poll() is None
        process.kill()


def bring_to_rest(wiring: Wiring) -> None:
    """Let the last migration come to its end, and be cleaned up."""
    wiring.recovery.run()
    wiring.migrations.recover()
    deadline = time.monotonic() + 60
    while wiring.migrations.page(limit=1)[0].state != "cleaned":
        assert time.monotonic() < deadline, wiring.migrations.page(limit=1)
        step(wiring, random.Random(1))
