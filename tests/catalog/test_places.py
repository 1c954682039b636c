"""Where everything is: each file in exactly one part, and each part's list."""

from pathlib import Path

import pytest
from sqlite_utils import Database

from studybuddy.catalog import copies, files, lists, places, storages
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.lists import FilesFilter
from studybuddy.catalog.places import DAMAGED, SEVERAL, WAITING, Part
from studybuddy.catalog.schema import steps
from tests.catalog import rows
from tests.catalog.test_schema import opened


@pytest.fixture
def made(catalog: Catalog) -> dict[str, int]:
    """One file in each part, and one in the trash."""
    with catalog.write() as db:
        session_id = rows.session(db, "Optics")
        made = {name: rows.file(db, session_id, name, size=size) for size, name in enumerate(NAMES, start=1)}
        rows.copy(db, made["in both"], storage_id=rows.S3)
        rows.copy(db, made["s3"], storage_id=rows.S3)
        copies.doom(db, copies.of_file(db, made["s3"])[0].id)
        db.execute("UPDATE files SET wanted_storage_id = 2 WHERE id = ?", [made["waiting"]])
        db.execute("UPDATE copies SET state = 'bad' WHERE file_id = ?", [made["damaged"]])
        files.set_trashed(db, [made["thrown away"]], "2026-01-01T00:00:00.000000Z")
    return made


NAMES = ("local", "s3", "in both", "waiting", "damaged", "thrown away")


def listed(db: Database, place: int) -> list[str]:
    return [file.name for file in lists.files_page(db, FilesFilter(place=place)).rows]


def test_each_file_outside_the_trash_is_in_one_part(catalog: Catalog, made: dict[str, int]) -> None:
    with catalog.read() as db:
        assert places.parts(db) == (
            Part(DAMAGED, 1, 5), Part(WAITING, 1, 4), Part(SEVERAL, 1, 3), Part(rows.LOCAL, 1, 1), Part(rows.S3, 1, 2),
        )  # fmt: skip


def test_each_part_has_its_list(catalog: Catalog, made: dict[str, int]) -> None:
    with catalog.read() as db:
        assert listed(db, DAMAGED) == ["damaged"]
        assert listed(db, WAITING) == ["waiting"]
        assert listed(db, SEVERAL) == ["in both"]
        assert listed(db, rows.LOCAL) == ["local"]
        assert listed(db, rows.S3) == ["s3"]


def test_a_file_that_is_mended_returns_to_its_part(catalog: Catalog, made: dict[str, int]) -> None:
    with catalog.write() as db:
        db.execute("UPDATE copies SET state = 'verified' WHERE file_id = ?", [made["damaged"]])
        assert listed(db, DAMAGED) == []
        assert listed(db, rows.LOCAL) == ["damaged", "local"]


def test_a_list_comes_page_by_page(catalog: Catalog, made: dict[str, int]) -> None:
    with catalog.write() as db:
        session_id = rows.session(db, "Waves")
        names = [f"{number}" for number in range(7)]
        for name in names:
            rows.file(db, session_id, name)
        found: list[str] = []
        after: str | None = None
        for _ in range(4):
            page = lists.files_page(db, FilesFilter(place=rows.LOCAL), limit=2, after=after)
            found, after = found + [file.name for file in page.rows], page.next
        assert after is None
        assert found == [*reversed(names), "local"]


def test_the_storages_of_a_file_are_those_with_a_good_copy(catalog: Catalog, made: dict[str, int]) -> None:
    with catalog.read() as db:
        found = places.storages_of(db, [made["in both"], made["s3"], made["damaged"]])
    assert found == {made["in both"]: (rows.LOCAL, rows.S3), made["s3"]: (rows.S3,), made["damaged"]: ()}


def test_the_files_of_an_older_catalog_are_put_into_parts(tmp_path: Path) -> None:
    path = tmp_path / "older.db"
    with opened(path) as db:
        steps.apply(db, stop_before="s0012_places")
        storages.register(db, url="local:a", label="this computer", base_url="file:///uploads/")
        rows.older_file(db, rows.session(db, "Optics"), "slides.pdf")
    catalog = Catalog(path)
    catalog.prepare()
    with catalog.read() as db:
        assert places.parts(db) == (Part(rows.LOCAL, 1, 10),)
    catalog.close()
