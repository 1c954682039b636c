"""Kill a drain at every line: no file is lost, nothing is left behind, and the next drain moves the rest."""

import hashlib
import shutil
from io import BytesIO
from pathlib import Path

import pytest

from studybuddy.adding.new_files import NewFile
from studybuddy.catalog import files
from studybuddy.settings import load_settings
from studybuddy.wiring import Wiring, open_all
from tests.invariants import check_at_rest, digest
from tests.killing import count_lines, survives

CONTENTS = (b"%PDF-1.4 the only copy of week 1", b"ID3\x04\x00\x00\x00\x00\x00\x00 the only recording of week 2")


def opened(folder: Path) -> Wiring:
    (folder / "usb").mkdir(exist_ok=True)
    (folder / "storages.toml").write_text(f'[usb]\nkind = "local"\nfolder = "{folder}/usb"')
    environ = {"UPLOADS_DIR": f"{folder}/uploads", "STUDY_BUDDY_DATA": f"{folder}/data"}
    return open_all(load_settings(environ, env_file=folder / ".env"))


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A library with two files that wait for the storage `usb`."""
    folder = tmp_path / "template"
    folder.mkdir()
    wiring = opened(folder)
    session = wiring.library.create_session("Thermodynamics")
    for content, name in zip(CONTENTS, ("week 1.pdf", "week 2.mp3"), strict=True):
        file = wiring.library.add(BytesIO(content), NewFile(name, session.id)).file
        with wiring.catalog.write() as db:
            files.update(db, file.id, wanted_storage_id=wiring.storages().named("usb").id, wanted_reason="away")
    wiring.close()
    return folder


def copied(template: Path, folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(template, folder)
    return folder


def drain(folder: Path) -> None:
    wiring = opened(folder)
    wiring.outbox.drain()
    wiring.close()


def check_all(wiring: Wiring) -> None:
    for file_id, content in enumerate(CONTENTS, start=1):
        assert digest(wiring, file_id) == (len(content), hashlib.sha256(content).hexdigest())
    check_at_rest(wiring)


@pytest.mark.parametrize("step", [pytest.param(101, id="sampled"), pytest.param(1, id="every", marks=pytest.mark.slow)])
def test_a_kill_at_any_line_of_a_drain_loses_nothing_and_the_next_one_ends_it(
    step: int, template: Path, tmp_path: Path
) -> None:
    first = count_lines(lambda: opened(copied(template, tmp_path / "count")).close(), die_at=None)
    last = count_lines(lambda: drain(tmp_path / "count"), die_at=None)
    assert last > first + 200
    folder = tmp_path / "killed"
    for line in range(first, last + 1, step):
        copied(template, folder)
        survives(lambda: drain(folder), die_at=line)
        wiring = opened(folder)
        wiring.recovery.run()
        check_all(wiring)
        wiring.outbox.drain()
        usb = wiring.storages().named("usb").id
        assert [wiring.library.file(file_id).storage_id for file_id in (1, 2)] == [usb, usb]
        check_all(wiring)
        wiring.close()
