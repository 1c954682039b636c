"""Recovering: from the snapshot, from the manifest, past damaged backups; and never over what is there."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from studybuddy.backups import recover as recovering
from studybuddy.backups.layout import CATALOG, MANIFEST, SUMMARY, Backup
from studybuddy.backups.look_over import Look
from studybuddy.backups.recover import Recovered, Wanted
from studybuddy.catalog import copies, lectures, links, manifest, sessions, snapshots
from studybuddy.errors import CatalogError, ConflictError, IntegrityError, NotFoundError
from studybuddy.keys import backup_key
from studybuddy.newfiles import NewFile
from studybuddy.scan.scans import Scans
from studybuddy.settings import Settings, load_settings
from studybuddy.wiring import Wiring, open_all
from tests.backups.test_backup import environ_in, s3_environ
from tests.invariants import check_at_rest, digest
from tests.killing import survives
from tests.servers.place import Server

PDF = b"%PDF-1.4 entropy"
SOUND = b"ID3\x04\x00\x00\x00\x00\x00\x00 a lecture"


@pytest.fixture(params=["LOCAL", "S3"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    environ = environ_in(tmp_path)
    if request.param == "S3":
        server: Server = request.getfixturevalue("rclone_server")
        environ |= s3_environ(server, server.new_bucket())
    return load_settings(environ, env_file=tmp_path / "no.env")


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    return load_settings(environ_in(tmp_path), env_file=tmp_path / "no.env")


def fill(wiring: Wiring) -> None:
    """Make a library with all that a person can keep in it."""
    library = wiring.library
    one = library.create_session(
        "Wärme & “Energie”", subject="Physics", description="Notes\n\u2028of it", tags=["exam", "Ünï"]
    )
    two = library.create_session("Linguistics")
    files = [
        library.add(BytesIO(PDF + name.encode()), NewFile(name, one.id)).file.id
        for name in ("week 1.pdf", "naïve — 日本語.pdf", "in the trash.pdf")
    ]
    sound = library.add(BytesIO(SOUND), NewFile("lecture 1.mp3", two.id, recorded_on="2026-02-03")).file.id
    library.trash_file(files[2])
    with wiring.catalog.write() as db:
        links.insert(db, session_id=two.id, file_id=files[0])
        for table in ("notes", "bookmarks"):
            db.execute(f"INSERT INTO {table} VALUES (NULL, {sound}, NULL, 4000, 'ask about this', '2026', '2026')")
        db.execute(f"INSERT INTO pins VALUES (NULL, {sound}, {files[0]}, 3, 4000, '2026')")
        db.execute(f"INSERT INTO listening VALUES (1, {sound}, 4000, 9000, 150, '2026')")
        lectures.insert(db, session_id=one.id, title="not recorded", recorded_on=None)
    library.trash_session(library.create_session("Old").id)


def told(wiring: Wiring) -> list[bytes]:
    """Return all that a library keeps."""
    with wiring.catalog.read() as db:
        return list(manifest.lines(db))


def counted(wiring: Wiring) -> list[list[object]]:
    """Return what triggers keep, which must come out the same."""
    with wiring.catalog.read() as db:
        return [
            sorted(db.execute(query).fetchall())
            for query in (
                "SELECT * FROM words",
                "SELECT * FROM holdings",
                "SELECT * FROM totals",
                "SELECT id, file_count, lecture_count, size, title_key FROM sessions",
                "SELECT id, storage_id, place, name_key FROM files",
            )
        ]


def backed_up(settings: Settings, place: str | None = None) -> tuple[Backup, list[bytes], list[list[object]]]:
    wiring = open_all(settings)
    fill(wiring)
    made = wiring.backups.run(wiring.place(place) if place else None)
    state = told(wiring), counted(wiring)
    wiring.close()
    return made, *state


def told_in(settings: Settings) -> list[bytes]:
    wiring = open_all(settings)
    try:
        return told(wiring)
    finally:
        wiring.close()


def recover(settings: Settings, place: str, **wanted: object) -> Recovered:
    return recovering.recover(settings, Wanted(place, **wanted), lambda _: None)  # type: ignore[arg-type]


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
