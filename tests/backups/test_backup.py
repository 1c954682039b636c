"""Backups: whole, consistent while others write, kept where they should be, and never more than seven by themselves."""

import gzip
import json
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest

from studybuddy.adding.new_files import NewFile
from studybuddy.backups.backup import Backups
from studybuddy.backups.layout import CATALOG, MANIFEST, SUMMARY, find
from studybuddy.catalog import snapshots
from studybuddy.errors import ConflictError, NotFoundError, StudyBuddyError
from studybuddy.keys import backup_key
from studybuddy.settings import load_settings
from studybuddy.storage import Storage
from studybuddy.wiring import Wiring, open_all
from tests.backups.places import open_in, s3_environ
from tests.invariants import check_at_rest
from tests.killing import survives
from tests.servers.place import Server
from tests.servers.process import free_port


@pytest.fixture
def wiring(tmp_path: Path) -> Iterator[Wiring]:
    """A library with a session and a file."""
    opened = open_in(tmp_path)
    add(opened, "week 1.txt")
    yield opened
    opened.close()


def add(wiring: Wiring, name: str, content: bytes = b"entropy") -> int:
    with wiring.catalog.read() as db:
        first = db.execute("SELECT min(id) FROM sessions").fetchone()[0]
    session_id = first or wiring.library.create_session("Thermodynamics").id
    return wiring.library.add(BytesIO(content + name.encode()), NewFile(name, session_id)).file.id


def unpacked(place: Storage, name: str, part: str) -> bytes:
    with place.read(backup_key(name, part)) as stream:
        return gzip.decompress(b"".join(iter(lambda: stream.read(1 << 20), b"")))


def names(place: Storage) -> list[str]:
    return [found.name for found in find(place)]


def days_later(wiring: Wiring, days: int = 1) -> None:
    """Let days pass, start anew and come to the daily backup."""
    with wiring.catalog.write() as db:
        db.execute("UPDATE backups SET at = strftime('%Y-%m-%dT%H:%M:%fZ', at, ?)", [f"-{days} days"])
    Backups(wiring.catalog, wiring.storages, wiring.settings.data_dir / "backup").run_daily()


def test_a_backup_holds_the_catalog_and_a_manifest_that_names_every_copy(wiring: Wiring, tmp_path: Path) -> None:
    made = wiring.backups.run()
    local = wiring.storages().local
    (tmp_path / "copy.db").write_bytes(unpacked(local, made.name, CATALOG))
    snapshots.check(tmp_path / "copy.db")
    lines = [json.loads(line) for line in unpacked(local, made.name, MANIFEST).splitlines()]
    assert [next(iter(line)) for line in lines] == ["manifest", "storage", "session", "file"]
    assert lines[0]["manifest"]["files"] == 1
    file = lines[3]["file"]
    with wiring.library.open(file["id"]) as stream:
        assert stream.read() == b"entropyweek 1.txt"
    (copy,) = file["copies"]
    assert (copy["storage"], copy["state"], copy["current"]) == (local.identity, "verified", 1)
    assert local.stat(copy["key"]).size == file["size"] == 17
    assert (made.holds.files, made.holds.sessions, made.holds.bytes) == (1, 1, 17)
    assert wiring.backups.list(local) == [made]
    last = wiring.backups.last()
    assert last is not None
    assert (last.name, last.place, last.at, last.done) == (made.name, local.label, made.made_at, True)


def test_only_this_user_may_read_a_backup_on_disk(wiring: Wiring, tmp_path: Path) -> None:
    (tmp_path / "usb").mkdir()
    for place in (wiring.place("local"), wiring.place(str(tmp_path / "usb"))):
        made = wiring.backups.run(place)
        for part in (CATALOG, MANIFEST, SUMMARY):
            path = Path(place.driver.root) / backup_key(made.name, part)  # type: ignore[attr-defined]
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {path.name for path in (tmp_path / "data").iterdir()} <= {
        "catalog.db", "catalog.db-wal", "catalog.db-shm", "catalog.lock", "claims", "spool", "backup.lock",
    }  # fmt: skip


