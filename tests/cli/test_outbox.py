"""`outbox`: listed, moved, kept, in a shell beside a bucket that was down."""

from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.servers.place import Server


@pytest.fixture
def settings(rclone_server: Server) -> dict[str, str]:
    return rclone_server.environ(rclone_server.new_bucket())


@pytest.fixture
def refused(settings: dict[str, str]) -> dict[str, str]:
    """The same, with a key that the bucket refuses."""
    return settings | {"AWS_SECRET_ACCESS_KEY": "wrong-secret"}


def add_two(shell: Shell, settings: dict[str, str]) -> None:
    for name in ("a.txt", "b.txt"):
        (shell.folder / name).write_text(f"bytes of {name}")
    added = shell.json("add", "a.txt", "b.txt", "--session", "Waves", **settings)["added"]
    assert {one["stored_in"] for one in added} == {"this computer"}


def test_the_outbox_lists_drains_and_keeps(shell: Shell, refused: dict[str, str]) -> None:
    add_two(shell, refused)
    waiting = shell.json("outbox", **refused)["outbox"]
    assert [(one["id"], one["name"], one["stored_in"]) for one in waiting] == [
        (2, "b.txt", "this computer"),
        (1, "a.txt", "this computer"),
    ]
    assert all(one["wanted"].startswith("S3 · ") and one["reason"] for one in waiting)
    ran = shell("outbox", "--drain", "--json", **refused)
    assert (ran.code, ran.json["moved"], ran.json["waiting"]) == (1, 0, 2)
    assert ran.json["failed"][0]["code"] == "permission_denied"
    assert shell.json("outbox", **refused)["outbox"][0]["tries"] == 1
    kept = shell.json("outbox", "--keep-local", "1", "2", **refused)["files"]
    assert [(file["id"], file["wanted"]) for file in kept] == [(1, None), (2, None)]
    assert shell.json("outbox", **refused)["outbox"] == []


def test_a_drain_moves_what_waits(
    shell: Shell, settings: dict[str, str], refused: dict[str, str], tmp_path: Path
) -> None:
    bucket = settings["STUDY_BUDDY_BUCKET_NAME"]
    add_two(shell, refused)
    one = shell("outbox", "--drain", "2", **settings)
    assert one.code == 0
    assert f"b.txt (file 2) is in S3 · {bucket}" in one.out
    assert "1 still waiting" in one.out
    drained = shell.json("outbox", "--drain", **settings)
    assert (drained["moved"], drained["failed"], drained["waiting"]) == (1, [], 0)
    assert {file["stored_in"] for file in shell.json("files", **settings)["files"]} == {f"S3 · {bucket}"}
    shell.json("get", "2", "--output", "back.txt", **settings)
    assert (tmp_path / "back.txt").read_text() == "bytes of b.txt"
    assert list((tmp_path / "uploads").rglob("*.txt")) == []


@pytest.mark.parametrize("wrong", [["1"], ["--keep-local"], ["--drain", "--keep-local", "1"]])
def test_a_contradiction_is_wrong_usage(shell: Shell, wrong: list[str]) -> None:
    assert shell("outbox", *wrong).code == 2


@pytest.mark.parametrize("act", ["--drain", "--keep-local"])
def test_what_does_not_wait_is_told(shell: Shell, act: str) -> None:
    (shell.folder / "a.txt").write_text("bytes")
    shell.json("add", "a.txt", "--session", "Waves")
    assert shell("outbox", act, "7", "--json").json["error"]["code"] == "not_found"
    ran = shell("outbox", act, "1", "--json")
    assert (ran.code, ran.json["error"]["code"]) == (1, "conflict")
