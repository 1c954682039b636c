"""`migrate` from its plan to its clean-up, and how it stops."""

import csv
import json
import os
import re
import signal
import subprocess

import pytest

from tests.cli.conftest import Shell
from tests.servers.place import REGION, Server
from tests.servers.strict_s3 import NO_DELETE_KEY


@pytest.fixture
def shell(shell: Shell) -> Shell:
    """A library of three files, and a second folder for files."""
    (shell.folder / "usb").mkdir()
    (shell.folder / "storages.toml").write_text(f'[usb]\nkind = "local"\nfolder = "{shell.folder}/usb"\n')
    for number in range(3):
        (shell.folder / f"week {number}.txt").write_text(f"Week {number}: light becomes sugar.\n")
    shell.json("add", *(f"week {number}.txt" for number in range(3)), "--session", "Botany")
    return shell


def plan(shell: Shell, *options: str) -> int:
    found: int = shell.json("migrate", "plan", "--from", "local", "--to", "usb", *options)["migration"]["id"]
    return found


def stored(shell: Shell) -> set[str]:
    return {file["stored_in"] for file in shell.json("files")["files"]}


def test_files_move_come_back_and_are_cleaned_up(shell: Shell) -> None:
    told = shell("migrate", "plan", "--from", "local", "--to", "usb")
    assert "To move: 3 files, 87 bytes, about 1 s." in told.out
    assert "`migrate run 1` moves it" in told.out
    assert stored(shell) == {"this computer"}
    ran = shell("migrate", "run", "1")
    assert (ran.code, ran.err) == (0, "")
    assert "done\n  switched: 3 files" in ran.out
    assert stored(shell) == {"this computer · usb"}
    undone = shell.json("migrate", "undo", "1")
    assert (undone["state"], undone["left_behind"][0]["storage"]) == ("undone", "usb")
    assert stored(shell) == {"this computer"}
    early = shell("migrate", "clean-up", "1", "--yes", "--json")
    assert (early.code, early.json["error"]["code"]) == (1, "conflict")
    assert shell("migrate", "clean-up", "1", "--now").code == 2  # nobody is there to ask
    assert shell.json("migrate", "clean-up", "1", "--now", "--yes")["state"] == "cleaned"
    assert list((shell.folder / "usb").rglob("*.txt")) == []


