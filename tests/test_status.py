"""What is told of each storage."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from studybuddy.adding.new_files import NewFile
from studybuddy.catalog.records import StorageRow
from studybuddy.drivers.s3.driver import S3Driver
from studybuddy.errors import UnavailableError
from studybuddy.settings import load_settings
from studybuddy.settings.places import LocalSettings, NamedPlace, PlaceSettings, S3Settings, Secret, SupabaseSettings
from studybuddy.settings.storages_file import read_storages
from studybuddy.status import ask, naming, overview
from studybuddy.wiring import Wiring, open_all


@pytest.fixture
def wiring(tmp_path: Path) -> Iterator[Wiring]:
    environ = {"UPLOADS_DIR": f"{tmp_path}/uploads", "STUDY_BUDDY_DATA": f"{tmp_path}/data"}
    opened = open_all(load_settings(environ, env_file=tmp_path / "no.env"))
    yield opened
    opened.close()


def test_what_a_storage_holds_is_told_by_kind(wiring: Wiring) -> None:
    session = wiring.library.create_session("Waves")
    for name, content in (("a.txt", b"one"), ("b.txt", b"three"), ("c.png", b"\x89PNG\r\n\x1a\n")):
        wiring.library.add(BytesIO(content), NewFile(name, session.id))
    with wiring.catalog.read() as db:
        (status,) = overview(db, wiring.storages())
    assert status.takes_new_files
    assert {holding.kind: (holding.files, holding.bytes) for holding in status.holdings} == {
        "document": (2, 8),
        "image": (1, 8),
    }
    assert (status.files, status.bytes) == (3, 16)


def test_a_disk_that_answers_tells_its_free_space(wiring: Wiring) -> None:
    answer = ask(wiring.storages().local)
    assert answer.failure is None
    assert (answer.free_bytes or 0) > 0
    assert answer.seconds < 1


def test_a_folder_that_is_gone_does_not_answer(wiring: Wiring, tmp_path: Path) -> None:
    (tmp_path / "uploads").rename(tmp_path / "elsewhere")
    answer = ask(wiring.storages().local)
    assert isinstance(answer.failure, UnavailableError)
    assert answer.failure.fix


def test_a_bucket_whose_server_is_not_there_does_not_answer_within_ten_seconds(wiring: Wiring) -> None:
    place = S3Settings("bucket", "us-east-1", "http://127.0.0.1:9", access_key_id="key", secret_access_key=Secret("s"))
    storage = replace(wiring.storages().local, name="s3", place=place, driver=S3Driver(place))
    answer = ask(storage)
    assert isinstance(answer.failure, UnavailableError)
    assert str(answer.failure).startswith("127.0.0.1:9 refuses the connection")
    assert answer.seconds < 10


@pytest.mark.parametrize(
    ("url", "base_url", "place"),
    [
        (
            "s3://old-bucket/folder?endpoint=https%3A%2F%2Fs3.example.com", "https://x/",
            S3Settings(
                "old-bucket", "eu-west-3", "https://s3.example.com", "folder", access_key_id="key",
                secret_access_key=Secret("secret"),
            ),
        ),
        ("local:1234", "file:///media/old%20disk/", LocalSettings(Path("/media/old disk"))),
        (
            "supabase://ref.supabase.co/my%20lectures", "https://x/",
            SupabaseSettings("https://ref.supabase.co", "my lectures", Secret("service")),
        ),
    ],
    ids=["s3", "local", "supabase"],
)  # fmt: skip
def test_a_storage_is_named_again_by_what_its_row_tells(
    url: str, base_url: str, place: PlaceSettings, tmp_path: Path
) -> None:
    (tmp_path / "storages.toml").write_text(naming(StorageRow(7, url, "old", base_url, "eu-west-3")))
    variables = {"OLD_ACCESS_KEY_ID": "key", "OLD_SECRET_ACCESS_KEY": "secret", "OLD_SERVICE_KEY": "service"}
    assert read_storages(tmp_path / "storages.toml", variables.__getitem__) == (NamedPlace("old-7", place),)
