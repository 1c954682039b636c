"""Old addresses in texts and in databases get their new ones; nothing else is touched."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studybuddy.catalog import foreign
from studybuddy.catalog.foreign import Rewritten
from studybuddy.errors import ConflictError, InvalidInputError
from studybuddy.importing.addresses import Addresses
from studybuddy.importing.rewriting import Rewriter
from tests.importing.test_addresses import ONE, SPELLINGS

BASE = "https://abcdefgh.supabase.co/storage/v1/object/public/lecture%20audio/"
NEW = "https://b.s3.amazonaws.com/audio/1_x.m4a"
OTHER, NEW_OTHER = f"{BASE}notes(1).pdf", "https://b.s3.amazonaws.com/2.pdf"
PLAIN, NEW_PLAIN = "https://example.org/x.m4a?id=7", "https://b.s3.amazonaws.com/3.m4a"


def rewriter() -> Rewriter:
    new = {ONE: NEW, f"{BASE}notes%281%29.pdf": NEW_OTHER, PLAIN: NEW_PLAIN, f"{BASE}notes": "https://wrong.example/"}
    return Rewriter(new, Addresses((), known=new))


@pytest.mark.parametrize("spelling", SPELLINGS[:-1])
def test_each_spelling_is_found_where_it_stands_alone(spelling: str) -> None:
    assert rewriter()(spelling) == (NEW, 1)


@pytest.mark.parametrize("spelling", [one.strip() for one in SPELLINGS[:-1] if " " not in one.strip()])
@pytest.mark.parametrize(
    "around",
    [
        '{"audio": "%s", "n": 1}', "Listen: %s, then go.", "(%s)", "[a](%s).", "'%s','b'", "<a href='%s'>x</a>", "<%s>",
        "%s\n%s", "%s %s",
    ],
)  # fmt: skip
def test_each_spelling_is_found_within_a_text(spelling: str, around: str) -> None:
    count = around.count("%s")
    text = around.replace("%s", spelling)
    assert rewriter()(text) == (around.replace("%s", NEW), count)


def test_in_json_slashes_may_be_escaped() -> None:
    escaped = ONE.replace("/", "\\/")
    assert rewriter()(f'{{"url":"{escaped}"}}') == (f'{{"url":"{NEW.replace("/", chr(92) + "/")}"}}', 1)


def test_brackets_and_neighbours_belong_to_whom_they_belong() -> None:
    text = f"See ({OTHER}), {PLAIN}; and {ONE},{PLAIN}."
    assert rewriter()(text) == (f"See ({NEW_OTHER}), {NEW_PLAIN}; and {NEW},{NEW_PLAIN}.", 4)


def test_what_leads_to_no_file_stays_and_is_counted() -> None:
    found = rewriter()
    text = f"{BASE}gone.m4a and {BASE}gone.m4a? https://example.org/x.m4a?id=8 {BASE}notes-2.pdf"
    assert found(text) == (text, 0)
    assert found.left == {f"{BASE}gone.m4a": 2, f"{BASE}notes-2.pdf": 1}


@given(st.text(alphabet=st.sampled_from("htps:/\\'\",;)([]{}?&= \nabc.") | st.characters(), max_size=200))
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert rewriter()(text) == (text, 0)


@given(st.lists(st.sampled_from([ONE, OTHER, PLAIN, " ", ", ", "\n", '"', "x ", "https://"]), max_size=12))
def test_a_second_time_changes_nothing(parts: list[str]) -> None:
    text, _ = rewriter()("".join(parts))
    assert rewriter()(text)[0] == text


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Another program's database, with all that a table can be."""
    path = tmp_path / "app.sqlite"
    with closing(sqlite3.connect(path)) as db, db:
        db.executescript(
            """
            CREATE TABLE lectures (id INTEGER PRIMARY KEY, "audio url" TEXT, meta JSON, size INTEGER, raw BLOB,
                copy TEXT GENERATED ALWAYS AS ("audio url") STORED, updated INTEGER DEFAULT 0);
            CREATE TABLE pairs (a TEXT, b TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
            CREATE TABLE odd (rowid TEXT, url TEXT);
            CREATE TABLE [quo"ted] (url TEXT);
            CREATE VIEW shown AS SELECT * FROM lectures;
            CREATE VIRTUAL TABLE found USING fts5(text);
            CREATE TRIGGER lectures_updated AFTER UPDATE ON lectures
            BEGIN UPDATE lectures SET updated = updated + 1 WHERE id = NEW.id; END;
            """
        )
        values = [(1, ONE, f'{{"u": ["{ONE}?", "{OTHER}"]}}', 5, ONE.encode()), (2, None, "http", 5, None)]
        db.executemany('INSERT INTO lectures (id, "audio url", meta, size, raw) VALUES (?, ?, ?, ?, ?)', values)
        db.executemany("INSERT INTO pairs VALUES (?, ?)", [(ONE, OTHER), ("x", "y")])
        db.execute("INSERT INTO odd VALUES ('a', ?)", [ONE])
        db.execute('INSERT INTO "quo""ted" VALUES (?)', [PLAIN])
        db.execute("INSERT INTO found VALUES (?)", [ONE])
    return path


def rows(path: Path, table: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(f"SELECT * FROM {table}").fetchall()


def test_every_text_of_every_table_is_rewritten_after_a_backup(app: Path) -> None:
    before = app.read_bytes()
    backup, changed, left = foreign.rewrite(app, rewriter())
    assert changed == [
        Rewritten("lectures", "audio url", 1, 1), Rewritten("lectures", "meta", 1, 2), Rewritten("odd", "url", 1, 1),
        Rewritten("pairs", "a", 1, 1), Rewritten("pairs", "b", 1, 1), Rewritten('quo"ted', "url", 1, 1),
    ]  # fmt: skip
    assert left == ["found"]
    meta = f'{{"u": ["{NEW}", "{NEW_OTHER}"]}}'
    assert rows(app, "lectures") == [(1, NEW, meta, 5, ONE.encode(), NEW, 2), (2, None, "http", 5, None, None, 0)]
    assert rows(app, "pairs") == [(NEW, NEW_OTHER), ("x", "y")]
    assert rows(app, "odd") == [("a", NEW)]
    assert backup is not None
    assert backup.parent == app.parent
    assert [rows(backup, table) for table in ("pairs", "odd")] == [[(ONE, OTHER), ("x", "y")], [("a", ONE)]]
    assert before != app.read_bytes()
    assert foreign.rewrite(app, rewriter()) == (None, [], ["found"])
    assert sorted(path.name for path in app.parent.iterdir()) == sorted([app.name, backup.name])


def test_nothing_is_changed_when_one_change_is_refused(app: Path) -> None:
    with closing(sqlite3.connect(app)) as db, db:
        db.execute("CREATE TABLE strict_one (url TEXT CHECK (url LIKE '%supabase%'))")
        db.execute("INSERT INTO strict_one VALUES (?)", [ONE])
    before = rows(app, "lectures")
    with pytest.raises(InvalidInputError, match="cannot be changed"):
        foreign.rewrite(app, rewriter())
    assert rows(app, "lectures") == before
    assert [path.name for path in app.parent.iterdir()] == [app.name]


def test_a_database_that_another_program_writes_is_left_alone(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign, "_WAIT_S", 0.1)
    with closing(sqlite3.connect(app)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ConflictError, match="cannot be used"):
            foreign.rewrite(app, rewriter())
    assert [path.name for path in app.parent.iterdir()] == [app.name]