def test_the_plan_narrows_what_moves(shell: Shell) -> None:
    (shell.folder / "leaf.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    shell.json("add", "leaf.png", "--session", "Trees")
    narrowed = ["--session", "2", "--kind", "image", "--since", "2020-01-01", "--max-bytes", "100", "--first", "5"]
    told = shell.json("migrate", "plan", "--from", "local", "--to", "usb", *narrowed, "--limit-rate", "0.5")
    assert told["by_kind"] == {"image": {"files": 1, "bytes": 8}}
    assert told["migration"]["bytes_per_second"] == 500_000
    assert shell("migrate", "plan", "--from", "local", "--to", "usb", "--since", "yesterday").code == 2
    assert shell("migrate", "plan", "--from", "local", "--to", "moon").code == 1
    assert shell("migrate", "plan", "--from", "local", "--to", "local").code == 1


def test_what_cannot_move_is_told_and_tried_again(shell: Shell) -> None:
    hidden = next((shell.folder / "uploads/study-sessions").rglob("*.txt"))
    hidden.rename(shell.folder / "hidden")
    number = plan(shell)
    ran = shell("migrate", "run", f"{number}", "--json")
    assert (ran.code, ran.json["state"], ran.json["error"]["code"]) == (1, "failed", "not_all_done")
    assert ran.json["error"]["fix"] == f"`migrate retry {number}` tries again."
    told = shell("migrate", "status", f"{number}")
    assert (told.code, "Failed: “week" in told.err) == (0, True)
    (shell.folder / "hidden").rename(hidden)
    assert shell("migrate", "retry", f"{number}").code == 0
    assert stored(shell) == {"this computer · usb"}


def test_what_failed_and_was_deleted_since_is_told_to_be(shell: Shell) -> None:
    next((shell.folder / "uploads/study-sessions").rglob("*.txt")).unlink()
    shell("migrate", "run", f"{plan(shell)}")
    failed = re.search(r"\(file (\d+)\)", shell("migrate", "status", "1").err)
    assert failed is not None
    shell.json("trash", failed[1])
    shell.json("purge", failed[1])
    assert f"Failed: “deleted” (file {failed[1]})" in shell("migrate", "status", "1").err


def test_files_added_since_can_join(shell: Shell) -> None:
    number = plan(shell)
    (shell.folder / "late.txt").write_text("late")
    shell.json("add", "late.txt", "--session", "Botany")
    assert shell.json("migrate", "join", f"{number}")["migration"]["planned"]["files"] == 4
    shell.json("migrate", "run", f"{number}")
    assert stored(shell) == {"this computer · usb"}


def test_the_report_names_every_file_with_its_hash_and_its_end(shell: Shell) -> None:
    (shell.folder / "=1+1.txt").write_text("no formula")
    shell.json("add", "=1+1.txt", "--session", "Botany")
    number = plan(shell)
    shell.json("migrate", "run", f"{number}")
    assert shell("migrate", "report", f"{number}", "--output", "report.csv").code == 0
    with (shell.folder / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == ["week 0.txt", "week 1.txt", "week 2.txt", "'=1+1.txt"]
    assert {(row["source"], row["target"], row["state"]) for row in rows} == {
        ("this computer", "this computer · usb", "switched")
    }
    assert all((shell.folder / "usb" / row["target_key"]).exists() and len(row["sha256"]) == 64 for row in rows)
    whole = json.loads(shell("migrate", "report", f"{number}", "--output", "-").out)
    assert (whole["migration"]["state"], len(whole["items"]), whole["items"][3]["name"]) == ("done", 4, "=1+1.txt")
    assert shell("migrate", "report", f"{number}", "--output", "no/folder.csv").code == 1


@pytest.fixture
def s3(rclone_server: Server) -> dict[str, str]:
    """The settings of a bucket, to which bytes go no faster than they may."""
    return {
        "AWS_S3_BUCKET": rclone_server.new_bucket(), "S3_ENDPOINT_URL": rclone_server.url, "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": rclone_server.access_key, "AWS_SECRET_ACCESS_KEY": rclone_server.secret_key,
    }  # fmt: skip


def begun(shell: Shell, s3: dict[str, str], *options: str) -> "subprocess.Popen[str]":
    """Begin a run that takes a minute, and wait until it copies."""
    (shell.folder / "large.bin").write_bytes(os.urandom(3_000_000))
    shell.json("add", "large.bin", "--session", "Botany")
    shell.json("migrate", "plan", "--from", "local", "--to", "s3", "--limit-rate", "0.05", **s3)
    process = subprocess.Popen(
        shell.command("migrate", "run", "1", *options), cwd=shell.folder, env=shell.environ(**s3),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    lines = process.stderr if options else process.stdout
    assert lines is not None
    assert any('"copying": [{' in line for line in lines)
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_pauses_and_says_so(shell: Shell, s3: dict[str, str], number: int) -> None:
    process = begun(shell, s3, "--json")
    process.send_signal(number)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    document = json.loads(out)
    assert (document["state"], document["error"]["code"]) == ("paused", "interrupted")
    assert document["items"]["todo"]["files"] >= 1


def test_another_program_sees_and_pauses_a_run(shell: Shell, s3: dict[str, str]) -> None:
    process = begun(shell, s3)
    elsewhere = shell.json("migrate", "status", "1", **s3)
    assert (elsewhere["state"], elsewhere["worker"]) == ("running", "elsewhere")
    assert shell("migrate", "run", "1", **s3).code == 1
    shell.json("migrate", "pause", "1", **s3)
    _, told = process.communicate(timeout=60)
    assert (process.returncode, told) == (1, "It was paused elsewhere. `migrate run 1` goes on.\n")
    assert shell.json("migrate", "status", **s3)["migrations"][0]["state"] == "paused"


def test_copies_that_the_keys_may_not_delete_are_told_until_they_are_gone(
    shell: Shell, strict_s3_server: Server
) -> None:
    keeping = strict_s3_server.environ(strict_s3_server.new_bucket(), STORAGE="LOCAL")
    keeping["AWS_ACCESS_KEY_ID"] = NO_DELETE_KEY
    first = shell.json("migrate", "plan", "--from", "local", "--to", "s3", **keeping)["migration"]["id"]
    shell.json("migrate", "run", str(first), **keeping)
    shell.json("migrate", "undo", str(first), **keeping)
    cleaned = shell("migrate", "clean-up", str(first), "--now", "--yes", **keeping)
    assert cleaned.code == 0
    assert "3 copies are still to be deleted in S3" in cleaned.err
    assert "it does not answer, these keys may not delete" in cleaned.err
    again = shell("migrate", "clean-up", str(first), "--now", "--yes", **keeping)
    assert (again.code, "Nothing of this migration is left to clean up" in again.err) == (1, True)
    told = shell.json("storages", **keeping)["storages"]
    assert {storage["name"]: storage["to_delete"] for storage in told} == {"local": 0, "usb": 0, "s3": 3}
    assert "3 copies still to be deleted" in shell("storages", **keeping).out
