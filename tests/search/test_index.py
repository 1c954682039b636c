"""The index holds what the tables hold, whatever happens to them."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from studybuddy.catalog import files, folding, lectures, sessions, tags, words
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.schema import steps
from tests.catalog import rows
from tests.search.conftest import Box, speak, write_mark, write_pages

_STEP = Path(__file__).parents[2] / "studybuddy/catalog/steps/0022_search.sql"
_TABLES = ("find_sessions", "find_names", "find_texts")
_WORDS = ("entropy", "Größe", "量子力学", "it's", "한국어", "🦊", "C++", "second law")


def indexed(db: Database) -> list[set[tuple[object, ...]]]:
    """Return the terms of each table with where they stand."""
    found = []
    for table in _TABLES:
        db.execute(f"CREATE VIRTUAL TABLE temp.seen USING fts5vocab (main, {table}, 'instance')")
        found.append(set(db.execute("SELECT term, doc, col, offset FROM temp.seen").fetchall()))
        db.execute("DROP TABLE temp.seen")
    return found


def made_anew(db: Database) -> list[set[tuple[object, ...]]]:
    """Return what the index would be if it were made of the tables now."""
    for table in _TABLES:
        db.execute(f"INSERT INTO {table} ({table}) VALUES ('delete-all')")
    step = _STEP.read_text()
    for statement in step[step.index("\nINSERT INTO find_sessions") :].split(";"):
        if "passages_due" not in statement and statement.strip():
            db.execute(statement)
    db.execute("INSERT INTO find_texts (rowid, text) SELECT id, index_text(text) FROM passages")
    return indexed(db)


class Chaos:
    """Does one thing after the other to a library."""

    def __init__(self, db: Database, pick: random.Random) -> None:
        self._db = db
        self._pick = pick
        self._steps: list[Callable[[], object]] = [
            self.add_session, self.add_file, self.add_file, self.read_file, self.speak, self.edit_cues, self.rename,
            self.retitle, self.describe, self.tag, self.tag, self.untag, self.mark, self.edit_marks, self.edit_page,
            self.lecture, self.drop_file, self.drop_session,
        ]  # fmt: skip

    def step(self) -> None:
        self._pick.choice(self._steps)()

    def words(self) -> str:
        return " ".join(self._pick.choices(_WORDS, k=self._pick.randrange(1, 9)))

    def some(self, most: int) -> list[str]:
        return [self.words() for _ in range(self._pick.randrange(most))]

    def one(self, table: str) -> int:
        """Return one of the ids, or an id that nothing has."""
        ids = [row[0] for row in self._db.execute(f"SELECT id FROM {table}").fetchall()]
        return self._pick.choice(ids) if ids else 999

    def add_session(self) -> None:
        notes = self._pick.choice(["", self.words()])
        rows.session(self._db, self.words(), subject=self.words(), notes=notes, tagged=(self.words(),))

    def add_file(self) -> None:
        self.add_session()
        write_pages(self._db, rows.file(self._db, self.one("sessions"), self.words()), self.some(4))

    def read_file(self) -> None:
        if file := self._db.execute("SELECT max(id) FROM files").fetchone()[0]:
            write_pages(self._db, file, self.some(4))

    def speak(self) -> None:
        if file := self._db.execute("SELECT max(id) FROM files").fetchone()[0]:
            speak(self._db, file, [9 * text for text in self.some(30)])

    def edit_cues(self) -> None:
        self._db.execute("UPDATE cues SET text = ? WHERE rowid = (SELECT min(rowid) FROM cues)", [self.words()])
        self._db.execute("DELETE FROM cues WHERE rowid = (SELECT max(rowid) FROM cues)")

    def rename(self) -> None:
        files.update(self._db, self.one("files"), name=self.words())

    def retitle(self) -> None:
        sessions.update(self._db, self.one("sessions"), title=self.words(), subject=self.words())

    def describe(self) -> None:
        sessions.update(self._db, self.one("sessions"), description=self._pick.choice(["", self.words()]))

    def tag(self) -> None:
        self.add_session()
        tags.add(self._db, self.one("sessions"), self._pick.sample(_WORDS, 2))

    def untag(self) -> None:
        self.add_session()
        tags.replace(self._db, self.one("sessions"), self._pick.sample(_WORDS, 2))

    def mark(self) -> None:
        self.add_file()
        write_mark(self._db, self._pick.choice(["notes", "bookmarks"]), self.one("files"), 1, self.words())

    def edit_marks(self) -> None:
        self._db.execute("UPDATE notes SET text = ? WHERE id = ?", [self.words(), self.one("notes")])
        self._db.execute("UPDATE bookmarks SET text = ? WHERE id = ?", [self.words(), self.one("bookmarks")])
        self._db.execute("DELETE FROM notes WHERE id = ?", [self.one("notes")])
        self._db.execute("DELETE FROM bookmarks WHERE id = ?", [self.one("bookmarks")])

    def edit_page(self) -> None:
        self._db.execute("UPDATE pages SET text = ?, number = number + 20 WHERE number = 1", [self.words()])
        self._db.execute("DELETE FROM pages WHERE number = 22")

    def lecture(self) -> None:
        self.add_session()
        lectures.insert(self._db, session_id=self.one("sessions"), title=self.words(), recorded_on=None)
        lectures.update(self._db, self.one("lectures"), title=self.words())
        lectures.delete(self._db, self.one("lectures"))

    def drop_file(self) -> None:
        file = self.one("files")
        files.update(self._db, file, current_copy_id=None)
        self._db.execute("DELETE FROM copies WHERE file_id = ?", [file])
        files.delete(self._db, file)

    def drop_session(self) -> None:
        session = self.one("sessions")
        lectures.delete_in_session(self._db, session)
        if not files.ids_in_session(self._db, session):
            sessions.delete(self._db, session)


@pytest.mark.parametrize("seed", range(4))
def test_the_index_is_the_same_as_one_that_is_made_anew(box: Box, seed: int) -> None:
    pick = random.Random(seed)
    for _ in range(5):
        with box.catalog.write() as db:
            chaos = Chaos(db, pick)
            for _ in range(40):
                chaos.step()
    with box.catalog.write() as db:
        kept = indexed(db)
        assert all(kept)
        for table in _TABLES:
            db.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")
        assert kept == made_anew(db)


def test_an_older_catalog_is_indexed_when_it_is_upgraded(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        words.register(connection)
        folding.register(connection)
        db = Database(connection)
        steps.apply(db, stop_before="s0022_search")
        db.execute("INSERT INTO storages (url, label, base_url) VALUES ('local:a', 'here', '/a/')")
        session = rows.session(db, "Old title", subject="Physics", notes="old notes", tagged=("exam",))
        file = rows.older_file(db, session, "old.pdf")
        db.execute("INSERT INTO pages VALUES (?, 3, 'old page')", [file])
        db.execute("INSERT INTO cues (file_id, start_ms, end_ms, text) VALUES (?, 0, 9, 'old cue')", [file])
    catalog = Catalog(path)
    catalog.prepare()
    box = Box(catalog)
    with catalog.write():
        pass  # what is said is indexed with the next change
    assert box.titles("old") == ["old.pdf", "Old title"]
    assert box.titles("exam physics ") == ["Old title"]
    assert {hit.what for hit in box.find("old", file_id=file).found[0].hits} == {"page", "transcript"}
    catalog.close()
