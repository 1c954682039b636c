"""The Supabase driver under the reading half of the contract, and in each trap of a real server."""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from studybuddy.drivers.driver import Diagnosable, Driver
from studybuddy.drivers.local import LocalDriver
from studybuddy.drivers.supabase import SupabaseDriver
from studybuddy.errors import (
    IntegrityError,
    InvalidKeyError,
    ObjectNotFoundError,
    PermissionDeniedError,
    ReadOnlyError,
    StorageError,
    UnavailableError,
    UnsupportedError,
)
from studybuddy.moving import copy_object
from studybuddy.places import LocalSettings, SupabaseSettings
from studybuddy.storage import Storage
from studybuddy.units import MIB
from tests.contracts.base import KEY, TYPE, get, keys_in, put
from tests.contracts.reading import ReadingContract
from tests.contracts.sources import some_bytes
from tests.servers.supabase import NEW_KEY, Supabase, signed_key

ODD_KEYS = (
    "/lead.txt", "a//b.txt", "a/../b.txt", "a/./b.txt", "../up.txt", "trailing/", "with space.m4a", "100,- & $more.pdf",
    "what?.m4a", "plus+and=signs.txt", "it's (1)!*.txt", "semi;colon:at@.txt", "%20x", "..", "x.m4a?",
)  # fmt: skip
VALID_ODD_KEYS = [key for key in ODD_KEYS if "%" not in key]


@pytest.fixture
def server(supabase_server: Supabase) -> Iterator[Supabase]:
    yield supabase_server
    supabase_server.traps()


@pytest.fixture
def bucket(server: Supabase) -> str:
    return server.new_bucket()


@pytest.fixture
def driver(server: Supabase, bucket: str) -> SupabaseDriver:
    return SupabaseDriver(server.settings(bucket))


class TestSupabase(ReadingContract):
    """The reading half; the bytes come there without the driver."""

    has_urls = False

    @pytest.fixture
    def driver(self, server: Supabase, bucket: str) -> Driver:
        return SupabaseDriver(server.settings(bucket))

    @pytest.fixture
    def absent(self, server: Supabase) -> Driver:
        return SupabaseDriver(server.settings("no-such-bucket"))

    @pytest.fixture(autouse=True)
    def _fill(self, server: Supabase, bucket: str) -> None:
        self._server, self._bucket = server, bucket

    def store(self, driver: Driver, key: str, data: bytes, *, content_type: str = TYPE) -> None:
        self._server.put(self._bucket, key, data, content_type=content_type)

    def test_a_bucket_that_is_there_passes_its_check(self, driver: Driver) -> None:
        driver.check()


class TestOlderSupabase(TestSupabase):
    """A server from before 1.19, which lists folder by folder."""

    @pytest.fixture(autouse=True)
    def _older(self, server: Supabase) -> None:
        server.traps(no_v2=True)


def test_nothing_is_written_changed_or_deleted_there(
    driver: SupabaseDriver, server: Supabase, bucket: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    server.put(bucket, KEY, b"x")
    other = LocalDriver(tmp_path_factory.mktemp("other"))
    put(other, KEY, b"x")
    refused: tuple[Callable[[], object], ...] = (
        lambda: put(driver, "new", b"x"),
        lambda: driver.delete(KEY),
        lambda: driver.copy_from(other, KEY, "new"),
    )
    for ask in refused:
        with pytest.raises(ReadOnlyError) as raised:
            ask()
        assert raised.value.fix
    assert keys_in(driver) == [KEY]


def test_keys_that_others_named_are_read_exactly_as_they_are(
    driver: SupabaseDriver, server: Supabase, bucket: str
) -> None:
    storage = Storage(1, "supabase", "supabase:", driver, "Supabase", server.settings(bucket))
    server.put(bucket, "b.txt", b"another object")
    for key in VALID_ODD_KEYS:
        server.put(bucket, key, f"the bytes of {key}".encode())
    assert keys_in(driver) == sorted(["b.txt", *VALID_ODD_KEYS])
    for key in VALID_ODD_KEYS:
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
    driver: SupabaseDriver, server: Supabase, bucket: str, older: bool
) -> None:
    server.traps(no_v2=older)
    server.put(bucket, "good.pdf", b"good")
    server.put(bucket, "no-metadata.pdf", b"bytes", content_type=None)
    server.put(bucket, "no-bytes.pdf", None)
    server.put(bucket, "übung.pdf", b"refused")
    sizes = {found.key: found.size for found in driver.list()}
    assert sizes == {"good.pdf": 4, "no-bytes.pdf": 0, "no-metadata.pdf": None, "übung.pdf": 7}
    assert (get(driver, "no-metadata.pdf"), driver.stat("no-metadata.pdf").size) == (b"bytes", 5)
    for key, error in (("no-bytes.pdf", ObjectNotFoundError), ("übung.pdf", InvalidKeyError)):
        for ask in (lambda: get(driver, key), lambda: driver.stat(key)):  # noqa: B023
            with pytest.raises(error) as raised:
                ask()
            assert key in str(raised.value)
        assert raised.value.key == key


