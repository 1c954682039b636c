"""`python -m studybuddy add`: nothing is skipped silently, and what is told to be added is safe."""

import hashlib
import os
import pty
import select
import signal
import subprocess
import time
from pathlib import Path

import pytest

from studybuddy.settings import load_settings
from studybuddy.wiring import Wiring, open_all
from tests import samples
from tests.cli.conftest import Shell, children, gone
from tests.invariants import check_at_rest


def open_library(shell: Shell) -> Wiring:
    return open_all(load_settings(shell.environ(), env_file=shell.folder / "no.env"))


def check_library(shell: Shell) -> None:
    wiring = open_library(shell)
    try:
        wiring.recovery.run()
        check_at_rest(wiring)
    finally:
        wiring.close()


def tree(shell: Shell, *names: str) -> Path:
    top = shell.folder / "Biology"
    for name in names:
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"what {name} says")
    return top


def test_a_file_is_added_and_reads_back(shell: Shell) -> None:
    (shell.folder / "paper.pdf").write_bytes(samples.pdf("Light"))
    told = shell.json("add", "paper.pdf", "--session", "Week 1")
    (added,) = told["added"]
    assert (told["failed"], told["skipped"], told["not_tried"]) == ([], [], 0)
    assert (added["file"]["name"], added["file"]["kind"], added["stored_in"]) == (
        "paper.pdf",
        "document",
        "this computer",
    )
    assert shell("get", str(added["file"]["id"]), "--output", "back.pdf").code == 0
    assert (shell.folder / "back.pdf").read_bytes() == samples.pdf("Light")
    check_library(shell)


def test_a_folder_is_added_with_everything_in_it_and_what_is_left_out_is_told(shell: Shell) -> None:
    tree(shell, "a.txt", "week 1/b.txt", ".hidden", "Thumbs.db")
    told = shell.json("add", "Biology", "--session", "Bio")
    assert [one["path"] for one in told["added"]] == ["Biology/a.txt", "Biology/week 1/b.txt"]
    assert {one["path"]: one["reason"] for one in told["skipped"]} == {
        "Biology/.hidden": "it is hidden",
        "Biology/Thumbs.db": "it belongs to the system or to an open program",
    }
    assert shell.json("sessions")["sessions"][0]["tags"] == []


def test_a_folder_can_become_the_session_and_the_folders_in_it_tags(shell: Shell) -> None:
    tree(shell, "a.txt", "week 1/b.txt")
    shell.json("add", "Biology", "--folders", "session", "--tag", "mine")
    (session,) = shell.json("sessions")["sessions"]
    assert (session["title"], session["tags"], session["file_count"]) == ("Biology", ["mine", "week 1"], 2)


def test_all_folders_can_become_tags(shell: Shell) -> None:
    tree(shell, "week 1/b.txt")
    shell.json("add", "Biology", "--folders", "tag", "--session", "All")
    (session,) = shell.json("sessions")["sessions"]
    assert (session["title"], session["tags"]) == ("All", ["Biology", "week 1"])


def test_what_cannot_be_added_is_told_and_the_rest_is_added(shell: Shell) -> None:
    (shell.folder / "a.txt").write_text("a")
    (shell.folder / "large.txt").write_bytes(bytes(1_500_000))
    ran = shell("add", "a.txt", "large.txt", "gone.txt", "--session", "S", "--json", MAX_UPLOAD_MB="1")
    assert ran.code == 1
    assert [one["path"] for one in ran.json["added"]] == ["a.txt"]
    assert {one["path"]: one["code"] for one in ran.json["failed"]} == {
        "gone.txt": "invalid_input",
        "large.txt": "too_large",
    }
    assert ran.json["error"]["code"] == "not_all_added"
    plain = shell("add", "gone.txt", "--session", "S")
    assert plain.code == 1
    assert "gone.txt" in plain.err
    assert "does not exist" in plain.err
    check_library(shell)


def test_a_file_whose_name_contradicts_its_bytes_is_told(shell: Shell) -> None:
    (shell.folder / "lecture.mp3").write_bytes(samples.pdf("Light"))
    ran = shell("add", "lecture.mp3", "--session", "S")
    assert ran.code == 0
    assert "lecture.mp3 is a PDF, not an MP3 recording" in ran.out


def test_a_duplicate_is_told_and_kept_or_linked(shell: Shell) -> None:
    (shell.folder / "a.txt").write_text("same")
    (shell.folder / "b.txt").write_text("same")
    first = shell.json("add", "a.txt", "--session", "One")["added"][0]["file"]["id"]
    kept = shell("add", "b.txt", "--session", "Two")
    assert "“a.txt” (file 1) in “One” holds the same bytes; both are kept" in kept.out
    (linked,) = shell.json("add", "b.txt", "--session", "Three", "--duplicates", "link")["added"]
    assert linked["linked"]
    assert linked["file"]["id"] == first
    assert [one["id"] for one in shell.json("files", "--session", "3")["files"]] == [first]
    assert len(shell.json("files")["files"]) == 2
    check_library(shell)


