"""Kill an import at any line: the next run goes on, everything comes once, and nothing is left behind."""

import shutil
from pathlib import Path

import pytest

from studybuddy.catalog.imports import Import
from studybuddy.settings import load_settings
from studybuddy.wiring import open_all
from tests.importing.conftest import Place, opened
from tests.invariants import check_at_rest
from tests.killing import count_lines, survives
from tests.samples import m4a, pdf
from tests.servers.supabase import Supabase

CONTENTS = {"Week 1/a.m4a": m4a(), "Week 1/b.pdf": pdf(), "c.txt": b"text"}


@pytest.fixture
def bucket(supabase_server: Supabase) -> str:
    bucket = supabase_server.new_bucket()
    for key, content in CONTENTS.items():
        supabase_server.put(bucket, key, content)
    supabase_server.put(bucket, "gone.m4a", None)
    return bucket


def bring(folder: Path, server: Supabase, bucket: str) -> Import:
    wiring = opened(folder, server, bucket)
    try:
        return Place(wiring, server, bucket, folder).run()
    finally:
        wiring.close()


def check(folder: Path) -> None:
    environ = {"UPLOADS_DIR": f"{folder}/uploads", "STUDY_BUDDY_DATA": f"{folder}/data"}
    wiring = open_all(load_settings(environ, env_file=folder / ".env"))
    try:
        wiring.recovery.run()
        with wiring.catalog.read() as db:
            names = [row[0] for row in db.execute("SELECT name FROM files ORDER BY name").fetchall()]
            titles = [row[0] for row in db.execute("SELECT title FROM lectures").fetchall()]
            sessions = db.execute("SELECT count(*) FROM sessions").fetchone()[0]
            origins = db.execute("SELECT count(DISTINCT origin_url) FROM files").fetchone()[0]
        assert (names, titles, sessions, origins) == (["a.m4a", "b.pdf", "c.txt"], ["a"], 2, 3)
        check_at_rest(wiring)
    finally:
        wiring.close()


@pytest.mark.parametrize("step", [pytest.param(397, id="sampled"), pytest.param(7, id="many", marks=pytest.mark.slow)])
def test_a_kill_at_any_line_doubles_and_loses_nothing(
    step: int, supabase_server: Supabase, bucket: str, tmp_path: Path
) -> None:
    template, folder = tmp_path / "template", tmp_path / "library"
    template.mkdir()
    opened(template, supabase_server, bucket).close()

    def act() -> Import:
        return bring(folder, supabase_server, bucket)

    shutil.copytree(template, folder)
    first = count_lines(lambda: opened(folder, supabase_server, bucket).close(), die_at=None)
    last = count_lines(act, die_at=None)
    assert last > first + 1000
    check(folder)
    for line in range(first, last + 1, step):
        shutil.rmtree(folder)
        shutil.copytree(template, folder)
        survives(act, die_at=line)
        done = act()
        assert (done.state, done.count("done", "there").files, done.count("failed").files) == ("failed", 3, 1)
        check(folder)
