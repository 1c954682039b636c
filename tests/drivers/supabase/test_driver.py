"""The Supabase driver under the reading half of the contract, and in each trap of a real server."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from studybuddy.drivers.driver import Driver
from studybuddy.drivers.local.driver import LocalDriver
from studybuddy.drivers.supabase.driver import SupabaseDriver
from studybuddy.errors import (
    IntegrityError,
    InvalidKeyError,
    ObjectNotFoundError,
    ReadOnlyError,
    StorageError,
    UnsupportedError,
)
from studybuddy.moving import copy_object
from studybuddy.settings.places import LocalSettings, SupabaseSettings
from studybuddy.storage import Storage
from studybuddy.units import MIB
from tests.contracts.base import KEY, TYPE, get, keys_in, put
from tests.contracts.reading import ReadingContract
from tests.contracts.sources import some_bytes
from tests.servers.supabase import Supabase

ODD_KEYS = (
    "/lead.txt", "a//b.txt", "a/../b.txt", "a/./b.txt", "../up.txt", "trailing/", "with space.m4a", "100,- & $more.pdf",
    "what?.m4a", "plus+and=signs.txt", "it's (1)!*.txt", "semi;colon:at@.txt", "..", "x.m4a?",
)  # fmt: skip


@pytest.fixture
def bucket(supabase_server: Supabase) -> str:
    return supabase_server.new_bucket()


@pytest.fixture
def driver(supabase_server: Supabase, bucket: str) -> SupabaseDriver:
    return SupabaseDriver(supabase_server.settings(bucket))


class TestSupabase(ReadingContract):
    """The reading half; the bytes come there without the driver."""

    has_urls = False

    @pytest.fixture
    def driver(self, supabase_server: Supabase, bucket: str) -> Driver:
        return SupabaseDriver(supabase_server.settings(bucket))

    @pytest.fixture
    def absent(self, supabase_server: Supabase) -> Driver:
        return SupabaseDriver(supabase_server.settings("no-such-bucket"))

    @pytest.fixture(autouse=True)
    def _fill(self, supabase_server: Supabase, bucket: str) -> None:
        self._server, self._bucket = supabase_server, bucket

    def store(self, driver: Driver, key: str, data: bytes, *, content_type: str = TYPE) -> None:
        self._server.put(self._bucket, key, data, content_type=content_type)

    def test_a_bucket_that_is_there_passes_its_check(self, driver: Driver) -> None:
        driver.check()


class TestOlderSupabase(TestSupabase):
    """A server from before 1.19, which lists folder by folder."""

    @pytest.fixture(autouse=True)
    def _older(self, supabase_server: Supabase) -> None:
        supabase_server.traps(no_v2=True)


def test_nothing_is_written_changed_or_deleted_there(
    driver: SupabaseDriver, supabase_server: Supabase, bucket: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    supabase_server.put(bucket, KEY, b"x")
    other = LocalDriver(tmp_path_factory.mktemp("other"))
    put(other, KEY, b"x")
    refused: tuple[Callable[[], object], ...] = (
        lambda: put(driver, "new", b"x"),
        lambda: driver.delete(KEY),
        lambda: driver.copy_from(other, KEY, "new", size=1),
    )
    for ask in refused:
        with pytest.raises(ReadOnlyError) as raised:
            ask()
        assert raised.value.fix
    assert keys_in(driver) == [KEY]


@pytest.mark.parametrize("normalises", [False, True], ids=["directly", "through something that tidies paths"])
def test_keys_that_others_named_are_read_exactly_as_they_are(
    driver: SupabaseDriver, supabase_server: Supabase, bucket: str, normalises: bool
) -> None:
    supabase_server.traps(normalises=normalises)
    storage = Storage(1, "supabase", "supabase:", driver, "Supabase", supabase_server.settings(bucket))
    supabase_server.put(bucket, "b.txt", b"another object")
    for key in ODD_KEYS:
        supabase_server.put(bucket, key, f"the bytes of {key}".encode())
    assert keys_in(driver) == sorted(["b.txt", *ODD_KEYS])
    for key in ODD_KEYS:
        assert storage.stat(key).size == len(f"the bytes of {key}")
        with storage.read(key, start=4) as stream:
            assert stream.read() == f"bytes of {key}".encode()


@pytest.mark.parametrize("key", ["", "a\x00b", "x" * 1025, "\udc80"])
def test_a_key_that_cannot_be_asked_for_is_refused(driver: SupabaseDriver, key: str) -> None:
    storage = Storage(1, "supabase", "supabase:", driver, "Supabase", SupabaseSettings("", "", None))  # type: ignore[arg-type]
    with pytest.raises(InvalidKeyError):
        storage.stat(key)


@pytest.mark.parametrize("older", [False, True], ids=["flat list", "folders"])
def test_rows_that_cannot_be_read_are_listed_and_reading_them_says_why(
    driver: SupabaseDriver, supabase_server: Supabase, bucket: str, older: bool
) -> None:
    supabase_server.traps(no_v2=older)
    supabase_server.put(bucket, "good.pdf", b"good")
    supabase_server.put(bucket, "no-metadata.pdf", b"bytes", content_type=None)
    supabase_server.put(bucket, "no-bytes.pdf", None)
    supabase_server.put(bucket, "übung.pdf", b"refused")
    sizes = {found.key: found.size for found in driver.list()}
    assert sizes == {"good.pdf": 4, "no-bytes.pdf": 0, "no-metadata.pdf": None, "übung.pdf": 7}
    assert (get(driver, "no-metadata.pdf"), driver.stat("no-metadata.pdf").size) == (b"bytes", 5)
    for key, error in (("no-bytes.pdf", ObjectNotFoundError), ("übung.pdf", InvalidKeyError)):
        for ask in (lambda: get(driver, key), lambda: driver.stat(key)):  # noqa: B023
            with pytest.raises(error) as raised:
                ask()
            assert key in str(raised.value)
        assert raised.value.key == key


def test_a_missing_bucket_is_neither_empty_nor_is_an_object_missing_in_it(supabase_server: Supabase) -> None:
    driver = SupabaseDriver(supabase_server.settings("no-such-bucket"))
    for ask in (driver.check, lambda: list(driver.list()), lambda: driver.stat(KEY), lambda: get(driver, KEY)):
        with pytest.raises(StorageError) as raised:
            ask()
        assert not isinstance(raised.value, ObjectNotFoundError)
        assert "no-such-bucket" in str(raised.value)
        assert "SUPABASE_BUCKET" in raised.value.fix


def test_a_prefix_is_no_pattern(driver: SupabaseDriver, supabase_server: Supabase, bucket: str) -> None:
    for key in ("a_b/1", "aXb/1", "a_c", "back\\slash"):
        supabase_server.put(bucket, key, b"x")
    assert keys_in(driver, "a_b") == ["a_b/1"]
    assert keys_in(driver, "%") == []
    assert keys_in(driver, "back\\s") == ["back\\slash"]


@pytest.mark.parametrize("looping", ["pages", "cursor"])
def test_a_list_without_an_end_is_refused(
    driver: SupabaseDriver, supabase_server: Supabase, bucket: str, looping: str
) -> None:
    for number in range(5):
        supabase_server.put(bucket, f"{number}", b"x")
    supabase_server.traps(page_rows=2)
    assert keys_in(driver) == ["0", "1", "2", "3", "4"]
    supabase_server.traps(page_rows=2, looping=looping)
    with pytest.raises(StorageError, match="cannot be relied on"):
        list(driver.list())


@pytest.mark.parametrize(
    "keys", [("Folder/a.txt", "folder/b.txt"), ("/lead.txt",), ("a//b.txt",)], ids=["case", "leading slash", "double"]
)
def test_folders_that_an_older_server_mixes_up_are_told(
    driver: SupabaseDriver, supabase_server: Supabase, bucket: str, keys: tuple[str, ...]
) -> None:
    for key in keys:
        supabase_server.put(bucket, key, b"x")
    assert keys_in(driver) == sorted(keys)
    supabase_server.traps(no_v2=True)
    with pytest.raises(StorageError, match="cannot be relied on") as raised:
        list(driver.list())
    assert raised.value.fix


@pytest.mark.parametrize("older", [False, True], ids=["flat list", "folders"])
def test_the_true_type_of_html_is_told(
    driver: SupabaseDriver, supabase_server: Supabase, bucket: str, older: bool
) -> None:
    supabase_server.traps(no_v2=older)
    supabase_server.put(bucket, "pages/a_b.html", b"<p>", content_type="text/html")
    supabase_server.put(bucket, "pages/aXb.html", b"<p>", content_type="image/png")
    supabase_server.put(bucket, "notes.txt", b"text", content_type="text/plain")
    assert driver.stat("pages/a_b.html").content_type == "text/html"
    assert driver.stat("notes.txt").content_type == "text/plain"
    assert {found.content_type for found in driver.list("pages/")} == {"text/html", "image/png"}


def test_a_server_that_announces_more_than_there_is_gives_what_there_is(
    driver: SupabaseDriver, supabase_server: Supabase, bucket: str
) -> None:
    data = some_bytes(1000)
    supabase_server.put(bucket, KEY, data)
    supabase_server.traps(overlong_ranges=True)
    assert get(driver, KEY, 100, 5000) == data[100:]
    assert get(driver, KEY, 100, 200) == data[100:200]


def test_a_server_that_tells_no_length_is_read_to_its_end(
    driver: SupabaseDriver, supabase_server: Supabase, bucket: str
) -> None:
    data = some_bytes(MIB)
    supabase_server.put(bucket, KEY, data)
    supabase_server.traps(no_length=True)
    assert get(driver, KEY) == data


@pytest.mark.parametrize("trap", ["no_ranges", "other_ranges", "packed"])
def test_other_bytes_than_asked_for_are_noticed(
    driver: SupabaseDriver, supabase_server: Supabase, bucket: str, trap: str
) -> None:
    supabase_server.put(bucket, KEY, some_bytes(1000))
    supabase_server.traps(**{trap: True})
    with pytest.raises(UnsupportedError):
        get(driver, KEY, 0 if trap == "packed" else 10)


def test_an_answer_that_ends_early_without_a_word_is_taken_up_again(
    driver: SupabaseDriver, supabase_server: Supabase, bucket: str
) -> None:
    data = some_bytes(1000)
    supabase_server.put(bucket, KEY, data)
    supabase_server.traps(ends_early=True)
    assert get(driver, KEY, 100, 900) == data[100:900]


def test_an_object_that_changes_while_it_is_read_is_noticed(
    driver: SupabaseDriver, supabase_server: Supabase, bucket: str
) -> None:
    supabase_server.put(bucket, KEY, some_bytes(40 * MIB))
    with pytest.raises(IntegrityError), driver.read(KEY) as stream:
        stream.read(10)
        supabase_server.put(bucket, KEY, some_bytes(40 * MIB, seed=2))
        stream.close()  # type: ignore[attr-defined]  # as a network does
        stream.read(10)


def test_the_time_of_an_object_is_that_of_its_last_change(
    driver: SupabaseDriver, supabase_server: Supabase, bucket: str
) -> None:
    supabase_server.put(bucket, KEY, b"x")
    (found,) = driver.list()
    assert abs(found.modified_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_file_comes_from_there_to_another_storage(
    driver: SupabaseDriver, supabase_server: Supabase, bucket: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    source = Storage(1, "supabase", "supabase:", driver, "Supabase", supabase_server.settings(bucket))
    folder = tmp_path_factory.mktemp("target")
    target = Storage(2, "local", "local:", LocalDriver(folder), "this computer", LocalSettings(folder))
    data = some_bytes(MIB)
    sha256 = hashlib.sha256(data).hexdigest()
    supabase_server.put(bucket, "Course 1/../lecture 1.m4a", data)
    copy_object(source, "Course 1/../lecture 1.m4a", target, KEY, size=len(data), sha256=sha256, content_type=TYPE)
    target.verify(KEY, size=len(data), sha256=sha256)
