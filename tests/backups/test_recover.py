"""Recovering: from the snapshot, from the manifest, from a folder; and never over what is there."""

import shutil
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from studybuddy.adding.new_files import NewFile
from studybuddy.backups.look_over import Look
from studybuddy.catalog import manifest, sessions, snapshots
from studybuddy.errors import ConflictError
from studybuddy.scan.scans import Scans
from studybuddy.settings import Settings
from studybuddy.wiring import open_all
from tests.backups.lost import PDF, backed_up, counted, fill, recover, told, told_in
from tests.invariants import check_at_rest, digest
from tests.killing import survives


@pytest.mark.parametrize("from_manifest", [False, True], ids=["snapshot", "manifest"])
def test_a_lost_catalog_is_brought_back_and_every_file_opens(settings: Settings, from_manifest: bool) -> None:
    made, before, counts = backed_up(settings)
    shutil.rmtree(settings.data_dir)
    done = recover(settings, settings.storage_mode.lower(), from_manifest=from_manifest)
    assert done.backup == made
    assert done.kept is None
    assert done.look == Look(found=4)
    wiring = open_all(settings)
    assert told(wiring) == before
    assert counted(wiring) == counts
    check_at_rest(wiring)
    scans = Scans(wiring.catalog, wiring.storages, wiring.spool, wiring.claim, grace=timedelta(seconds=-5))
    assert [scans.run(storage, depth="deep").counts for storage in wiring.storages().opened.values()] == [()] * len(
        wiring.storages().opened
    )
    with wiring.catalog.read() as db:
        assert sessions.get(db, 1).tags == ("exam", "Ünï")
    assert not (settings.data_dir / "recover").exists()
    new = wiring.library.create_session("New")
    assert new.id == 4  # ids are never used again
    added = wiring.library.add(BytesIO(PDF), NewFile("new.pdf", new.id))
    assert digest(wiring, added.file.id)[0] == len(PDF)
    wiring.close()


def test_a_folder_is_recovered_from(here: Settings, tmp_path: Path) -> None:
    (tmp_path / "usb").mkdir()
    _, before, _ = backed_up(here, str(tmp_path / "usb"))
    shutil.rmtree(here.data_dir)
    recover(here, str(tmp_path / "usb"))
    wiring = open_all(here)
    assert told(wiring) == before
    wiring.close()


def test_a_catalog_that_is_there_is_only_replaced_when_that_is_asked_for_and_kept(here: Settings) -> None:
    made, before, _ = backed_up(here)
    wiring = open_all(here)
    wiring.library.create_session("Since the backup")
    since = told(wiring)
    wiring.close()
    with pytest.raises(ConflictError, match="already") as refused:
        recover(here, "local")
    assert "--replace" in refused.value.fix
    wiring = open_all(here)
    assert told(wiring) == since
    wiring.close()
    done = recover(here, "local", replaces=True)
    assert done.kept is not None
    wiring = open_all(here)
    assert told(wiring) == before
    wiring.close()
    shutil.copyfile(done.kept, here.data_dir / "catalog.db")
    wiring = open_all(here)
    assert told(wiring) == since
    wiring.close()
    assert made.holds.sessions == 3


@pytest.mark.parametrize("content", [b"", b"no catalog at all" * 1000])
def test_a_damaged_catalog_is_kept_aside_too(here: Settings, content: bytes) -> None:
    _, before, _ = backed_up(here)
    (here.data_dir / "catalog.db").write_bytes(content)
    done = recover(here, "local", replaces=True)
    assert done.kept is not None
    assert done.kept.read_bytes() == content
    wiring = open_all(here)
    assert told(wiring) == before
    wiring.close()


def test_the_empty_catalog_of_an_app_that_was_started_without_its_own_is_no_obstacle(here: Settings) -> None:
    _, before, _ = backed_up(here)
    shutil.rmtree(here.data_dir)
    open_all(here).close()
    recover(here, "local")
    wiring = open_all(here)
    assert told(wiring) == before
    wiring.close()


def test_a_library_in_use_is_left_alone(here: Settings) -> None:
    backed_up(here)
    running = open_all(here)
    with pytest.raises(ConflictError, match="using this library"):
        recover(here, "local", replaces=True)
    running.close()


@pytest.mark.parametrize("step", [pytest.param(149, id="few"), pytest.param(7, id="many", marks=pytest.mark.slow)])
def test_a_kill_at_any_line_leaves_a_whole_catalog_and_the_next_try_succeeds(
    here: Settings, tmp_path: Path, step: int
) -> None:
    _, before, _ = backed_up(here)
    wiring = open_all(here)
    wiring.library.create_session("Since the backup")
    since = told(wiring)
    wiring.close()
    template = tmp_path / "template"
    shutil.copytree(here.data_dir, template)
    line, done = 1, False
    while not done:
        shutil.rmtree(here.data_dir)
        shutil.copytree(template, here.data_dir)
        done = survives(lambda: recover(here, "local", replaces=True), die_at=line)
        if (now := told_in(here)) != since:
            assert now == before, line
            (kept,) = here.data_dir.glob("catalog.before-recover-*.db")
            with snapshots.opened(kept) as db:
                assert list(manifest.lines(db)) == since, line
        recover(here, "local", replaces=True)
        assert told_in(here) == before, line
        line += step


def test_what_was_half_done_when_the_backup_was_made_is_settled(here: Settings) -> None:
    wiring = open_all(here)
    fill(wiring)
    with wiring.catalog.write() as db:
        db.execute(
            """INSERT INTO copies (file_id, storage_id, key, state, writer, created_at)
            VALUES (NULL, 1, 'study-sessions/1/0123456789abcdef0123456789abcdef.pdf', 'doomed', NULL, 'now')"""
        )
    wiring.backups.run()
    wiring.close()
    shutil.rmtree(here.data_dir)
    recover(here, "local")
    wiring = open_all(here)
    wiring.recovery.run()
    check_at_rest(wiring)
    wiring.close()