def test_a_missing_bucket_is_not_taken_for_an_empty_one(server: Supabase) -> None:
    driver = SupabaseDriver(server.settings("no-such-bucket"))
    for ask in (driver.check, lambda: list(driver.list())):
        with pytest.raises(StorageError) as raised:
            ask()
        assert "no-such-bucket" in str(raised.value)
        assert "SUPABASE_BUCKET" in raised.value.fix


def test_a_prefix_is_no_pattern(driver: SupabaseDriver, server: Supabase, bucket: str) -> None:
    for key in ("a_b/1", "aXb/1", "a_c", "back\\slash"):
        server.put(bucket, key, b"x")
    assert keys_in(driver, "a_b") == ["a_b/1"]
    assert keys_in(driver, "%") == []
    assert keys_in(driver, "back\\s") == ["back\\slash"]


@pytest.mark.parametrize("looping", ["pages", "cursor"])
def test_a_list_without_an_end_is_refused(driver: SupabaseDriver, server: Supabase, bucket: str, looping: str) -> None:
    for number in range(5):
        server.put(bucket, f"{number}", b"x")
    server.traps(page_rows=2)
    assert keys_in(driver) == ["0", "1", "2", "3", "4"]
    server.traps(page_rows=2, looping=looping)
    with pytest.raises(StorageError, match="cannot be relied on"):
        list(driver.list())


@pytest.mark.parametrize(
    "keys", [("Folder/a.txt", "folder/b.txt"), ("/lead.txt",), ("a//b.txt",)], ids=["case", "leading slash", "double"]
)
def test_folders_that_an_older_server_mixes_up_are_told(
    driver: SupabaseDriver, server: Supabase, bucket: str, keys: tuple[str, ...]
) -> None:
    for key in keys:
        server.put(bucket, key, b"x")
    assert keys_in(driver) == sorted(keys)
    server.traps(no_v2=True)
    with pytest.raises(StorageError, match="cannot be relied on") as raised:
        list(driver.list())
    assert raised.value.fix


@pytest.mark.parametrize("older", [False, True], ids=["flat list", "folders"])
def test_the_true_type_of_html_is_told(driver: SupabaseDriver, server: Supabase, bucket: str, older: bool) -> None:
    server.traps(no_v2=older)
    server.put(bucket, "pages/a_b.html", b"<p>", content_type="text/html")
    server.put(bucket, "pages/aXb.html", b"<p>", content_type="image/png")
    server.put(bucket, "notes.txt", b"text", content_type="text/plain")
    assert driver.stat("pages/a_b.html").content_type == "text/html"
    assert driver.stat("notes.txt").content_type == "text/plain"
    assert {found.content_type for found in driver.list("pages/")} == {"text/html", "image/png"}


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("not-a-token-at-all", "does not accept"),
        (signed_key(secret=b"another project's secret, another key"), "does not accept"),
        (signed_key(expires_in=-10), "expired"),
    ],
    ids=["malformed", "wrong secret", "expired"],
)
def test_a_bad_key_is_told_and_never_shown(server: Supabase, bucket: str, key: str, says: str) -> None:
    server.put(bucket, KEY, b"x")
    driver = SupabaseDriver(server.settings(bucket, key=key))
    for ask in (driver.check, lambda: get(driver, KEY), lambda: driver.stat(KEY), lambda: list(driver.list())):
        with pytest.raises(PermissionDeniedError, match=says) as raised:
            ask()
        assert "SUPABASE_SERVICE_KEY" in raised.value.fix
        assert key not in str(raised.value) + raised.value.fix + repr(vars(raised.value))
        assert key not in repr(raised.value.__cause__)


