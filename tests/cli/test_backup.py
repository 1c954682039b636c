"""`backup` and `recover` as a person calls them."""

import shutil
from pathlib import Path

from tests.cli.conftest import Shell


def library(shell: Shell) -> None:
    (shell.folder / "week 1.txt").write_text("entropy")
    shell.json("add", str(shell.folder / "week 1.txt"), "--session", "Thermodynamics")


def test_a_library_is_backed_up_lost_and_recovered(shell: Shell) -> None:
    library(shell)
    told = shell.json("backup")
    assert told["place"] == "this computer"
    assert (told["backup"]["files"], told["backup"]["bytes"], told["backup"]["automatic"]) == (1, 7, False)
    listed = shell.json("backup", "local", "--list")
    assert listed["backups"] == [told["backup"]]
    assert (listed["last"]["name"], listed["last"]["done"]) == (told["backup"]["name"], True)
    shutil.rmtree(shell.folder / "data")
    recovered = shell.json("recover", "local")
    assert recovered["backup"] == told["backup"]
    shell.json("get", "1", "--output", str(shell.folder / "again.txt"))
    assert (shell.folder / "again.txt").read_text() == "entropy"


def test_a_person_is_told_plainly_what_was_done(shell: Shell) -> None:
    library(shell)
    usb = shell.folder / "usb"
    usb.mkdir()
    ran = shell("backup", str(usb))
    assert ran.code == 0
    assert ran.out.startswith(f"Backed up what is known of 1 file in 1 session to {usb}: 20")
    assert shell("backup", str(usb), "--list").out.splitlines()[0].split("\t")[0] == "Backup"
    shell.json("sessions")
    ran = shell("recover", str(usb))
    assert ran.code == 1
    assert "There is a catalog in" in ran.err
    ran = shell("recover", str(usb), "--replace")
    assert ran.code == 0
    assert "Recovered 1 file in 1 session from 20" in ran.out
    kept = Path(ran.out.partition("is kept as ")[2].splitlines()[0].removesuffix("."))
    assert kept.is_file()


def test_a_recovery_that_does_not_find_every_file_says_so_and_fails(shell: Shell) -> None:
    library(shell)
    shell.json("backup")
    for path in (shell.folder / "uploads" / "study-sessions").rglob("*.txt"):
        path.unlink()
    ran = shell("recover", "local", "--replace")
    assert ran.code == 1
    assert "Missing: 1 file: week 1.txt. Run `scan`" in ran.err
    ran = shell("recover", "local", "--replace", "--json")
    assert ran.code == 1
    assert ran.json["error"]["code"] == "not_all_found"
    assert (ran.json["look"]["missing"], ran.json["look"]["names"]) == (1, ["week 1.txt"])


def test_a_folder_that_is_not_there_is_an_error_with_its_fix(shell: Shell) -> None:
    for command in ("backup", "recover"):
        ran = shell(command, str(shell.folder / "unplugged"), "--json")
        assert ran.code == 1
        assert ran.json["error"]["code"] == "not_found"
        assert "make the folder" in ran.json["error"]["fix"]
