"""`process`, as a person or a program calls it."""

from pathlib import Path

import pytest

from tests.cli.conftest import Shell


@pytest.fixture
def filled(shell: Shell) -> Shell:
    (shell.folder / "a.txt").write_text("Entropy never decreases.")
    (shell.folder / "empty.txt").write_text("")
    shell.json("add", "a.txt", "empty.txt", "--session", "Heat")
    return shell


def test_what_waits_is_read_and_what_cannot_be_is_told(filled: Shell) -> None:
    ran = filled("process")
    assert ran.code == 1
    assert "Read: a.txt (file 1)." in ran.out
    assert "Read 1 file; 0 waiting, 0 being read, 1 read, 1 failed, 0 nothing to read." in ran.out
    assert "Failed: empty.txt (file 2): The file is empty." in ran.err
    told = filled.json("process", "--status")
    assert told["counts"] == {"pending": 0, "processing": 0, "done": 1, "failed": 1, "skipped": 0}
    assert [one["name"] for one in told["failed"]] == ["empty.txt"]
    assert filled("process", "--status").out.splitlines()[-1].startswith("2\tempty.txt\t")
    assert list(Path(filled.folder / "data" / "processing").iterdir()) == []


def test_files_are_read_again_when_they_are_named(filled: Shell) -> None:
    filled("process")
    assert [one["state"] for one in filled.json("process", "1")["files"]] == ["done"]
    failed = filled("process", "--all-failed", "--json")
    assert (failed.code, failed.json["error"]["code"], len(failed.json["files"])) == (1, "not_all_read", 1)
    assert filled("process", "99").code == 1
    assert filled("process", "--status", "1").code == 2
