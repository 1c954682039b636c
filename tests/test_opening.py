"""Which storages are open after the settings have changed, and where new files go."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import BytesIO
from pathlib import Path

import pytest

from studybuddy import doctor, mode, status
from studybuddy.adding.new_files import NewFile
from studybuddy.errors import ConflictError, NotFoundError, SettingsError, UnavailableError
from studybuddy.settings import load_settings
from studybuddy.wiring import Wiring, open_all
from tests.servers.place import REGION, Server
from tests.servers.supabase import Supabase
from tests.servers.supabase_keys import signed_key

Opener = Callable[..., AbstractContextManager[Wiring]]


@pytest.fixture
def opened(tmp_path: Path) -> Opener:
    @contextmanager
    def open_with(**settings: str) -> Iterator[Wiring]:
        environ = {"UPLOADS_DIR": f"{tmp_path}/uploads", "STUDY_BUDDY_DATA": f"{tmp_path}/data", **settings}
        wiring = open_all(load_settings(environ, env_file=tmp_path / ".env"))
        try:
            yield wiring
        finally:
            wiring.close()

    return open_with


def add(wiring: Wiring, content: bytes) -> int:
    session = wiring.library.session_titled("Week 1")
    return wiring.library.add(BytesIO(content), NewFile("a.txt", session.id)).file.id


def content_of(wiring: Wiring, file_id: int) -> bytes:
    with wiring.library.open(file_id) as stream:
        return stream.read()


def test_files_open_after_the_bucket_the_prefix_the_folder_and_the_provider_have_changed(
    opened: Opener, strict_s3_server: Server, rclone_server: Server, tmp_path: Path
) -> None:
    first, second, third = strict_s3_server.new_bucket(), strict_s3_server.new_bucket(), rclone_server.new_bucket()
    added = {}
    with opened() as wiring:
        added[add(wiring, b"disk")] = b"disk"
    with opened(UPLOADS_DIR=f"{tmp_path}/elsewhere") as wiring:
        added[add(wiring, b"another disk")] = b"another disk"
    for content, bucket, prefix in ((b"first", first, ""), (b"prefix", first, "study"), (b"second", second, "")):
        with opened(**strict_s3_server.environ(bucket, S3_PREFIX=prefix)) as wiring:
            added[add(wiring, content)] = content
    (tmp_path / "storages.toml").write_text(f"""
        [earlier]
        bucket = "{second}"
        region = "{REGION}"
        endpoint_url = "{strict_s3_server.url}"
        access_key_id_env = "EARLIER_ID"
        secret_access_key_env = "EARLIER_SECRET"
    """)
    keys = {"EARLIER_ID": strict_s3_server.access_key, "EARLIER_SECRET": strict_s3_server.secret_key}
    with opened(**rclone_server.environ(third), **keys) as wiring:
        added[add(wiring, b"third")] = b"third"
        assert {file_id: content_of(wiring, file_id) for file_id in added} == added
        assert wiring.storages().unnamed == ()
        assert wiring.storages().named("earlier").identity.startswith(f"s3://{second}?")


def test_a_storage_that_the_settings_no_longer_name_is_told_with_its_files_and_the_rest_works(
    opened: Opener, strict_s3_server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    bucket = strict_s3_server.new_bucket()
    with opened(**strict_s3_server.environ(bucket)) as wiring:
        lost = add(wiring, b"in the bucket")
    with caplog.at_level(logging.WARNING), opened() as wiring:
        kept = add(wiring, b"on the disk")
        assert content_of(wiring, kept) == b"on the disk"
        assert [row.label for row in wiring.storages().unnamed] == [f"S3 · {bucket}"]
        with pytest.raises(UnavailableError, match=bucket) as caught:
            content_of(wiring, lost)
        assert "storages.toml" in caught.value.fix
    assert f"S3 · {bucket}" in caplog.text
    assert "1 files are there" in caplog.text


def test_a_disk_that_is_not_plugged_in_is_told_and_not_made(opened: Opener, tmp_path: Path) -> None:
    (tmp_path / "storages.toml").write_text(f'[usb]\nkind = "local"\nfolder = "{tmp_path}/usb"')
    with opened() as wiring:
        (problem,) = wiring.storages().problems
        assert "usb" in problem
        assert "not there" in problem
        with pytest.raises(NotFoundError, match="usb"):
            wiring.storages().named("usb")
    assert not (tmp_path / "usb").exists()
    (tmp_path / "usb").mkdir()
    with opened() as wiring:
        assert wiring.storages().problems == ()
        assert wiring.storages().named("usb").label == "this computer · usb"


def test_a_storage_whose_keys_are_not_set_says_so_and_all_else_goes_on(
    opened: Opener, strict_s3_server: Server, tmp_path: Path
) -> None:
    (tmp_path / "storages.toml").write_text(f"""
        [old]
        bucket = "{strict_s3_server.new_bucket()}"
        endpoint_url = "{strict_s3_server.url}"
        access_key_id_env = "OLD_ID"
        secret_access_key_env = "OLD_SECRET"
        [school]
        kind = "supabase"
        url = "https://abc.supabase.co"
        bucket = "lecture audio"
        service_key_env = "SCHOOL_KEY"
    """)
    keys = {"OLD_ID": strict_s3_server.access_key, "OLD_SECRET": strict_s3_server.secret_key}
    with opened(**keys) as wiring:
        mode.change(wiring.storages, "old")
        file_id = add(wiring, b"in the old bucket")
    # The keys of the settings are for another bucket at the same place: they are not taken instead.
    with opened(**strict_s3_server.environ(strict_s3_server.new_bucket()), OLD_ID=keys["OLD_ID"]) as wiring:
        with pytest.raises(UnavailableError, match="OLD_SECRET is not set"):
            content_of(wiring, file_id)
        old, school = (wiring.storages().named(name) for name in ("old", "school"))
        failure = status.ask(old).failure
        assert failure is not None
        assert failure.fix == "Set OLD_SECRET in the environment or in .env, and start Study Buddy again."
        (check,) = doctor.diagnose(school)
        assert (check.outcome, check.reason.split(",")[0]) == ("failed", "SCHOOL_KEY is not set")
        assert content_of(wiring, add(wiring, b"saved here meanwhile")) == b"saved here meanwhile"
    with opened(**keys) as wiring:
        assert content_of(wiring, file_id) == b"in the old bucket"


def test_one_place_under_two_names_is_refused(opened: Opener, tmp_path: Path) -> None:
    (tmp_path / "storages.toml").write_text(f'[again]\nkind = "local"\nfolder = "{tmp_path}/uploads"')
    (tmp_path / "uploads").mkdir()
    with pytest.raises(SettingsError, match="again and local are the same place"), opened():
        pass


def test_new_files_go_where_was_chosen_in_every_process_until_the_settings_decide_again(
    opened: Opener, strict_s3_server: Server
) -> None:
    settings = strict_s3_server.environ(strict_s3_server.new_bucket(), STORAGE="LOCAL")
    with opened(**settings) as wiring:
        assert wiring.storages().target.name == "local"
        checks = mode.change(wiring.storages, "s3")
        assert checks
        assert wiring.storages().target.name == "s3"
        in_bucket = add(wiring, b"chosen")
        assert wiring.library.file(in_bucket).storage_id == wiring.storages().named("s3").id
    with opened(**settings) as wiring, opened(**settings) as other:
        assert wiring.storages().target.name == "s3"
        assert wiring.storages().default.name == "local"
        mode.change(wiring.storages, "default")
        assert wiring.storages().chosen is None
        assert other.storages().target.name == "local"
        assert content_of(wiring, in_bucket) == b"chosen"


def test_a_storage_that_is_not_well_gets_no_new_files(opened: Opener, strict_s3_server: Server) -> None:
    settings = strict_s3_server.environ("there-is-no-such-bucket", STORAGE="LOCAL")
    with opened(**settings) as wiring:
        with pytest.raises(ConflictError, match="there-is-no-such-bucket") as caught:
            mode.change(wiring.storages, "s3")
        assert caught.value.fix
        assert wiring.storages().target.name == "local"


def test_a_choice_whose_storage_is_gone_leaves_it_to_the_settings(opened: Opener, strict_s3_server: Server) -> None:
    settings = strict_s3_server.environ(strict_s3_server.new_bucket(), STORAGE="LOCAL")
    with opened(**settings) as wiring:
        wiring.storages.choose("s3")
    with opened() as wiring:
        assert wiring.storages().target.name == "local"
        assert (choice := wiring.storages().chosen) is not None
        assert choice.value == "s3"


def in_supabase(server: Supabase, bucket: str) -> dict[str, str]:
    return {"SUPABASE_URL": server.url, "SUPABASE_BUCKET": bucket, "SUPABASE_SERVICE_KEY": signed_key()}


def test_a_bucket_of_supabase_is_read_and_never_takes_new_files(opened: Opener, supabase_server: Supabase) -> None:
    first, second = supabase_server.new_bucket(), supabase_server.new_bucket()
    supabase_server.put(first, "Course 1/lecture 1?.m4a", b"recorded")
    with opened(**in_supabase(supabase_server, first)) as wiring:
        storage = wiring.storages().named("supabase")
        assert (storage.kind, storage.takes_files, storage.label) == ("supabase", False, f"Supabase · {first}")
        with storage.read("Course 1/lecture 1?.m4a") as stream:
            assert stream.read() == b"recorded"
        with pytest.raises(ConflictError):
            mode.change(wiring.storages, "supabase")
    with opened(**in_supabase(supabase_server, second)) as wiring:
        assert wiring.storages().named("supabase").label == f"Supabase · {second}"
        assert wiring.storages().get(storage.id).label == f"Supabase · {first} (supabase-{storage.id})"
        with wiring.storages().get(storage.id).read("Course 1/lecture 1?.m4a") as stream:
            assert stream.read() == b"recorded"
