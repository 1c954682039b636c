"""The demo as a person starts it: everything is there, and nothing is left."""

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from studybuddy.demo.courses import COURSES, FOLDER
from tests import patient
from tests.cli.conftest import Shell
from tests.servers.process import free_port
from tests.waiting import awaited

# Somebody's own settings, which are none of the demo's business.
OTHERS = {"STORAGE": "FTP", "AWS_PROFILE": "nobody", "AWS_S3_BUCKET": "my-bucket", "HTTP_PROXY": "http://127.0.0.1:9"}
FILES = sum(len(course.files()) for course in COURSES)


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo and what it told."""

    process: "subprocess.Popen[str]"
    told: dict[str, Any]

    def get(self, path: str) -> Any:
        return patient.get(self.told["url"] + path).raise_for_status().json()

    def post(self, path: str, **given: Any) -> Any:
        return patient.post(self.told["url"] + path, **given).raise_for_status().json()

    def held(self) -> dict[str, int]:
        return {one["name"]: one["files"] for one in self.get("/api/v1/storages")["storages"]}


@contextmanager
def demo(shell: Shell, *arguments: str) -> Iterator[Demo]:
    environ = shell.environ(TMPDIR=str(shell.folder), **OTHERS)
    with subprocess.Popen(
        shell.command("demo", "--json", "--port", str(free_port()), *arguments),
        cwd=shell.folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout
        assert process.stderr
        line = process.stdout.readline()
        try:
            assert line, process.stderr.read()
            yield Demo(process, json.loads(line))
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(60)
            finally:
                process.kill()
        assert (process.returncode, process.stdout.read(), process.stderr.read()) == (0, "", "The demo has ended.\n")


def move_to_s3(running: Demo) -> None:
    planned = running.post("/api/v1/migrations", json={"from": "local", "to": "s3"})["migration"]
    path = f"/api/v1/migrations/{planned['id']}"
    running.post(f"{path}/run")
    ended = awaited(lambda: running.get(path), lambda migration: migration["state"] not in {"planned", "running"})
    assert ended["state"] == "done"


def is_answering(url: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((httpx.URL(url).host, httpx.URL(url).port or 80)) == 0


def test_the_library_and_s3_are_there_and_nothing_is_left_at_the_end(shell: Shell) -> None:
    with demo(shell) as running:
        assert running.held() == {"local": FILES, "s3": 0}
        sessions = running.get("/api/v1/sessions")["sessions"]
        assert sorted(one["title"] for one in sessions) == sorted(course.title for course in COURSES)
        assert {one["lecture_count"] for one in sessions} == {1}
        assert running.post("/api/v1/storages/s3/doctor")["healthy"] is True
        move_to_s3(running)
        assert running.held() == {"local": 0, "s3": FILES}
        folder = Path(running.told["folder"])
        assert folder.parent == shell.folder
        assert os.name == "nt" or (folder / ".env").stat().st_mode & 0o077 == 0
    assert list(shell.folder.iterdir()) == []
    assert not is_answering(running.told["url"].replace("localhost", "127.0.0.1"))
    assert not is_answering(running.told["s3_url"])


def test_a_kept_demo_is_gone_on_with_also_what_was_in_s3(shell: Shell) -> None:
    folder = shell.folder / "kept"
    with demo(shell, "--keep", str(folder)) as running:
        running.post("/api/v1/storages/s3/use")
        session_id = running.get("/api/v1/sessions")["sessions"][0]["id"]
        added = running.post(
            f"/api/v1/sessions/{session_id}/files", content=b"in the bucket", headers={"X-File-Name": "a.txt"}
        )
        assert running.held() == {"local": FILES, "s3": 1}
    with demo(shell, "--keep", str(folder)) as running:
        assert running.held() == {"local": FILES, "s3": 1}
        content = patient.get(f"{running.told['url']}/api/v1/files/{added['results'][0]['file']['id']}/content")
        assert content.content == b"in the bucket"


def test_a_folder_with_something_else_in_it_is_left_alone(shell: Shell) -> None:
    (shell.folder / "mine").write_text("mine")
    ran = shell("demo", "--keep", str(shell.folder), "--json")
    assert (ran.code, ran.json["error"]["code"]) == (1, "conflict")
    assert [path.name for path in shell.folder.iterdir()] == ["mine"]


@pytest.mark.parametrize("option", ["--port", "--s3-port"])
def test_a_port_that_is_taken_is_told(shell: Shell, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = shell("demo", option, str(taken.getsockname()[1]))
    assert ran.code == 1
    assert f"Give another one: {option} PORT." in ran.err


def test_the_samples_are_small_and_free_to_use() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*")) < 2_000_000
    assert "CC0" in (FOLDER / "LICENSE.md").read_text("utf-8")
