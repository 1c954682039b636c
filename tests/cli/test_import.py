"""`import` and `export`, as a person runs them."""

import csv
import json
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing

import pytest

from tests.cli.conftest import Ran, Shell
from tests.samples import m4a
from tests.servers.supabase import Supabase
from tests.servers.supabase_keys import signed_key
from tests.waiting import PATIENCE_S, awaited

Run = Callable[..., Ran]


@pytest.fixture
def bucket(supabase_server: Supabase) -> str:
    return supabase_server.new_bucket()


@pytest.fixture
def settings(supabase_server: Supabase, bucket: str) -> dict[str, str]:
    return {
        "SUPABASE_URL": supabase_server.url, "SUPABASE_SERVICE_KEY": signed_key(), "SUPABASE_BUCKET": bucket,
    }  # fmt: skip


@pytest.fixture
def run(shell: Shell, settings: dict[str, str]) -> Run:
    return lambda *arguments: shell(*arguments, **settings)


def test_a_bucket_comes_and_what_fails_is_told(run: Run, supabase_server: Supabase, bucket: str) -> None:
    supabase_server.put(bucket, "Week 1/lecture.m4a", m4a())
    ran = run("import", "supabase", "--dry-run")
    assert (ran.code, "1 file would come to this computer" in ran.out) == (0, True)
    ran = run("import", "supabase")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("1 file came to this computer (")
    supabase_server.put(bucket, "Week 1/gone.m4a", None)
    ran = run("import", "supabase", "--to", "local")
    assert ran.code == 1
    assert "Failed: Week 1/gone.m4a: Reading Week 1/gone.m4a: there is no such object" in ran.err
    assert "0 files came to this computer (0 bytes), 1 already here, 1 failed." in ran.out
    ran = run("import", "supabase", "--json")
    assert (ran.code, ran.json["error"]["code"], ran.json["counts"]["there"]["files"]) == (1, "not_all_imported", 1)
    assert [one["name"] for one in ran.json["failed"]] == ["gone.m4a"]


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_one_that_is_stopped_says_how_it_goes_on(  # noqa: PLR0917
    run: Run, shell: Shell, settings: dict[str, str], supabase_server: Supabase, bucket: str, options: list[str]
) -> None:
    for number in range(40):
        supabase_server.put(bucket, f"{number}.txt", f"note {number}".encode())
    supabase_server.traps(slow_s=1)  # 16 at once: most are left when the first is here
    process = subprocess.Popen(
        shell.command("import", "supabase", *options), cwd=shell.folder, env=shell.environ(**settings),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    awaited(lambda: any((shell.folder / "uploads").rglob("*.txt")))
    process.send_signal(signal.SIGINT)
    out, told = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    said = json.loads(out)["error"]["fix"] if options else told.splitlines()[-1].partition("left. ")[2]
    assert said == "Run the same command again to go on."
    supabase_server.traps()
    assert run("import", "supabase").code == 0


def test_a_dry_run_tells_what_the_addresses_alone_tell(run: Run, shell: Shell) -> None:
    refused = "\n".join(f"http://10.0.0.{number}/x.mp3" for number in range(102))
    (shell.folder / "t.csv").write_text(f"audio_url\n{refused}\nhttps://media.example/x.mp3\n")
    told = run("import", "urls", "t.csv", "--dry-run").out.splitlines()
    assert told[0].startswith("Failed: row 1, audio_url: 10.0.0.0 is not on the internet")
    assert told[100] == "And 2 more."
    assert told[-1] == "1 file would come to this computer, of unknown size, 102 cannot."


def test_the_addresses_of_a_table_come_and_go_back_new(
    run: Run, shell: Shell, supabase_server: Supabase, bucket: str
) -> None:
    supabase_server.put(bucket, "audio/7.m4a", m4a())
    url = f"{supabase_server.url}/storage/v1/object/public/{bucket.replace(' ', '%20')}/audio/7.m4a"
    app = shell.folder / "app.sqlite"
    with closing(sqlite3.connect(app)) as db, db:
        db.execute("CREATE TABLE lectures (id INTEGER PRIMARY KEY, title TEXT, course TEXT, audio_url TEXT)")
        db.execute("INSERT INTO lectures VALUES (7, 'Waves', 'Physics', ?)", [f"{url}?"])
    ran = run("import", "urls", "app.sqlite", "--dry-run", "--json")
    assert (ran.code, ran.json["new"]["files"], list(ran.json["sessions"])) == (0, 1, ["Physics"])
    assert run("import", "urls", "app.sqlite").code == 0
    ran = run("export", "urls", "new.csv")
    assert (ran.code, "--base-url" in ran.err) == (1, True)
    assert run("export", "urls", "new.csv", "--base-url", "https://study.example.org/{id}").code == 0
    with (shell.folder / "new.csv").open(newline="") as stream:
        (line,) = csv.DictReader(stream)
    assert (line["old_url"], line["new_url"]) == (url, "https://study.example.org/1")
    assert run("export", "urls", "new.sql", "--base-url", "https://study.example.org/{id}").code == 0
    told = run("export", "urls", "--rewrite", "app.sqlite", "--base-url", "https://study.example.org/{id}", "--json")
    assert told.code == 0
    assert told.json["columns"] == [{"table": "lectures", "column": "audio_url", "rows": 1, "places": 1}]
    with closing(sqlite3.connect(app)) as db:
        assert db.execute("SELECT audio_url FROM lectures").fetchall() == [("https://study.example.org/1",)]
    with closing(sqlite3.connect(told.json["backup"])) as db:
        assert db.execute("SELECT audio_url FROM lectures").fetchall() == [(f"{url}?",)]
        db.executescript((shell.folder / "new.sql").read_text())
        assert db.execute("SELECT audio_url FROM lectures").fetchall() == [("https://study.example.org/1",)]


def test_wrong_usage_is_told(run: Run) -> None:
    assert run("export", "urls").code == 2
    assert run("export", "urls", "a.csv", "--rewrite", "b.sqlite").code == 2
    ran = run("import", "urls", "nothing.csv")
    assert (ran.code, "There is no file" in ran.err) == (1, True)
    ran = run("import", "supabase", "--from", "local")
    assert (ran.code, "no bucket of Supabase" in ran.err) == (1, True)
