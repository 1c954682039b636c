"""`scan`: what it says, what it changes, and how it ends."""

import os
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.waiting import awaited


@pytest.fixture
def objects(shell: Shell) -> list[Path]:
    """Add three files; return their objects, by the ids of their files."""
    for number in range(3):
        (shell.folder / f"week {number}.txt").write_text(f"Week {number}: light becomes sugar.\n")
    shell.json("add", *(f"week {number}.txt" for number in range(3)), "--session", "Botany")
    folder = shell.folder / "uploads/study-sessions/1"
    by_text = {path.read_text(): path for path in folder.iterdir()}
    return [by_text[text] for text in sorted(by_text)]


def test_a_whole_library_is_told_to_be_whole(shell: Shell, objects: list[Path]) -> None:
    ran = shell("scan", "local", "--deep")
    assert (ran.code, ran.err) == (0, "")
    assert "3 objects" in ran.out
    assert "every byte read: nothing is wrong." in ran.out
    told = shell.json("scan")
    assert [(one["state"], one["found"], one["damaged"]) for one in told["scans"]] == [("done", [], 0)]


def test_each_damaged_file_is_named_and_nothing_is_changed(shell: Shell, objects: list[Path]) -> None:
    objects[0].unlink()
    objects[1].write_text("Week 1: light becomes SUGAR.\n")
    ran = shell("scan", "--deep")
    assert ran.code == 1
    assert "Missing: “week 0.txt” (file 1): there is no object at its key." in ran.out
    assert "Damaged: “week 1.txt” (file 2): its SHA-256 is " in ran.out
    assert "week 2.txt" not in ran.out
    quick = shell("scan", "--json")
    assert (quick.code, quick.json["error"]["code"]) == (1, "damaged")
    assert [(one["kind"], one["file_id"]) for one in quick.json["scans"][0]["findings"]] == [("missing", 1)]


def test_repair_marks_what_it_cannot_restore_and_a_file_that_comes_back_is_whole_again(
    shell: Shell, objects: list[Path]
) -> None:
    kept = objects[0].rename(shell.folder / "kept")
    ran = shell("scan", "--repair")
    assert ran.code == 1
    assert "“week 0.txt” (file 1): there is no object at its key; not restored: no other copy" in ran.out
    assert "[marked bad]" in ran.out
    kept.rename(objects[0])
    assert shell("scan").code == 1  # it was bad when it was last read
    ran = shell("scan", "--deep")
    assert (ran.code, "1 whole again" in ran.out) == (0, True)
    assert "nothing is wrong" in shell("scan").out


def test_repair_uses_another_file_with_the_same_bytes(shell: Shell, objects: list[Path]) -> None:
    (shell.folder / "twin.txt").write_bytes(objects[1].read_bytes())
    shell.json("add", "twin.txt", "--session", "Botany")
    objects[1].write_text("damaged")
    ran = shell("scan", "--deep", "--repair")
    assert (ran.code, "[repaired]" in ran.out) == (0, True)
    shell("get", "2", "--output", "back.txt")
    assert (shell.folder / "back.txt").read_text() == "Week 1: light becomes sugar.\n"
    assert not objects[1].exists()


def test_unknown_objects_go_only_when_it_is_confirmed(shell: Shell, objects: list[Path]) -> None:
    stray = objects[0].with_name("0123456789abcdef0123456789abcdef.txt")
    young = objects[0].with_name("f123456789abcdef0123456789abcdef.txt")
    theirs = objects[0].with_name("My own notes.txt")
    for path in (stray, young, theirs):
        path.write_text("nobody knows")
    for path in (stray, theirs):
        os.utime(path, (time.time() - 90_000,) * 2)
    ran = shell("scan")
    assert (ran.code, "2 unknown" in ran.out, young.name in ran.out) == (0, True, False)
    refused = shell("scan", "--remove-unknown")
    assert (refused.code, stray.exists()) == (2, True)
    assert "needs --yes" in refused.err
    ran = shell("scan", "--remove-unknown", "--yes")
    assert (ran.code, "1 removed" in ran.out) == (0, True)
    assert not stray.exists()
    assert young.exists()
    assert theirs.exists()
    assert all(path.exists() for path in objects)
    assert "none of ours" in ran.out


def test_what_a_dead_process_left_is_told_and_removed_by_repair(shell: Shell, objects: list[Path]) -> None:
    left = shell.folder / "data/spool/tmp/0123456789abcdef-fedcba"
    left.write_bytes(b"half a file")
    ran = shell("scan")
    assert (ran.code, f"Left behind: {left}, 11 bytes" in ran.out) == (0, True)
    assert left.exists()
    assert shell("scan", "--repair").code == 0
    assert not left.exists()


def test_a_folder_that_is_another_storage_is_not_taken_for_one_that_has_lost_everything(
    shell: Shell, objects: list[Path]
) -> None:
    (shell.folder / "uploads").rename(shell.folder / "disk that is away")
    ran = shell("scan", "--repair", "--json")
    assert ran.json["scans"][0]["of_copies"] == 0  # a new folder is a new storage
    assert ran.json["not_scanned"] == ["this computer"]


def test_a_place_where_most_is_missing_is_named_and_repaired_only_when_that_is_confirmed(shell: Shell) -> None:
    for number in range(11):
        (shell.folder / f"{number}.txt").write_text(f"Week {number}")
    shell.json("add", *(f"{number}.txt" for number in range(11)), "--session", "Botany")
    for path in (shell.folder / "uploads/study-sessions/1").iterdir():
        path.unlink()
    ran = shell("scan", "--repair")
    assert (ran.code, ran.out.count("Missing: "), "marked" in ran.out) == (1, 11, False)
    assert "Refused: More than half of the 11 objects are missing" in ran.err
    assert shell("scan", "--repair", "--json").json["error"]["code"] == "conflict"
    ran = shell("scan", "--repair", "--most-are-missing")
    assert (ran.code, ran.out.count("[marked bad]")) == (1, 11)


def test_wrong_usage_is_told(shell: Shell) -> None:
    assert shell("scan", "--deep", "--sizes").code == 2
    ran = shell("scan", "moon", "--json")
    assert (ran.code, ran.json["error"]["code"]) == (1, "not_found")


def until_begun(shell: Shell) -> None:
    with closing(sqlite3.connect(shell.folder / "data/catalog.db")) as catalog:
        awaited(lambda: catalog.execute("SELECT count(*) FROM scans WHERE writer IS NOT NULL").fetchone()[0])


def test_ctrl_c_ends_a_scan_and_says_so(shell: Shell) -> None:
    (shell.folder / "large.bin").write_bytes(os.urandom(1_000_000))
    shell.json("add", "large.bin", "--session", "Botany")
    large = next((shell.folder / "uploads/study-sessions/1").iterdir())
    os.truncate(large, 200_000_000_000)  # a hole that takes a minute to read
    with closing(sqlite3.connect(shell.folder / "data/catalog.db")) as catalog:
        catalog.execute("DROP TRIGGER files_count_leave")
        catalog.execute("DROP TRIGGER files_count_enter")
        catalog.execute("UPDATE files SET size = 200000000000")
        catalog.commit()
    process = subprocess.Popen(
        shell.command("scan", "--deep", "--json"),
        cwd=shell.folder,
        env=shell.environ(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    until_begun(shell)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, b"interrupted" in out) == (130, True)
    assert "nothing is wrong" in shell("scan").out  # nothing is in its way
