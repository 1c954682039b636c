"""The other commands: what they print, and how they end."""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from studybuddy.api.shapes import SCHEMAS
from studybuddy.cli import COMMANDS, commands
from tests.cli.conftest import ROOT, Shell

DATA = b"Light becomes sugar.\n"


@pytest.fixture
def file_id(shell: Shell) -> str:
    (shell.folder / "notes.txt").write_bytes(DATA)
    added = shell.json("add", "notes.txt", "--session", "Week 1", "--tag", "bio")
    return str(added["added"][0]["file"]["id"])


def test_help_comes_at_once_and_names_every_command(shell: Shell) -> None:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        ran = shell("--help")
        times.append(time.perf_counter() - start)
    assert all(f"  {name} " in ran.out for name in COMMANDS)
    assert min(times) < 3  # a quarter of a second on an idle computer


def test_help_loads_nothing_of_the_library(shell: Shell) -> None:
    code = (
        "import sys, studybuddy.cli as cli; cli.run(['--help']);"
        "print([name for name in ('sqlite3', 'sqlite_utils', 'rich', 'starlette', 'boto3') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_on_this_computer_nothing_of_s3_is_loaded(shell: Shell) -> None:
    code = (
        "import sys, studybuddy.cli as cli; cli.run(['files']);"
        "print([name for name in ('boto3', 'pandas', 'numpy', 'streamlit') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=shell.folder, env=shell.environ(), capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def with_parts() -> Iterator[str]:
    """Yield every command, of a group each of its own."""
    for name in COMMANDS:
        found = commands.get_command(click.Context(commands), name)
        parts = found.commands if isinstance(found, click.Group) else {}
        yield from [f"{name} {part}" for part in parts] or [name]


@pytest.mark.parametrize("command", list(with_parts()))
def test_every_command_has_help_and_takes_json(shell: Shell, command: str) -> None:
    ran = shell(*command.split(), "--help")
    assert ran.code == 0
    assert "--json" in ran.out


def test_storage_info_is_what_the_seeds_asked_for(shell: Shell) -> None:
    told = shell.json("storage-info")
    assert {name: told[name] for name in ("storage_mode", "s3_enabled", "bucket_name", "region")} == {
        "storage_mode": "LOCAL",
        "s3_enabled": False,
        "bucket_name": None,
        "region": None,
    }
    assert "this computer" in shell("storage-info").out


def test_settings_show_where_each_comes_from_and_no_secret(shell: Shell) -> None:
    secret = "a-secret-of-some-length"
    (shell.folder / ".env").write_text("MAX_UPLOAD_MB=5\n")
    keys = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": secret}
    ran = shell("settings", "--json", **keys)
    shown = {one["name"]: one for one in ran.json["settings"]}
    assert (shown["MAX_UPLOAD_MB"]["value"], shown["MAX_UPLOAD_MB"]["source"]) == ("5", ".env")
    assert shown["AWS_SECRET_ACCESS_KEY"]["source"] == "environment"
    for output in (ran.out, ran.err, shell("settings", **keys).out):
        assert secret not in output


def test_a_wrong_setting_ends_every_command_with_a_plain_message(shell: Shell) -> None:
    ran = shell("files", "--json", STORAGE="FTP")
    assert (ran.code, ran.json["error"]["code"]) == (1, "settings")
    assert "STORAGE" in ran.err


def test_files_have_the_names_that_the_api_gives_them(shell: Shell, file_id: str) -> None:
    (file,) = shell.json("files")["files"]
    assert set(file) == set(SCHEMAS["File"]["properties"]) - {"content_url"}
    (session,) = shell.json("sessions")["sessions"]
    assert set(session) == set(SCHEMAS["Session"]["properties"])


def test_lists_are_lines_with_tabs_where_nobody_watches(shell: Shell, file_id: str) -> None:
    header, row = shell("files").out.splitlines()
    assert header.split("\t")[:3] == ["ID", "Session", "Name"]
    assert row.split("\t")[:3] == [file_id, "1", "notes.txt"]
    assert "Week 1" in shell("sessions").out


def test_lists_can_be_narrowed_and_say_when_there_is_more(shell: Shell, file_id: str) -> None:
    (shell.folder / "b.txt").write_text("b")
    shell.json("add", "b.txt", "--session", "Week 2")
    assert [one["title"] for one in shell.json("sessions", "--tag", "bio")["sessions"]] == ["Week 1"]
    assert [one["title"] for one in shell.json("sessions", "--query", "week 2")["sessions"]] == ["Week 2"]
    assert shell.json("files", "--session", "2")["files"][0]["name"] == "b.txt"
    assert shell.json("files", "--kind", "audio")["files"] == []
    one = shell.json("files", "--limit", "1")
    assert (len(one["files"]), one["more"]) == (1, True)
    assert "raise --limit" in shell("files", "--limit", "1").err
    assert shell("files", "--session", "9", "--json").json["error"]["code"] == "not_found"


def test_get_writes_the_bytes_under_the_files_own_name(shell: Shell, file_id: str) -> None:
    target = shell.folder / "out"
    target.mkdir()
    told = shell.json("get", file_id, "--output", "out")
    assert told["path"] == str(target / "notes.txt")
    assert [path.name for path in target.iterdir()] == ["notes.txt"]
    assert (target / "notes.txt").read_bytes() == DATA


def test_get_never_replaces_a_file_without_force(shell: Shell, file_id: str) -> None:
    there = shell.folder / "there.txt"
    there.write_text("mine")
    ran = shell("get", file_id, "--output", "there.txt", "--json")
    assert (ran.code, ran.json["error"]["code"]) == (1, "conflict")
    assert there.read_text() == "mine"
    assert shell("get", file_id, "--output", "there.txt", "--force").code == 0
    assert there.read_bytes() == DATA


def test_get_of_damaged_bytes_leaves_nothing(shell: Shell, file_id: str) -> None:
    (stored,) = (shell.folder / "uploads" / "study-sessions").rglob("*.txt")
    stored.write_bytes(DATA.upper())
    out = shell.folder / "out"
    out.mkdir()
    ran = shell("get", file_id, "--output", "out", "--json")
    assert (ran.code, ran.json["error"]["code"]) == (1, "integrity")
    assert list(out.iterdir()) == []


def test_get_to_standard_output_is_the_bytes_and_nothing_else(shell: Shell, file_id: str) -> None:
    assert shell("get", file_id, "--output", "-").out.encode() == DATA
    assert shell("get", file_id, "--output", "-", "--json").code == 2


def test_get_into_a_folder_that_is_not_there_says_so(shell: Shell, file_id: str) -> None:
    ran = shell("get", file_id, "--output", "no/such/folder.txt")
    assert ran.code == 1
    assert "cannot be written" in ran.err


def test_a_file_goes_to_the_trash_and_back_and_away(shell: Shell, file_id: str) -> None:
    early = shell("purge", file_id, "--json")
    assert (early.code, early.json["error"]["code"]) == (1, "conflict")
    assert shell.json("trash", file_id)["file"]["trashed_at"]
    assert shell.json("files")["files"] == []
    assert [(one["what"], one["id"]) for one in shell.json("files", "--trash")["trash"]] == [("file", int(file_id))]
    assert shell.json("restore", file_id)["file"]["trashed_at"] is None
    assert "in the trash" in shell("trash", file_id).out
    assert shell.json("purge", file_id) == {"purged": {"id": int(file_id), "name": "notes.txt"}}
    assert shell("get", file_id, "--json").json["error"]["code"] == "not_found"
    assert list((shell.folder / "uploads").rglob("*.txt")) == []


@pytest.mark.parametrize(
    "arguments", [("nothing",), ("trash",), ("trash", "x"), ("files", "--kind", "x"), ("get", "0")]
)
def test_wrong_usage_ends_with_2(shell: Shell, arguments: tuple[str, ...]) -> None:
    ran = shell(*arguments, "--json")
    assert (ran.code, ran.json["error"]["code"]) == (2, "usage")
    assert "Usage:" in ran.err


def test_a_reader_that_has_enough_is_no_crash(shell: Shell, file_id: str) -> None:
    folder = shell.folder / "many"
    folder.mkdir()
    for number in range(2000):
        (folder / f"{number}-{'x' * 100}.txt").write_text(str(number))
    shell.json("add", "many", "--session", "Many")
    with subprocess.Popen(
        shell.command("files"), cwd=shell.folder, env=shell.environ(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_a_dead_bucket_holds_up_no_command_that_does_not_need_it(shell: Shell, file_id: str) -> None:
    settings = {
        "STUDY_BUDDY_BUCKET_NAME": "no-bucket",
        "S3_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
    start = time.monotonic()
    assert len(shell.json("files", **settings)["files"]) == 1
    assert time.monotonic() - start < 20


def test_files_of_a_dead_bucket_are_saved_here_and_told(shell: Shell) -> None:
    (shell.folder / "a.txt").write_bytes(DATA)
    ran = shell(
        "add", "a.txt", "--session", "S", "--json",
        STORAGE="S3", STUDY_BUDDY_BUCKET_NAME="no-bucket", S3_ENDPOINT_URL="http://127.0.0.1:9",
        AWS_ACCESS_KEY_ID="AKIAEXAMPLE", AWS_SECRET_ACCESS_KEY="secret",
    )  # fmt: skip
    assert ran.code == 0, ran
    (added,) = json.loads(ran.out)["added"]
    assert (added["stored_in"], added["wanted"]) == ("this computer", "S3 · no-bucket")
    assert added["reason"]
    assert added["file"]["sha256"] == hashlib.sha256(DATA).hexdigest()


def test_a_path_of_another_encoding_is_told_as_it_is(shell: Shell) -> None:
    name = os.fsdecode(b"bad\xff.txt")
    try:
        Path(shell.folder / name).write_text("x")
    except OSError:
        pytest.skip("this disk takes only Unicode names")
    told = shell.json("add", name, "--session", "S")
    assert told["added"][0]["path"] == name


def test_storages_are_listed_and_one_is_chosen_for_new_files(shell: Shell) -> None:
    (shell.folder / "usb").mkdir()
    (shell.folder / "storages.toml").write_text(f'[usb]\nkind = "local"\nfolder = "{shell.folder}/usb"')
    assert {one["name"]: one["takes_new_files"] for one in shell.json("storages")["storages"]} == {
        "local": True,
        "usb": False,
    }
    assert "New files go to this computer · usb." in shell("use", "usb").out
    assert shell.json("storage-info")["details"]["storage"] == "usb"
    assert "new files go here" in shell("storages").out
    assert shell.json("use", "default")["details"]["chosen"] is False
    refused = shell("use", "nowhere")
    assert refused.code == 1
    assert "There are: local, usb." in refused.err
