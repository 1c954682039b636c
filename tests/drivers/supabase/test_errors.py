"""What Supabase refuses, and what the doctor finds there: told in plain words, with what to do, never a key."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from studybuddy.drivers.driver import Diagnosable
from studybuddy.drivers.supabase.client import Deadlines
from studybuddy.drivers.supabase.driver import SupabaseDriver
from studybuddy.errors import ObjectNotFoundError, PermissionDeniedError, StorageError, UnavailableError
from studybuddy.settings.places import SupabaseSettings
from tests.contracts.base import KEY, get
from tests.servers.supabase import Supabase
from tests.servers.supabase_keys import NEW_KEY, signed_key


@pytest.fixture
def bucket(supabase_server: Supabase) -> str:
    return supabase_server.new_bucket()


@pytest.fixture
def driver(supabase_server: Supabase, bucket: str) -> SupabaseDriver:
    return SupabaseDriver(supabase_server.settings(bucket))


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("not-a-token-at-all", "does not accept"),
        (signed_key(secret=b"another project's secret, another key"), "does not accept"),
        (signed_key(expires_in=-10), "expired"),
    ],
    ids=["malformed", "wrong secret", "expired"],
)
def test_a_bad_key_is_told_and_never_shown(supabase_server: Supabase, bucket: str, key: str, says: str) -> None:
    supabase_server.put(bucket, KEY, b"x")
    driver = SupabaseDriver(supabase_server.settings(bucket, key=key))
    for ask in (driver.check, lambda: get(driver, KEY), lambda: driver.stat(KEY), lambda: list(driver.list())):
        with pytest.raises(PermissionDeniedError, match=says) as raised:
            ask()
        assert "SUPABASE_SERVICE_KEY" in raised.value.fix
        assert key not in str(raised.value) + raised.value.fix + repr(vars(raised.value))
        assert key not in repr(raised.value.__cause__)


def test_a_key_that_may_see_nothing_is_named_by_its_role(supabase_server: Supabase, bucket: str) -> None:
    supabase_server.put(bucket, KEY, b"x")
    driver = SupabaseDriver(supabase_server.settings(bucket, key=signed_key("anon")))
    with pytest.raises(StorageError, match="its role is anon") as raised:
        list(driver.list())
    assert "service_role" in raised.value.fix
    with pytest.raises(StorageError) as raised:
        SupabaseDriver(supabase_server.settings("no-such-bucket")).check()
    assert "role" not in str(raised.value) + raised.value.fix


def test_keys_of_the_new_form_are_taken(supabase_server: Supabase, bucket: str) -> None:
    supabase_server.put(bucket, KEY, b"x")
    driver = SupabaseDriver(supabase_server.settings(bucket, key=NEW_KEY))
    assert get(driver, KEY) == b"x"
    assert set(outcomes(driver).values()) == {"passed"}


def test_an_address_without_a_project_is_told(supabase_server: Supabase, bucket: str) -> None:
    supabase_server.traps(html=True)
    with pytest.raises(StorageError, match="no Supabase project") as raised:
        SupabaseDriver(supabase_server.settings(bucket)).check()
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
    driver: SupabaseDriver, supabase_server: Supabase, bucket: str, fail: dict[str, object]
) -> None:
    supabase_server.put(bucket, KEY, b"bytes")
    asks: tuple[Callable[[], object], ...] = (
        lambda: get(driver, KEY), lambda: driver.stat(KEY), driver.check, lambda: list(driver.list()),
    )  # fmt: skip
    for ask in asks:
        supabase_server.traps(fail={**fail, "times": 2})
        ask()


def test_a_server_that_stays_busy_is_told(supabase_server: Supabase, bucket: str) -> None:
    driver = SupabaseDriver(supabase_server.settings(bucket), deadlines=Deadlines(retry=0.5))
    supabase_server.traps(fail={"status": 429, "code": "SlowDown", "times": 10**6})
    started = time.monotonic()
    with pytest.raises(UnavailableError) as raised:
        driver.check()
    assert raised.value.retryable
    assert time.monotonic() - started < 20


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
    driver: SupabaseDriver, supabase_server: Supabase, fail: dict[str, object], says: str
) -> None:
    supabase_server.traps(fail={**fail, "times": 9})
    with pytest.raises(StorageError, match=says) as raised:
        get(driver, KEY)
    assert raised.value.fix or isinstance(raised.value, ObjectNotFoundError)


def outcomes(driver: Diagnosable) -> dict[str, str]:
    return {check.name: check.outcome for check in driver.diagnose()}


def test_the_doctor_passes_a_bucket_that_can_be_read(
    driver: SupabaseDriver, supabase_server: Supabase, bucket: str
) -> None:
    assert outcomes(driver)["read"] == "unknown"
    supabase_server.put(bucket, "a", b"")
    supabase_server.put(bucket, "b", b"bytes")
    assert set(outcomes(driver).values()) == {"passed"}


def test_the_doctor_says_what_comes_first(supabase_server: Supabase, bucket: str) -> None:
    def found(settings: SupabaseSettings) -> dict[str, str]:
        return outcomes(SupabaseDriver(settings, deadlines=Deadlines(retry=0.2)))

    nowhere = found(replace(supabase_server.settings(bucket), url="http://127.0.0.1:1"))
    assert (nowhere["reach"], nowhere["key"], nowhere["read"]) == ("failed", "skipped", "skipped")
    wrong = found(supabase_server.settings(bucket, key="wrong"))
    assert (wrong["reach"], wrong["key"], wrong["role"], wrong["list"]) == ("passed", "failed", "unknown", "skipped")
    anon = found(supabase_server.settings(bucket, key=signed_key("anon")))
    assert (anon["key"], anon["role"], anon["bucket"], anon["list"]) == ("passed", "warning", "failed", "skipped")
    missing = found(supabase_server.settings("no-such-bucket"))
    assert (missing["key"], missing["bucket"], missing["list"]) == ("passed", "failed", "skipped")
