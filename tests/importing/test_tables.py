"""Other programs' tables: read whatever they are written in, each column understood by its name."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from studybuddy.errors import InvalidInputError
from studybuddy.importing.tables import Row, addresses_in, expected_kind, is_called_url, opened

ROWS: list[dict[str, int | str | None]] = [
    {"id": 7, "title": "Waves, part 1", "audio_url": "https://x.example/a.m4a", "note": None},
    {"id": 8, "title": "", "audio_url": None, "note": "007"},
]


def written(folder: Path, name: str) -> Path:
    path = folder / name
    if path.suffix == ".json":
        path.write_text(json.dumps({"version": 1, "lectures": ROWS} if "named" in name else ROWS))
    elif path.suffix == ".jsonl":
        path.write_text("".join(f"{json.dumps(row)}\n" for row in ROWS))
    elif path.suffix == ".sqlite":
        with closing(sqlite3.connect(path)) as db, db:
            db.execute('CREATE TABLE "lectures" (id INTEGER, title TEXT, audio_url TEXT, note TEXT)')
            db.execute("CREATE TABLE profiles (id INTEGER, avatar_url TEXT)")
            db.executemany("INSERT INTO lectures VALUES (:id, :title, :audio_url, :note)", ROWS)
    else:
        mark = {".tsv": "\t"}.get(path.suffix, ";" if "semicolon" in name else ",")
        lines = [["id", "title", "audio_url", "note"], *([str(row[key] or "") for key in row] for row in ROWS)]
        path.write_text(
            "\ufeff" + "\n".join(mark.join(f'"{cell}"' for cell in line) for line in lines), encoding="utf-8"
        )
    return path


@pytest.mark.parametrize("name", ["a.csv", "semicolon.csv", "a.tsv", "a.json", "named.json", "a.jsonl", "a.sqlite"])
def test_rows_are_the_same_however_they_are_written(tmp_path: Path, name: str) -> None:
    table = opened(written(tmp_path, name), name=None, columns=())
    assert table.columns == ("audio_url",)
    first, second = table.rows()
    assert (first.label, second.label) == ("row 1 (id 7)", "row 2 (id 8)")
    assert first.values == {"id": "7", "title": "Waves, part 1", "audio_url": "https://x.example/a.m4a", "note": ""}
    assert (second.values["audio_url"], second.values["note"], second.title) == ("", "007", None)


def test_a_table_and_columns_can_be_named_and_must_be_there(tmp_path: Path) -> None:
    path = written(tmp_path, "a.sqlite")
    assert opened(path, name="profiles", columns=()).columns == ("avatar_url",)
    assert opened(path, name=None, columns=("avatar_url",)).name == "profiles"
    with pytest.raises(InvalidInputError, match="no column picture_url"):
        opened(path, name="profiles", columns=("picture_url",))
    with pytest.raises(InvalidInputError, match="no table 'users'"):
        opened(path, name="users", columns=())
    with pytest.raises(InvalidInputError, match="has no tables"):
        opened(written(tmp_path, "a.csv"), name="users", columns=())


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.json", "{"), ("a.json", "7"), ("a.csv", ""), ("a.csv", "a,b\n1,2\n"), ("a.csv", "url\n\xff"), ("a.csv", '"')],
)
def test_what_is_no_table_of_addresses_is_told(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode("latin1"))
    with pytest.raises(InvalidInputError):
        list(opened(path, name=None, columns=()).rows())


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("a.csv", "id,title,audio_url\n", "Its columns are id, title, audio_url."),
        ("b.csv", "id;title", "Its columns are id, title."),
        ("a.tsv", "audio_url\n\n", "Its columns are audio_url."),
        ("a.json", "[]", "It has no columns."),
        ("a.jsonl", "\n", "It has no columns."),
    ],
)
def test_a_table_without_rows_is_told_with_its_columns_and_what_is_needed(
    tmp_path: Path, name: str, content: str, found: str
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(InvalidInputError, match=f"{name} has no rows") as told:
        opened(tmp_path / name, name=None, columns=())
    assert told.value.fix.startswith(found)
    assert "a row for each file, with its address in a column" in told.value.fix


@pytest.mark.parametrize(
    ("column", "is_url", "kind"),
    [
        ("audio_url", True, "audio"),
        ("audioUrl", True, "audio"),
        ("AVATAR_URL", True, "image"),
        ("file_urls", True, None),
        ("slides_pdf_url", True, "document"),
        ("url", True, None),
        ("recording", False, "audio"),
        ("title", False, None),
        ("curling", False, None),
    ],
)
def test_a_columns_name_tells_what_it_holds(column: str, is_url: bool, kind: str | None) -> None:
    assert (is_called_url(column), expected_kind(column)) == (is_url, kind)


def test_several_addresses_stand_in_one_cell_as_a_list() -> None:
    assert addresses_in(' ["https://x/a", " https://x/b", ""] ') == ["https://x/a", "https://x/b"]
    assert addresses_in("[broken") == ["[broken"]
    assert addresses_in("  ") == []


@pytest.mark.parametrize(
    ("text", "day", "time"),
    [
        ("2024-05-01", "2024-05-01", "2024-05-01T00:00:00.000000Z"),
        ("2024-05-01T23:30:00-05:00", "2024-05-01", "2024-05-02T04:30:00.000000Z"),
        ("2024-05-01 10:00:00.123456+00", "2024-05-01", "2024-05-01T10:00:00.123456Z"),
        ("2024-05-01 10:00:00", "2024-05-01", "2024-05-01T10:00:00.000000Z"),
        ("01/05/2024", None, None),
        ("yesterday", None, None),
    ],
)
def test_dates_that_can_mean_one_day_only_are_taken(text: str, day: str | None, time: str | None) -> None:
    row = Row("row 1", {"Created_At": text})
    assert (row.recorded_on, row.created_at) == (day, time)


def test_the_closest_name_for_a_title_or_a_session_wins() -> None:
    row = Row("row 1", {"name": "n", "title": "t", "subject": "s", "course": "c", "recorded_at": "2024-05-01"})
    assert (row.title, row.session, row.recorded_on) == ("t", "c", "2024-05-01")