def test_a_recording_gets_the_lecture_that_is_named(shell: Shell) -> None:
    (shell.folder / "voice.m4a").write_bytes(samples.m4a())
    (shell.folder / "slides.pdf").write_bytes(samples.pdf())
    shell.json("add", "voice.m4a", "slides.pdf", "--session", "S", "--lecture", "On light")
    wiring = open_library(shell)
    with wiring.catalog.read() as db:
        titles = [row[0] for row in db.execute("SELECT title FROM lectures").fetchall()]
    wiring.close()
    assert titles == ["On light"]
    again = shell("add", "voice.m4a", "--session", "S", "--lecture", "On light")
    assert again.code == 1
    assert "has a recording already" in again.err


def test_a_lecture_is_named_for_one_recording_alone(shell: Shell) -> None:
    (shell.folder / "slides.pdf").write_bytes(samples.pdf())
    ran = shell("add", "slides.pdf", "--session", "S", "--lecture", "On light", "--json")
    assert (ran.code, ran.json["error"]["code"]) == (2, "usage")
    assert shell.json("sessions")["sessions"] == []


@pytest.mark.parametrize(
    "arguments", [(), ("a.txt",), ("a.txt", "--folders", "session"), ("a.txt", "--session", "S", "--folders", "x")]
)
def test_wrong_usage_ends_with_2_and_adds_nothing(shell: Shell, arguments: tuple[str, ...]) -> None:
    (shell.folder / "a.txt").write_text("a")
    ran = shell("add", *arguments, "--json")
    assert (ran.code, ran.json["error"]["code"]) == (2, "usage")
    assert not (shell.folder / "data").exists()


def test_names_of_every_sort_are_added_and_come_back(shell: Shell) -> None:
    names = ["数学.pdf", "a\nb.txt", "-rf", "'quote\".md", "rtl\u202e.txt", "\x1b[2Jclear.txt"]
    for name in names:
        (shell.folder / name).write_text(name)
    ran = shell("add", "--session", "S", "--", *names)
    assert ran.code == 0
    assert "\x1b" not in ran.out
    assert {file["name"] for file in shell.json("files")["files"]} == set(names)
    check_library(shell)


def test_ctrl_c_stops_behind_the_files_under_way_and_tells_what_was_added(shell: Shell) -> None:
    tree(shell, *(f"{number:05}.txt" for number in range(3000)))
    command = shell.command("add", "Biology", "--session", "S")
    with subprocess.Popen(
        command, cwd=shell.folder, env=shell.environ(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        uploads = shell.folder / "uploads" / "study-sessions"
        deadline = time.monotonic() + 30
        while not uploads.exists() and time.monotonic() < deadline:
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    count = len(shell.json("files")["files"])
    assert process.returncode == 130, (out, err)
    assert 0 < count < 3000
    assert f"Added {count:,} files" in out
    assert f"Stopped: {3000 - count:,} files were not added." in err
    check_library(shell)


def test_a_killed_run_leaves_nothing_half_done_and_the_next_command_settles_it(shell: Shell) -> None:
    tree(shell, *(f"{number:05}.txt" for number in range(1000)))
    process = subprocess.Popen(
        shell.command("add", "Biology", "--session", "S"),
        cwd=shell.folder,
        env=shell.environ(),
        stdout=subprocess.DEVNULL,
    )
    uploads = shell.folder / "uploads" / "study-sessions"
    while not uploads.exists() and process.poll() is None:
        time.sleep(0.002)
    others = children(process.pid)
    process.kill()
    process.wait()
    assert gone(others)
    shell.json("files")
    wiring = open_library(shell)
    check_at_rest(wiring)
    wiring.close()


@pytest.mark.skipif(os.name == "nt", reason="needs a terminal of Unix")
def test_on_a_terminal_a_bar_shows_files_and_bytes(shell: Shell) -> None:
    tree(shell, *(f"{number}.txt" for number in range(20)))
    master, slave = pty.openpty()
    process = subprocess.Popen(
        shell.command("add", "Biology", "--session", "S"),
        cwd=shell.folder,
        env=shell.environ(TERM="xterm", COLUMNS="120"),
        stdout=subprocess.DEVNULL,
        stderr=slave,
    )
    os.close(slave)
    shown = b""
    while select.select([master], [], [], 30)[0]:
        try:
            piece = os.read(master, 65536)
        except OSError:  # Linux says so at the end
            break
        if not piece:
            break
        shown += piece
    os.close(master)
    assert process.wait() == 0
    assert b"20 of 20 files" in shown
    assert b"bytes" in shown


def test_a_folder_that_is_a_file_is_refused_plainly(shell: Shell) -> None:
    (shell.folder / "a.txt").write_text("a")
    (shell.folder / "uploads").write_text("no folder")
    ran = shell("add", "a.txt", "--session", "S", "--json")
    assert ran.code == 1
    assert ran.json["error"]["code"] == "settings"
    assert "UPLOADS_DIR" in ran.err


def test_more_files_than_a_group_holds_keep_their_bytes(shell: Shell) -> None:
    hashes = set()
    for number in range(600):
        content = os.urandom(number * 20)
        hashes.add(hashlib.sha256(content).hexdigest())
        path = shell.folder / "Many" / f"{number}.bin"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    (shell.folder / "Many" / "large.bin").write_bytes(bytes(3_000_000))
    told = shell.json("add", "Many", "--session", "S")
    assert hashes < {one["file"]["sha256"] for one in told["added"]}
    assert len(told["added"]) == 601
    check_library(shell)