def test_a_key_that_may_see_nothing_is_named_by_its_role(server: Supabase, bucket: str) -> None:
    server.put(bucket, KEY, b"x")
    driver = SupabaseDriver(server.settings(bucket, key=signed_key("anon")))
    with pytest.raises(StorageError, match="its role is anon") as raised:
        list(driver.list())
    assert "service_role" in raised.value.fix


def test_keys_of_the_new_form_are_taken(server: Supabase, bucket: str) -> None:
    server.put(bucket, KEY, b"x")
    driver = SupabaseDriver(server.settings(bucket, key=NEW_KEY))
    driver.check()
    assert get(driver, KEY) == b"x"


def test_an_address_without_a_project_is_told(server: Supabase, bucket: str) -> None:
    server.traps(html=True)
    with pytest.raises(StorageError, match="no Supabase project") as raised:
        SupabaseDriver(server.settings(bucket)).check()
    assert "SUPABASE_URL" in raised.value.fix


BUSY: tuple[dict[str, object], ...] = (
    {"status": 429, "code": "SlowDown", "message": "Too many connections issued to the database"},
    {"status": 544, "code": "DatabaseTimeout", "http": 544},
    {"status": 503, "code": "DatabaseReadOnly"},
    {"status": 500, "error": "Internal"},
    {"status": 500, "error": "not json", "http": 502},
)


@pytest.mark.parametrize("fail", BUSY, ids=lambda fail: f"{fail['status']} {fail.get('code', '')}")
def test_a_server_that_asks_to_wait_is_asked_again(
    driver: SupabaseDriver, server: Supabase, bucket: str, fail: dict[str, object]
) -> None:
    server.put(bucket, KEY, b"bytes")
    asks: tuple[Callable[[], object], ...] = (
        lambda: get(driver, KEY), lambda: driver.stat(KEY), driver.check, lambda: list(driver.list()),
    )  # fmt: skip
    for ask in asks:
        server.traps(fail={**fail, "times": 2})
        ask()


def test_a_server_that_stays_busy_is_told(server: Supabase, bucket: str) -> None:
    driver = SupabaseDriver(server.settings(bucket))
    server.traps(fail={"status": 429, "code": "SlowDown", "times": 10**6})
    started = time.monotonic()
    with pytest.raises(UnavailableError) as raised:
        driver.check()
    assert raised.value.retryable
    assert time.monotonic() - started < 8


@pytest.mark.parametrize(
    ("fail", "says"),
    [
        ({"status": 402, "http": 402, "message": "exceed_egress_quota"}, "limits of its plan"),
        ({"status": 540, "http": 540, "message": "Project paused"}, "is paused"),
        ({"status": 400, "code": "TenantNotFound", "message": "Missing tenant config"}, "no Supabase project"),
        ({"status": 401, "http": 401, "message": "Invalid API key"}, "does not accept"),
        ({"status": 400, "error": "Error", "message": "must have required property 'authorization'"}, "no service key"),
        ({"status": 418, "error": "Teapot"}, r"refused it \(418 Teapot\)"),
        ({"status": 404, "error": "Not found", "message": "The resource was not found"}, "no such object"),
    ],
    ids=lambda value: "" if isinstance(value, dict) else value,
)
def test_each_refusal_is_told_in_plain_words(
    driver: SupabaseDriver, server: Supabase, fail: dict[str, object], says: str
) -> None:
    server.traps(fail={**fail, "times": 9})
    with pytest.raises(StorageError, match=says) as raised:
        get(driver, KEY)
    assert raised.value.fix or isinstance(raised.value, ObjectNotFoundError)


