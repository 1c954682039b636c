"""Schema steps: from nothing, from an older catalog, from a newer one, and at the same time."""

import hashlib
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlite_utils import Database

from studybuddy.catalog import folding, lectures, words
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.schema import step_names, steps
from studybuddy.errors import CatalogError
from tests.catalog import rows

_SECOND = "s0002_counts"
_PREPARE = """
import pathlib, sys
from studybuddy.catalog.connection import Catalog

Catalog(pathlib.Path(sys.argv[1])).prepare()
"""


@contextmanager
def opened(path: Path) -> Iterator[Database]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        words.register(connection)
        folding.register(connection)
        yield Database(connection)


def older_catalog(path: Path) -> None:
    """Make a catalog as the first step alone made it."""
    with opened(path) as db:
        db.execute("PRAGMA journal_mode = WAL")
        steps.apply(db, stop_before=_SECOND)


def content(path: Path) -> str:
    """Tell two states of a catalog apart; nothing may wait in its log."""
    log = path.with_name(f"{path.name}-wal")
    assert not log.exists() or log.stat().st_size == 0
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_every_step_is_applied_to_an_empty_catalog_and_only_once(tmp_path: Path) -> None:
    for _ in range(2):
        catalog = Catalog(tmp_path / "deep" / "catalog.db")
        catalog.prepare()
        with catalog.read() as db:
            assert {step.name for step in steps.applied(db)} == step_names()
            assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        catalog.close()
    assert not list(tmp_path.glob("**/*before-upgrade*"))


def test_each_table_is_strict_and_each_view_can_be_read(catalog: Catalog) -> None:
    with catalog.read() as db:
        for name, kind, strict in db.execute("SELECT name, type, strict FROM pragma_table_list").fetchall():
            # FTS5 makes its own tables.
            if not name.startswith(("sqlite_", "_sqlite", "find_")):
                assert strict or kind == "view", name
            db.execute(f"SELECT * FROM {name} LIMIT 1").fetchall()


def test_older_notes_go_over_to_the_recording_or_stay_with_their_lecture(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    with opened(path) as db:
        steps.apply(db, stop_before="s0018_listening")
        session_id = rows.session(db, "A")
        file_id = rows.begun(db, session_id, "a.mp3")
        for recording in (file_id, None):
            lecture_id = lectures.insert(
                db, session_id=session_id, title="Unit", recorded_on=None, audio_file_id=recording
            )
            db.execute("INSERT INTO notes (lecture_id, at_ms, text) VALUES (?, 4000, 'ask')", [lecture_id])
    catalog = Catalog(path)
    catalog.prepare()
    with catalog.read() as db:
        kept = db.execute("SELECT file_id, lecture_id, at_ms, text FROM notes ORDER BY id").fetchall()
    assert kept == [(file_id, None, 4000, "ask"), (None, lecture_id, 4000, "ask")]


def test_a_newer_catalog_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog.db")
    catalog.prepare()
    catalog.close()
    with opened(catalog.path) as db:
        db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('studybuddy', 's9999_x', '')"
        )
    before = content(tmp_path / "catalog.db")
    with pytest.raises(CatalogError, match=r"made by a newer Study Buddy \(it has s9999_x\)") as refused:
        Catalog(catalog.path).prepare()
    assert "Update Study Buddy" in refused.value.fix
    assert content(tmp_path / "catalog.db") == before


def test_a_database_of_another_program_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    with opened(path) as db:
        db.execute("CREATE TABLE theirs (id INTEGER)")
    before = content(tmp_path / "catalog.db")
    with pytest.raises(CatalogError, match="another program"):
        Catalog(path).prepare()
    assert content(tmp_path / "catalog.db") == before


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 4000])
def test_a_file_that_is_no_catalog_is_refused_and_left_as_it_was(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "catalog.db"
    path.write_bytes(content)
    with pytest.raises(CatalogError, match="damaged or not a catalog"):
        Catalog(path).prepare()
    assert path.read_bytes() == content


def test_an_older_catalog_is_upgraded_after_a_copy_of_it_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    older_catalog(path)
    with opened(path) as db:
        db.execute("INSERT INTO storages (url, label, base_url) VALUES ('local:a', 'here', '/a/')")
    catalog = Catalog(path)
    catalog.prepare()
    with catalog.read() as db:
        assert {step.name for step in steps.applied(db)} == step_names()
        assert db.execute("SELECT url FROM storages").fetchall() == [("local:a",)]
    catalog.close()
    with opened(tmp_path / "catalog.before-upgrade-from-s0001_library.db") as db:
        assert [step.name for step in steps.applied(db)] == ["s0001_library"]
        assert db.execute("SELECT url FROM storages").fetchall() == [("local:a",)]
    assert not list(tmp_path.glob("*.part"))


def test_a_step_that_fails_leaves_the_catalog_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    older_catalog(path)
    with opened(path) as db:
        db.execute("CREATE TABLE cues (in_the_way INTEGER)")
    with pytest.raises(sqlite3.OperationalError):
        Catalog(path).prepare()
    with opened(path) as db:
        assert {step.name for step in steps.applied(db)} == {"s0001_library"}
        assert not {"words", "pages"} & {*db.table_names()}
        db.execute("DROP TABLE cues")
    Catalog(path).prepare()


def test_processes_that_upgrade_at_the_same_time_upgrade_once(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    older_catalog(path)
    racing = [subprocess.Popen([sys.executable, "-c", _PREPARE, str(path)]) for _ in range(3)]
    assert [process.wait(timeout=60) for process in racing] == [0] * 3
    with opened(path) as db:
        assert [step.name for step in steps.applied(db)] == sorted(step_names())
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO sessions (owner_id, title, created_at, updated_at) VALUES (1, '', '', '')",
        "INSERT INTO sessions (owner_id, title, created_at, updated_at) VALUES (9, 'A', '', '')",
        "INSERT INTO sessions (owner_id, title, created_at, updated_at, size) VALUES (1, 'A', '', '', 'large')",
        "INSERT INTO tags (name) VALUES ('')",
        "UPDATE files SET kind = 'blob'",
        "UPDATE files SET size = -1",
        "UPDATE files SET sha256 = 'abc'",
        "UPDATE files SET name = ''",
        "UPDATE files SET session_id = 999",
        "UPDATE files SET current_copy_id = 999",
        "UPDATE copies SET state = 'lost'",
        "DELETE FROM copies",
        "DELETE FROM sessions",
        "INSERT INTO copies (storage_id, key, state, created_at) SELECT storage_id, key, state, '' FROM copies",
        "INSERT INTO notes VALUES (NULL, NULL, 1, 0, 'no such lecture', '', '')",
        "INSERT INTO notes VALUES (NULL, NULL, NULL, 0, 'of nothing', '', '')",
        "INSERT INTO pins VALUES (NULL, 1, 1, 1, 0, 'beside itself')",
        "INSERT INTO listening VALUES (1, 1, 0, 0, 301, '')",
    ],
)
def test_rows_that_break_a_rule_are_refused(catalog: Catalog, statement: str) -> None:
    with catalog.write() as db:
        rows.file(db, rows.session(db, "A"), "a.txt")
    with pytest.raises(sqlite3.IntegrityError), catalog.write() as db:
        db.execute(statement)


def test_ids_are_never_used_again(catalog: Catalog) -> None:
    with catalog.write() as db:
        first = rows.session(db, "A")
        db.execute("DELETE FROM sessions")
        assert rows.session(db, "B") == first + 1
