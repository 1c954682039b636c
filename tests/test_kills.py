"""Kill the process anywhere: at every line of add, trash, restore and purge, and at random moments."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from studybuddy.adding.new_files import NewFile
from studybuddy.settings import Settings, load_settings
from studybuddy.wiring import Wiring, open_all
from tests.invariants import check_at_rest, digest, exists
from tests.killing import count_lines
from tests.servers.place import Server

OLD = b"%PDF-1.4 the only copy of week 1"
NEW = b"ID3\x04\x00\x00\x00\x00\x00\x00 the only recording of week 2"
Act = Callable[[Wiring], None]


def settings_in(folder: Path) -> Settings:
    return load_settings(
        {"UPLOADS_DIR": str(folder / "uploads"), "STUDY_BUDDY_DATA": str(folder / "data")},
        env_file=folder / "no.env",
    )


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A library with one session, a live file (1), a file in the trash (2) and a recording (3)."""
    folder = tmp_path / "template"
    wiring = open_all(settings_in(folder))
    session = wiring.library.create_session("Thermodynamics")
    for content, name in ((OLD, "week 1.pdf"), (OLD + b"!", "old.pdf"), (NEW + b"!", "week 1.mp3")):
        wiring.library.add(BytesIO(content), NewFile(name, session.id))
    wiring.library.trash_file(2)
    wiring.close()
    return folder


def add(wiring: Wiring) -> None:
    added = wiring.library.add(BytesIO(NEW), NewFile("week 2.mp3", 1))
    print("saved", added.file.id, added.file.sha256, flush=True)


def trash(wiring: Wiring) -> None:
    wiring.library.trash_file(1)
    print("trashed", flush=True)


def restore(wiring: Wiring) -> None:
    wiring.library.restore_file(2)
    print("restored", flush=True)


def purge(wiring: Wiring) -> None:
    wiring.library.purge_file(2)
    print("purged", flush=True)


def purge_session(wiring: Wiring) -> None:
    wiring.library.trash_session(1)
    wiring.library.purge_session(1)
    print("session purged", flush=True)


def recover(wiring: Wiring) -> None:
    wiring.recovery.run()


@pytest.mark.parametrize("act", [add, trash, restore, purge, purge_session])
@pytest.mark.parametrize("step", [pytest.param(29, id="sampled"), pytest.param(1, id="every", marks=pytest.mark.slow)])
def test_a_kill_at_any_line_loses_nothing_and_leaves_nothing_half_done(
    act: Act, step: int, template: Path, tmp_path: Path
) -> None:
    lines = int(in_child(template, tmp_path / "count", act, die_at=None).split()[-1])
    assert lines > 20
    for line in range(1, lines + 1, step):
        said = in_child(template, tmp_path / "killed", act, die_at=line)
        reopen_and_check(tmp_path / "killed", said)


@pytest.mark.parametrize("step", [pytest.param(29, id="sampled"), pytest.param(1, id="every", marks=pytest.mark.slow)])
def test_a_kill_in_recovery_is_recovered_by_the_next_start(step: int, template: Path, tmp_path: Path) -> None:
    lines = int(in_child(template, tmp_path / "count", add, die_at=None).split()[-1])
    half_done = tmp_path / "half"
    in_child(template, half_done, add, die_at=lines * 4 // 5)
    lines = int(in_child(half_done, tmp_path / "count", recover, die_at=None).split()[-1])
    for line in range(1, lines + 1, step):
        in_child(half_done, tmp_path / "killed", recover, die_at=line)
        reopen_and_check(tmp_path / "killed", "")


@pytest.mark.parametrize("mode", ["LOCAL", "S3"])
@pytest.mark.parametrize("kills", [pytest.param(8, id="few"), pytest.param(200, id="many", marks=pytest.mark.slow)])
def test_random_kills_of_a_busy_process_lose_no_acknowledged_file(
    kills: int, mode: str, tmp_path: Path, rclone_server: Server
) -> None:
    chance = random.Random(7)
    environ = {"UPLOADS_DIR": str(tmp_path / "uploads"), "STUDY_BUDDY_DATA": str(tmp_path / "data")}
    if mode == "S3":
        environ |= rclone_server.environ(rclone_server.new_bucket())
    settings = load_settings(environ, env_file=tmp_path / "no.env")
    acknowledged: dict[int, str] = {}
    for _ in range(kills):
        follow(killed_at_random(environ, chance), acknowledged)
        wiring = open_all(settings)
        wiring.recovery.run()
        for file_id, sha256 in acknowledged.items():
            assert digest(wiring, file_id)[1] == sha256
        check_at_rest(wiring)
        wiring.close()
    assert acknowledged


def killed_at_random(environ: dict[str, str], chance: random.Random) -> str:
    """Let a busy process work for a moment and kill it; return what it said."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.busy"], stdout=subprocess.PIPE, text=True, env=os.environ | environ
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.0, 0.6))
        process.kill()
        return process.stdout.read()


def follow(said: str, acknowledged: dict[int, str]) -> None:
    """Take over what a busy process said before it died: a purge that it only announced may or may not be done."""
    for line in said.splitlines():
        match line.split():
            case ["saved", file_id, sha256]:
                acknowledged[int(file_id)] = sha256
            case ["purging", file_id]:
                acknowledged.pop(int(file_id), None)


def in_child(template: Path, folder: Path, act: Act, *, die_at: int | None) -> str:
    """Run `act` on a copy of a library in a child that kills itself at a line of ours; return what it printed."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(template, folder)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.dup2(writing, 1)
        sys.stdout = os.fdopen(1, "w")
        _die_in(folder, act, die_at)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in ({0} if die_at is None else {0, -signal.SIGKILL}), said
    return said


def _die_in(folder: Path, act: Act, die_at: int | None) -> None:
    status = 1
    try:
        wiring = open_all(settings_in(folder))
        print(count_lines(lambda: act(wiring), die_at=die_at), flush=True)
        status = 0
    finally:
        os._exit(status)


def reopen_and_check(folder: Path, said: str) -> None:
    wiring = open_all(settings_in(folder))
    wiring.recovery.run()
    for line in said.splitlines():
        match line.split():
            case ["saved", file_id, sha256]:
                assert digest(wiring, int(file_id))[1] == sha256
            case ["trashed"]:
                assert wiring.library.file(1).trashed_at is not None
            case ["restored"]:
                assert wiring.library.file(2).trashed_at is None
            case ["purged"]:
                assert not exists(wiring, 2)
            case ["session", "purged"]:
                assert not any(exists(wiring, file_id) for file_id in (1, 2, 3))
    check_at_rest(wiring)
    wiring.close()