def test_a_server_that_announces_more_than_there_is_gives_what_there_is(
    driver: SupabaseDriver, server: Supabase, bucket: str
) -> None:
    data = some_bytes(1000)
    server.put(bucket, KEY, data)
    server.traps(overlong_ranges=True)
    assert get(driver, KEY, 100, 5000) == data[100:]
    assert get(driver, KEY, 100, 200) == data[100:200]


def test_a_server_that_tells_no_length_is_read_to_its_end(
    driver: SupabaseDriver, server: Supabase, bucket: str
) -> None:
    data = some_bytes(MIB)
    server.put(bucket, KEY, data)
    server.traps(no_length=True)
    assert get(driver, KEY) == data


@pytest.mark.parametrize("trap", ["no_ranges", "packed"])
def test_other_bytes_than_asked_for_are_noticed(
    driver: SupabaseDriver, server: Supabase, bucket: str, trap: str
) -> None:
    server.put(bucket, KEY, some_bytes(1000))
    server.traps(**{trap: True})
    with pytest.raises(UnsupportedError):
        get(driver, KEY, 10, 20)


def test_an_object_that_changes_while_it_is_read_is_noticed(
    driver: SupabaseDriver, server: Supabase, bucket: str
) -> None:
    server.put(bucket, KEY, some_bytes(40 * MIB))
    with pytest.raises(IntegrityError), driver.read(KEY) as stream:
        stream.read(10)
        server.put(bucket, KEY, some_bytes(40 * MIB, seed=2))
        stream.close()  # type: ignore[attr-defined]  # as a network does
        stream.read(10)


def test_the_time_of_an_object_is_that_of_its_last_change(
    driver: SupabaseDriver, server: Supabase, bucket: str
) -> None:
    server.put(bucket, KEY, b"x")
    (found,) = driver.list()
    assert abs(found.modified_at - datetime.now(UTC)) < timedelta(minutes=1)


def outcomes(driver: Diagnosable) -> dict[str, str]:
    return {check.name: check.outcome for check in driver.diagnose()}


def test_the_doctor_passes_a_bucket_that_can_be_read(driver: SupabaseDriver, server: Supabase, bucket: str) -> None:
    assert outcomes(driver)["read"] == "unknown"
    server.put(bucket, "a", b"")
    server.put(bucket, "b", b"bytes")
    assert set(outcomes(driver).values()) == {"passed"}


def test_the_doctor_says_what_comes_first(server: Supabase, bucket: str) -> None:
    def found(settings: SupabaseSettings) -> dict[str, str]:
        return outcomes(SupabaseDriver(settings))

    nowhere = found(replace(server.settings(bucket), url="http://127.0.0.1:1"))
    assert (nowhere["reach"], nowhere["key"], nowhere["read"]) == ("failed", "skipped", "skipped")
    wrong = found(server.settings(bucket, key="wrong"))
    assert (wrong["reach"], wrong["key"], wrong["role"], wrong["list"]) == ("passed", "failed", "unknown", "skipped")
    anon = found(server.settings(bucket, key=signed_key("anon")))
    assert (anon["key"], anon["role"], anon["bucket"], anon["list"]) == ("passed", "warning", "failed", "skipped")
    missing = found(server.settings("no-such-bucket"))
    assert (missing["key"], missing["bucket"], missing["list"]) == ("passed", "failed", "skipped")


def test_a_file_comes_from_there_to_another_storage(
    driver: SupabaseDriver, server: Supabase, bucket: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    source = Storage(1, "supabase", "supabase:", driver, "Supabase", server.settings(bucket))
    folder = tmp_path_factory.mktemp("target")
    target = Storage(2, "local", "local:", LocalDriver(folder), "this computer", LocalSettings(folder))
    data = some_bytes(MIB)
    sha256 = hashlib.sha256(data).hexdigest()
    server.put(bucket, "Course 1/../lecture 1.m4a", data)
    copy_object(source, "Course 1/../lecture 1.m4a", target, KEY, size=len(data), sha256=sha256, content_type=TYPE)
    target.verify(KEY, size=len(data), sha256=sha256)
