"""Kill the process, or its child, anywhere: what is read in the end is the same, and nothing else stays."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.conftest import children, gone
from tests.invariants import check_at_rest
from tests.killing import count_lines, survives
from tests.processing.rig import SOUND, everything_read, open_rig
from tests.waiting import awaited

TEXTS = {
    "week 1.txt": "first\n!facts 10\n!made peaks\nsecond\n!remark all of it\n",
    "week 1.mp3": f"{SOUND}!facts 4000\n!made waves\n",
    "week 1.vtt": "WEBVTT\n!cue 0 10 hello\n!cue 10 20 world\n",
    "bad.txt": "some\n!encrypted\n",
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of which nothing has been read."""
    folder = tmp_path_factory.mktemp("template")
    rig = open_rig(folder)
    for name, text in TEXTS.items():
        rig.add(text, name)
    rig.close()
    return folder


@pytest.fixture(scope="module")
def expected(template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    return read_to_the_end(copied(template, tmp_path_factory.mktemp("expected") / "library"))


def copied(template: Path, folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    return Path(shutil.copytree(template, folder))


def read_to_the_end(folder: Path) -> dict[str, object]:
    rig = open_rig(folder)
    rig.wiring.recovery.run()
    with rig.wiring.catalog.write() as db:
        db.execute("UPDATE jobs SET next_at = ''")
    rig.run()
    check_at_rest(rig.wiring)
    found = everything_read(rig)
    rig.close()
    return found


def read_all(folder: Path) -> None:
    rig = open_rig(folder)
    rig.run()


@pytest.mark.parametrize("step", [pytest.param(701, id="sampled"), pytest.param(7, id="many", marks=pytest.mark.slow)])
def test_a_kill_at_any_line_changes_nothing_of_what_is_read(
    step: int, template: Path, expected: dict[str, object], tmp_path: Path
) -> None:
    folder = copied(template, tmp_path / "count")
    lines = count_lines(lambda: read_all(folder), die_at=None)
    assert lines > 500
    for line in range(1, lines, step):
        folder = copied(template, tmp_path / "killed")
        survives(lambda folder=folder: read_all(folder), die_at=line)  # type: ignore[misc]
        assert read_to_the_end(folder) == expected


@pytest.mark.parametrize("kills", [pytest.param(2, id="few"), pytest.param(60, id="many", marks=pytest.mark.slow)])
@pytest.mark.parametrize("whom", ["the process", "its child"])
def test_random_kills_change_nothing_of_what_is_read(
    kills: int, whom: str, template: Path, expected: dict[str, object], tmp_path: Path
) -> None:
    chance = random.Random(5)
    folder = copied(template, tmp_path / "killed")
    for _ in range(kills):
        kill_while_it_reads(folder, whom, chance)
    assert read_to_the_end(folder) == expected


def kill_while_it_reads(folder: Path, whom: str, chance: random.Random) -> None:
    with subprocess.Popen([sys.executable, "-m", "tests.processing.busy", str(folder)]) as process:
        time.sleep(chance.uniform(0.3, 1.2))
        if whom == "its child":
            for child in children(process.pid):
                with suppress(ProcessLookupError):  # it has come to its end meanwhile
                    os.kill(child, signal.SIGKILL)
        process.kill()


def test_a_child_does_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    rig = open_rig(tmp_path)
    rig.add("!sleep 60\n")
    rig.close()
    process = subprocess.Popen([sys.executable, "-m", "tests.processing.busy", str(tmp_path)])
    started = awaited(lambda: children(process.pid))
    process.kill()
    process.wait()
    assert gone(started)
