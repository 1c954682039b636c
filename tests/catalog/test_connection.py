"""One writer at a time, readers with a view of their own, and plain errors when the disk does not play along."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from studybuddy.catalog import connection, sessions
from studybuddy.catalog.connection import Catalog
from studybuddy.errors import CatalogError, NoSpaceError
from tests.catalog import rows

_WRITER = """
import pathlib, sys, time
from studybuddy.catalog import sessions
from studybuddy.catalog.connection import Catalog

catalog = Catalog(pathlib.Path(sys.argv[1]))
catalog.prepare()
end = time.monotonic() + float(sys.argv[3])
number = 0
while number == 0 or time.monotonic() < end:
    with catalog.write() as db:
        sessions.insert(db, title=f"{sys.argv[2]} {number}", subject="", description="")
    number += 1
    print(number, flush=True)
"""


def writer(catalog: Catalog, name: str, seconds: float) -> "subprocess.Popen[str]":
    """Start a process that writes sessions and prints how many it has written."""
    command = [sys.executable, "-c", _WRITER, str(catalog.path), name, str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def titles(catalog: Catalog, start: str = "") -> list[str]:
    with catalog.read() as db:
        found = db.execute("SELECT title FROM sessions WHERE title LIKE ? || '%' ORDER BY id", [start]).fetchall()
    return [str(row[0]) for row in found]


def test_threads_and_processes_that_write_at_once_lose_no_row_and_meet_no_lock_error(catalog: Catalog) -> None:
    seconds = 2.0
    others = [writer(catalog, f"process {number}", seconds) for number in range(2)]
    end = time.monotonic() + seconds

    def write(name: str) -> int:
        count = 0
        while count == 0 or time.monotonic() < end:
            with catalog.write() as db:
                rows.session(db, f"{name} {count}")
            count += 1
        return count

    names = [f"thread {number}" for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        written = dict(zip(names, pool.map(write, names), strict=True))
    for number, process in enumerate(others):
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        written[f"process {number}"] = len(output.split())
    for name, count in written.items():
        assert count > 0
        assert titles(catalog, f"{name} ") == [f"{name} {number}" for number in range(count)]


def test_a_reader_keeps_its_view_while_others_write(catalog: Catalog) -> None:
    with catalog.write() as db:
        rows.session(db, "before")
    with catalog.read() as reading:
        count = "SELECT count(*) FROM sessions"
        assert reading.execute(count).fetchone()[0] == 1
        with catalog.write() as db:
            rows.session(db, "after")
        assert reading.execute(count).fetchone()[0] == 1
    assert titles(catalog) == ["before", "after"]


def test_a_writer_is_undone_whole_when_its_body_raises(catalog: Catalog) -> None:
    with pytest.raises(ZeroDivisionError), catalog.write() as db:
        rows.file(db, rows.session(db, "A"), "a.txt")
        1 / 0  # noqa: B018
    assert titles(catalog) == []


def test_a_reader_cannot_change_anything_for_others(catalog: Catalog) -> None:
    with catalog.read() as db:
        rows.session(db, "not kept")
    assert titles(catalog) == []


@pytest.mark.parametrize("seed", range(5))
def test_a_process_killed_while_it_writes_leaves_all_that_it_had_committed(catalog: Catalog, seed: int) -> None:
    process = writer(catalog, "killed", 60)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.05 + 0.037 * seed)
    os.kill(process.pid, signal.SIGKILL)
    acknowledged = 1 + len(process.stdout.read().split())
    process.wait()
    process.stdout.close()
    found = titles(catalog, "killed ")
    assert found == [f"killed {number}" for number in range(len(found))]
    assert len(found) in {acknowledged, acknowledged + 1}
    with catalog.write() as db:
        rows.session(db, "and on it goes")
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_a_full_disk_is_told_plainly_and_nothing_half_is_kept(catalog: Catalog) -> None:
    with pytest.raises(NoSpaceError, match="disk is full"), catalog.write() as db:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages + 3}").fetchall()
        session_id = rows.session(db, "does not fit")
        for number in range(1000):
            rows.file(db, session_id, f"{number}.txt")
    assert titles(catalog) == []
    with catalog.write() as db:
        rows.session(db, "fits")


def test_a_damaged_catalog_is_told_plainly(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog.db")
    catalog.prepare()
    with catalog.write() as db:
        for number in range(500):
            rows.session(db, f"Session {number}", notes="long " * 50)
    catalog.close()
    size = catalog.path.stat().st_size
    with catalog.path.open("r+b") as stream:
        for place in range(4096, size, 4096):
            stream.seek(place)
            stream.write(b"\xff" * 200)
    with pytest.raises(CatalogError, match="damaged"), catalog.read() as db:
        db.execute("SELECT title, description FROM sessions NOT INDEXED").fetchall()


def test_a_catalog_that_may_not_be_written_is_told_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way of the folder")
    with pytest.raises(CatalogError, match="cannot be used"):
        Catalog(tmp_path / "file" / "catalog.db").prepare()


def test_a_write_inside_a_write_is_refused_rather_than_waiting_for_ever(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_WAIT_S", 0.1)
    with catalog.write(), pytest.raises(CatalogError, match="has been writing"), catalog.write():
        pass
    with catalog.write() as db:
        rows.session(db, "goes on")


def test_another_program_that_holds_the_catalog_is_told_plainly(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_WAIT_S", 0.1)
    theirs = sqlite3.connect(catalog.path, isolation_level=None)
    theirs.execute("BEGIN IMMEDIATE")
    with pytest.raises(CatalogError, match="locked"), catalog.write():
        pass
    theirs.close()
    with catalog.write() as db:
        sessions.insert(db, title="goes on", subject="", description="")


def test_a_lock_that_was_taken_in_one_thread_is_free_for_the_next(catalog: Catalog) -> None:
    for number in range(20):
        thread = threading.Thread(target=_write, args=(catalog, f"t {number}"))
        thread.start()
        thread.join()
    assert len(titles(catalog)) == 20


def _write(catalog: Catalog, title: str) -> None:
    with catalog.write() as db:
        rows.session(db, title)


def test_the_log_is_kept_between_connections_and_put_away_at_the_end(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog.db")
    catalog.prepare()
    _write(catalog, "A")
    assert (tmp_path / "catalog.db-wal").stat().st_size > 0
    catalog.close()
    assert not (tmp_path / "catalog.db-wal").exists()
