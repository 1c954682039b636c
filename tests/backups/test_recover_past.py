"""Recovering past backups that are damaged or not ours, and telling which files are gone."""

import shutil
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from studybuddy.backups.layout import CATALOG, MANIFEST, SUMMARY
from studybuddy.catalog import copies
from studybuddy.errors import CatalogError, ConflictError, IntegrityError, NotFoundError
from studybuddy.keys import backup_key
from studybuddy.settings import Settings, load_settings
from studybuddy.wiring import open_all
from tests.backups.lost import SOUND, backed_up, fill, recover, told
from tests.backups.places import environ_in, s3_environ
from tests.servers.place import Server


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(flip, id="flipped"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:-20]), id="cut"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes() + b"\x00"), id="longer"),
        pytest.param(lambda path: path.unlink(), id="gone"),
    ],
)
@pytest.mark.parametrize("part", [CATALOG, MANIFEST])
def test_a_damaged_backup_is_passed_over_and_named(here: Settings, part: str, damage: Callable[[Path], None]) -> None:
    good, _, _ = backed_up(here)
    wiring = open_all(here)
    bad = wiring.backups.run()
    wiring.close()
    # Within one second, chance decides which of two names is the newer.
    first, other = sorted((good, bad), key=lambda backup: backup.name, reverse=True)
    damage(here.uploads_dir / backup_key(first.name, part))
    done = recover(here, "local", replaces=True, from_manifest=part == MANIFEST)
    assert done.backup == other
    assert [name for name, _ in done.skipped] == [first.name]
    with pytest.raises((IntegrityError, FileNotFoundError)):
        recover(here, "local", replaces=True, from_manifest=part == MANIFEST, name=first.name)


def test_where_only_the_catalogs_copy_is_damaged_the_list_of_files_is_offered(here: Settings) -> None:
    made, _, _ = backed_up(here)
    flip(here.uploads_dir / backup_key(made.name, CATALOG))
    with pytest.raises(IntegrityError, match="No backup in this computer is whole") as told:
        recover(here, "local", replaces=True)
    assert "--from-manifest" in told.value.fix
    assert recover(here, "local", replaces=True, from_manifest=True).backup == made
    flip(here.uploads_dir / backup_key(made.name, MANIFEST))
    with pytest.raises(IntegrityError) as told:
        recover(here, "local", replaces=True, from_manifest=True)
    assert "--from-manifest" not in told.value.fix


def test_a_backup_without_its_summary_is_none(here: Settings) -> None:
    made, _, _ = backed_up(here)
    summary = here.uploads_dir / backup_key(made.name, SUMMARY)
    summary.write_bytes(summary.read_bytes()[:-10])
    with pytest.raises(NotFoundError, match="There is no backup"):
        recover(here, "local", replaces=True)
    summary.unlink()
    with pytest.raises(NotFoundError, match="There is no backup"):
        recover(here, "local", replaces=True)


def test_of_the_backups_of_two_libraries_one_must_be_chosen(here: Settings) -> None:
    good, before, _ = backed_up(here)
    shutil.rmtree(here.data_dir)
    wiring = open_all(here)
    wiring.library.create_session("A new life")
    poor = wiring.backups.run()
    wiring.close()
    with pytest.raises(ConflictError, match="2 libraries") as asked:
        recover(here, "local", replaces=True)
    assert good.name in asked.value.fix
    assert poor.name in asked.value.fix
    recover(here, "local", replaces=True, name=good.name)
    wiring = open_all(here)
    assert told(wiring) == before
    wiring.close()


def test_a_backup_that_a_newer_study_buddy_made_is_refused(here: Settings) -> None:
    wiring = open_all(here)
    fill(wiring)
    with wiring.catalog.write() as db:
        db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('studybuddy', 's9999_x', '')"
        )
    wiring.backups.run()
    wiring.close()
    shutil.rmtree(here.data_dir)
    with pytest.raises(CatalogError, match="made by a newer Study Buddy") as refused:
        recover(here, "local")
    assert "Update Study Buddy" in refused.value.fix
    assert not (here.data_dir / "catalog.db").exists()


def test_files_that_are_gone_are_counted_and_named(settings: Settings) -> None:
    backed_up(settings)
    wiring = open_all(settings)
    storage = wiring.storages().target
    with wiring.catalog.read() as db:
        keys = [copies.current(db, file_id).key for file_id in (1, 4)]
    storage.delete(keys[0])
    storage.delete(keys[1])
    storage.write(keys[1], BytesIO(SOUND[:-1]), size=len(SOUND) - 1, sha256=None, content_type="audio/mpeg")
    wiring.close()
    done = recover(settings, settings.storage_mode.lower(), replaces=True)
    assert (done.look.found, done.look.missing, done.look.unseen) == (2, 2, [])
    assert set(done.look.names) == {"week 1.pdf", "lecture 1.mp3"}


def test_files_in_a_storage_that_cannot_be_looked_at_are_told(
    here: Settings, tmp_path: Path, rclone_server: Server
) -> None:
    (tmp_path / "usb").mkdir()
    in_s3 = load_settings(
        environ_in(tmp_path, **s3_environ(rclone_server, rclone_server.new_bucket())), env_file=tmp_path / "no.env"
    )
    backed_up(in_s3, str(tmp_path / "usb"))
    done = recover(here, str(tmp_path / "usb"), replaces=True)
    (unseen,) = done.look.unseen
    assert (unseen.files, done.look.found) == (4, 0)
    assert "no longer name" in unseen.reason