def test_a_folder_that_is_not_there_is_refused(wiring: Wiring, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no folder"):
        wiring.place(str(tmp_path / "unplugged"))


def test_a_backup_taken_while_others_add_is_consistent_and_holds_nobody_up(wiring: Wiring, tmp_path: Path) -> None:
    with wiring.catalog.write() as db:  # so that the copy takes a while
        db.execute(
            """WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 1000)
            INSERT INTO sessions (owner_id, title, description, created_at, updated_at)
            SELECT 1, value, hex(randomblob(4000)), 'a', 'b' FROM n"""
        )
    with adding(wiring) as added:
        before = sum(added)
        counts: list[int] = []
        made = wiring.backups.run(on_stage=lambda _: counts.append(sum(added)))
        assert counts[-1] > before
    lines = [json.loads(line) for line in unpacked(wiring.storages().local, made.name, MANIFEST).splitlines()]
    files = [line["file"] for line in lines if "file" in line]
    assert len(files) == made.holds.files == lines[0]["manifest"]["files"]
    for file in files:
        wiring.storages().local.verify(file["copies"][0]["key"], size=file["size"], sha256=file["sha256"])


@contextmanager
def adding(wiring: Wiring) -> Iterator[list[int]]:
    """Add files in four threads while the block runs; yield how many each has added."""
    stop, added = threading.Event(), [0] * 4

    def keep_adding(which: int) -> None:
        while not stop.is_set():
            add(wiring, f"{which}-{added[which]}.txt")
            added[which] += 1

    threads = [threading.Thread(target=keep_adding, args=[which]) for which in range(4)]
    for thread in threads:
        thread.start()
    try:
        yield added
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("step", [pytest.param(131, id="few"), pytest.param(3, id="many", marks=pytest.mark.slow)])
def test_a_kill_at_any_line_leaves_whole_backups_and_is_no_obstacle(wiring: Wiring, tmp_path: Path, step: int) -> None:
    local = wiring.storages().local

    def back_up() -> None:
        opened = open_in(tmp_path)
        opened.backups.run()
        opened.close()

    back_up()
    line, unfinished = 1, 0
    while not survives(back_up, die_at=line):
        finished = wiring.backups.list(local)
        for part in finished[0].parts:
            local.verify(backup_key(finished[0].name, part.name), size=part.size, sha256=part.sha256)
        unfinished = len(names(local)) - len(finished)
        line += step
    assert unfinished
    assert not (tmp_path / "data" / "backup").exists()


def test_one_backup_is_made_at_a_time(wiring: Wiring) -> None:
    tried: list[ConflictError] = []

    def another(_: str) -> None:
        with pytest.raises(ConflictError, match="Another backup") as refused:
            wiring.backups.run()
        tried.append(refused.value)

    wiring.backups.run(on_stage=another)
    assert tried


def test_seven_automatic_backups_are_kept_and_those_that_a_person_made_stay(wiring: Wiring) -> None:
    local = wiring.storages().local
    own = wiring.backups.run()
    for number in range(9):
        add(wiring, f"{number}.txt")
        days_later(wiring)
    kept = {backup.name: backup.automatic for backup in wiring.backups.list(local)}
    assert kept.pop(own.name) is False
    assert len(kept) == 7 == len(find(local)) - 1
    assert set(kept.values()) == {True}


def test_another_librarys_backups_in_the_same_place_are_left_alone(wiring: Wiring, tmp_path: Path) -> None:
    # As when a catalog was lost and the app was started without it: the good backups must outlive the new ones.
    wiring.backups.run_daily()
    before = wiring.backups.list(wiring.storages().local)
    other = open_all(load_settings(
        {"UPLOADS_DIR": str(tmp_path / "uploads"), "STUDY_BUDDY_DATA": str(tmp_path / "new")}, env_file=tmp_path / "no"
    ))  # fmt: skip
    for number in range(9):
        add(other, f"{number}.txt")
        days_later(other)
    assert set(names(wiring.storages().local)) > {backup.name for backup in before}
    other.close()


def test_no_automatic_backup_is_made_of_nothing_new_or_within_the_same_day(wiring: Wiring) -> None:
    local = wiring.storages().local
    wiring.backups.run_daily()
    wiring.backups.run_daily()
    assert len(names(local)) == 1
    days_later(wiring)
    assert len(names(local)) == 1
    add(wiring, "new.txt")
    days_later(wiring)
    assert len(names(local)) == 2
    days_later(wiring, 7)
    assert len(names(local)) == 3


def test_an_empty_library_is_not_backed_up_by_itself(tmp_path: Path) -> None:
    wiring = open_in(tmp_path)
    wiring.backups.run_daily()
    assert wiring.backups.last() is None
    wiring.close()


@pytest.mark.parametrize(
    "change",
    [
        lambda wiring: wiring.library.rename_file(1, "other.txt"),
        lambda wiring: wiring.library.trash_file(1),
        lambda wiring: wiring.library.update_session(1, title="Other"),
        lambda wiring: wiring.library.update_session(1, tags=["exam"]),
        lambda wiring: wiring.library.create_session("Another"),
    ],
)
def test_whatever_a_person_changes_is_backed_up(wiring: Wiring, change: object) -> None:
    wiring.backups.run_daily()
    change(wiring)  # type: ignore[operator]
    days_later(wiring)
    assert len(names(wiring.storages().local)) == 2


def test_what_was_left_unfinished_is_removed_after_a_day(wiring: Wiring) -> None:
    local = wiring.storages().local
    old, young, foreign = "2020-01-01T00-00-00Z-0123abcd", "2999-01-01T00-00-00Z-0123abcd", "backups/mine/notes.txt"
    for key in (backup_key(old, CATALOG), backup_key(young, CATALOG), foreign):
        local.write(key, BytesIO(b"part"), size=4, sha256=None, content_type="application/gzip")
    wiring.backups.run_daily()
    assert old not in names(local)
    assert young in names(local)
    assert local.stat(foreign).size == 4


def test_a_daily_backup_goes_to_s3_and_holds_no_secret(tmp_path: Path, rclone_server: Server) -> None:
    bucket = rclone_server.new_bucket()
    wiring = open_in(tmp_path, **s3_environ(rclone_server, bucket))
    add(wiring, "week 1.txt")
    wiring.backups.run_daily()
    target = wiring.storages().target
    (made,) = wiring.backups.list(target)
    held = b"".join(unpacked(target, made.name, part) for part in (CATALOG, MANIFEST)) + made.summary()
    for secret in (rclone_server.access_key, rclone_server.secret_key):
        assert secret.encode() not in held
    assert target.kind == "s3"
    wiring.close()


def test_a_daily_backup_is_kept_here_while_s3_does_not_answer_and_says_so(
    tmp_path: Path, rclone_server: Server
) -> None:
    dead = f"http://127.0.0.1:{free_port()}"
    wiring = open_in(tmp_path, **s3_environ(rclone_server, "study-files", dead))
    add(wiring, "week 1.txt")
    wiring.backups.run_daily()
    storages = wiring.storages()
    assert len(wiring.backups.list(storages.local)) == 1
    last = wiring.backups.last()
    assert last is not None
    assert last.place == storages.local.label
    assert storages.target.label in last.reason
    wiring.close()


def test_a_backup_that_fails_is_told_beside_the_last_that_did_not(wiring: Wiring, tmp_path: Path) -> None:
    (tmp_path / "usb").mkdir()
    (tmp_path / "usb" / "backups").write_text("a file in the way")
    good = wiring.backups.run()
    with pytest.raises(StudyBuddyError):
        wiring.backups.run(wiring.place(str(tmp_path / "usb")))
    failed, done = wiring.backups.last(), wiring.backups.last_done()
    assert failed is not None
    assert done is not None
    assert (failed.done, done.name) == (False, good.name)
    assert (failed.place, failed.reason != "") == (str(tmp_path / "usb"), True)


def test_a_backup_is_no_stray_object(wiring: Wiring) -> None:
    wiring.backups.run()
    wiring.recovery.run()
    check_at_rest(wiring)
