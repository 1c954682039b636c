"""The new addresses of files that came from elsewhere, for the programs that hold the old ones."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest

from studybuddy.catalog.migrations import Scope
from studybuddy.errors import ConflictError, InvalidInputError
from studybuddy.importing import exports
from studybuddy.importing.sources import TableOptions
from tests.importing.conftest import Place, opened
from tests.samples import m4a
from tests.servers.place import REGION, Server
from tests.servers.supabase import Supabase

KEYS = ("Week 1/7_x.m4a", "it's (1)!.m4a", "a//b.m4a", "what?.m4a")


@pytest.fixture
def s3(supabase_server: Supabase, rclone_server: Server, tmp_path: Path) -> Iterator[Place]:
    """A library with a bucket of S3 beside the one of Supabase."""
    bucket = supabase_server.new_bucket()
    wiring = opened(
        tmp_path, supabase_server, bucket, STORAGE="S3", AWS_S3_BUCKET=rclone_server.new_bucket(), AWS_REGION=REGION,
        S3_ENDPOINT_URL=rclone_server.url, AWS_ACCESS_KEY_ID=rclone_server.access_key,
        AWS_SECRET_ACCESS_KEY=rclone_server.secret_key,
    )  # fmt: skip
    yield Place(wiring, supabase_server, bucket, tmp_path)
    wiring.close()


def test_an_app_moves_from_supabase_to_s3_and_its_database_with_it(s3: Place) -> None:
    for key in KEYS:
        s3.put(key, m4a())
    old = [s3.url(key.replace(" ", "%20").replace("?", "%3F")) for key in KEYS]
    signed = f"{old[0].replace('/public/', '/sign/')}?token=x"
    app = make_app(s3.folder, *old, f"{old[0]}?", signed)
    by_sql = app.with_name("by-sql.sqlite")
    by_sql.write_bytes(app.read_bytes())
    done = s3.run(s3.wiring.imports.table(TableOptions(str(app))))
    assert (done.state, done.count("done").files, done.count("there").files) == ("done", 4, 2)
    found = exports.exported(s3.wiring.catalog, s3.wiring.storages())
    with s3.wiring.catalog.read() as catalog:
        rows = catalog.execute("SELECT base_url || key FROM copies JOIN storages ON storages.id = storage_id")
        at = [row[0] for row in rows.fetchall()]
    assert sorted(one.new_url for one in found) == sorted(at)
    new_of = {one.old_url: one.new_url for one in found}
    new = [new_of[one] for one in (s3.url("Week%201/7_x.m4a"), s3.url("it%27s%20%281%29%21.m4a"), old[2], old[3])]
    told = exports.rewrite(app, s3.wiring.catalog, found)
    assert (told.left, told.not_looked_at) == ((), ())
    assert urls_in(app) == [*new, new[0], new[0]]
    text = StringIO()
    exports.write_sql(found, text, places=exports.places_of(s3.wiring.catalog, table=None, columns=()))
    with closing(sqlite3.connect(by_sql)) as db:
        db.executescript(text.getvalue())
    assert urls_in(by_sql) == [*new, new[0], new[0]]


def make_app(folder: Path, *urls: str) -> Path:
    """Make an app's database that holds these addresses."""
    app = folder / "app.sqlite"
    with closing(sqlite3.connect(app)) as db, db:
        db.execute("CREATE TABLE lectures (id INTEGER PRIMARY KEY, audio_url TEXT)")
        db.executemany("INSERT INTO lectures (audio_url) VALUES (?)", [(url,) for url in urls])
    return app


def urls_in(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return [row[0] for row in db.execute("SELECT audio_url FROM lectures ORDER BY id").fetchall()]


def test_sql_changes_no_other_address(place: Place) -> None:
    place.put("a_b.m4a", m4a())
    place.run()
    found = exports.exported(place.wiring.catalog, place.wiring.storages(), base_url="https://x.example/{id}")
    text = StringIO()
    exports.write_sql(found, text, places=[("lectures", "audio_url")])
    old = place.url("a_b.m4a")
    others = [place.url("aXb.m4a"), f"{old}x", f"https://x.example/?u={old}", place.url(f"{place.bucket}/a_b.m4a")]
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE TABLE lectures (audio_url TEXT)")
        db.executemany("INSERT INTO lectures VALUES (?)", [(url,) for url in (old, *others)])
        db.executescript(text.getvalue())
        assert db.execute("SELECT * FROM lectures").fetchall() == [
            ("https://x.example/1",),
            *((url,) for url in others),
        ]


def test_files_on_this_computer_need_an_address_from_who_knows_one(place: Place) -> None:
    place.put("a.m4a", m4a())
    place.run()
    catalog, storages = place.wiring.catalog, place.wiring.storages()
    with pytest.raises(ConflictError, match="no address on the web"):
        exports.exported(catalog, storages)
    (one,) = exports.exported(catalog, storages, base_url="https://cdn.example/")
    assert one.new_url == f"https://cdn.example/{one.file.key}"
    place.wiring.library.trash_file(one.file.file_id)
    assert exports.exported(catalog, storages) == []


def test_where_a_file_went_later_is_where_its_new_address_leads(place: Place) -> None:
    place.put("a.m4a", m4a())
    place.run()
    migrations = place.wiring.migrations
    migrations.run(migrations.plan("local", "usb", Scope()).migration.id)
    (one,) = exports.exported(place.wiring.catalog, place.wiring.storages(), base_url="https://x.example/{key}")
    assert one.file.storage_id == place.wiring.storages().named("usb").id
    assert one.old_url == place.url("a.m4a")


def test_only_another_programs_sqlite_file_is_rewritten(place: Place) -> None:
    text = place.folder / "a.csv"
    text.write_text("x")
    for path in (text, place.folder / "nothing", place.wiring.catalog.path):
        with pytest.raises(InvalidInputError):
            exports.rewrite(path, place.wiring.catalog, [])


def test_tables_and_columns_are_those_that_were_imported_or_named(place: Place) -> None:
    catalog = place.wiring.catalog
    assert exports.places_of(catalog, table=None, columns=()) == [("lectures", "audio_url")]
    place.run(place.table("profiles.csv", "avatar_url,cover_url\n,\n"))
    assert exports.places_of(catalog, table=None, columns=()) == [("profiles", "avatar_url"), ("profiles", "cover_url")]
    assert exports.places_of(catalog, table="t", columns=("a", "b")) == [("t", "a"), ("t", "b")]
    assert exports.places_of(catalog, table="people", columns=()) == [("people", "avatar_url"), ("people", "cover_url")]
    place.run(place.table("lectures.csv", "title,audio_url\nWaves,\n"))
    assert exports.places_of(catalog, table="lectures", columns=()) == [("lectures", "audio_url")]
