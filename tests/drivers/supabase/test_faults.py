"""The Supabase driver on a bad network: every fault is got over, or told soon and plainly."""

import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from studybuddy.drivers.supabase.client import Deadlines
from studybuddy.drivers.supabase.driver import SupabaseDriver
from studybuddy.errors import IntegrityError, UnavailableError
from studybuddy.streams import sha256_of
from studybuddy.units import KIB, MIB
from tests.contracts.base import KEY, get, keys_in
from tests.contracts.sources import some_bytes
from tests.servers.fault_proxy import FaultProxy
from tests.servers.supabase import Supabase

SHORT = Deadlines(connect=1.0, answer=0.7, retry=2.0, page=1.0, standstill=2.0)
AT_ONCE = Deadlines(connect=0.3, answer=0.3, retry=0.3, page=0.3, standstill=0.3)
DATA = some_bytes(3 * MIB)


@pytest.fixture
def bucket(supabase_server: Supabase) -> str:
    return supabase_server.new_bucket()


@pytest.fixture
def proxy(supabase_server: Supabase) -> Iterator[FaultProxy]:
    proxy = FaultProxy(supabase_server.url)
    yield proxy
    proxy.close()


@pytest.fixture
def driver(supabase_server: Supabase, proxy: FaultProxy, bucket: str) -> SupabaseDriver:
    """A driver whose requests go through the proxy."""
    return SupabaseDriver(supabase_server.at(proxy.url).settings(bucket), deadlines=SHORT)


@pytest.fixture
def content(supabase_server: Supabase, bucket: str) -> bytes:
    """What lies at KEY."""
    supabase_server.put(bucket, KEY, DATA)
    return DATA


@pytest.mark.parametrize("fault", ["status:503", "reset_before", "reset_in_answer", "truncate", "stall", "hang"])
@pytest.mark.parametrize("part", [(0, None), (1000, 2 * MIB)], ids=["whole", "range"])
def test_a_read_that_breaks_goes_on_where_it_was(
    driver: SupabaseDriver, proxy: FaultProxy, content: bytes, fault: str, part: tuple[int, int | None]
) -> None:
    proxy.add(fault, method="GET")
    assert get(driver, KEY, *part) == content[slice(*part)]
    assert (proxy.count("GET", fault), proxy.count("GET")) == (1, 2)


def test_a_read_that_breaks_every_time_but_moves_comes_to_its_end(
    driver: SupabaseDriver, proxy: FaultProxy, content: bytes
) -> None:
    proxy.add("truncate", method="GET", times=5)
    assert get(driver, KEY) == content
    assert proxy.count("GET") == 6


def test_an_object_that_changed_while_the_connection_was_cut_is_noticed(
    driver: SupabaseDriver, proxy: FaultProxy, supabase_server: Supabase, bucket: str
) -> None:
    supabase_server.put(bucket, KEY, DATA)
    proxy.add("truncate", method="GET")
    with pytest.raises(IntegrityError), driver.read(KEY) as stream:
        stream.read(10)
        supabase_server.put(bucket, KEY, some_bytes(len(DATA), seed=2))
        while stream.read(MIB):
            pass


def test_bytes_that_drip_do_not_hold_a_read_for_ever(driver: SupabaseDriver, proxy: FaultProxy, content: bytes) -> None:
    proxy.add("drip", method="GET", times=99, delay=0.05)
    started = time.monotonic()
    with pytest.raises(UnavailableError):
        get(driver, KEY)
    assert time.monotonic() - started < SHORT.standstill + SHORT.answer + 15


def test_a_list_that_drips_is_given_up(
    driver: SupabaseDriver, proxy: FaultProxy, supabase_server: Supabase, bucket: str
) -> None:
    supabase_server.put(bucket, KEY, b"x")
    proxy.add("drip", method="POST", times=99, delay=0.05)
    started = time.monotonic()
    with pytest.raises(UnavailableError):
        keys_in(driver)
    assert time.monotonic() - started < SHORT.retry + SHORT.page + 15


def test_who_reads_slowly_is_not_taken_for_a_slow_storage(
    supabase_server: Supabase, proxy: FaultProxy, bucket: str
) -> None:
    driver = SupabaseDriver(supabase_server.at(proxy.url).settings(bucket), deadlines=AT_ONCE)
    supabase_server.put(bucket, KEY, b"0123456789")
    with driver.read(KEY) as stream:
        assert stream.read(2) == b"01"
        time.sleep(0.5)
        assert stream.read(8) == b"23456789"


@pytest.mark.parametrize("fault", ["status:503", "reset_before", "hang", "truncate"])
def test_what_is_asked_is_asked_again(
    driver: SupabaseDriver, proxy: FaultProxy, supabase_server: Supabase, bucket: str, fault: str
) -> None:
    supabase_server.put(bucket, KEY, b"x")
    for method in ("HEAD", "POST"):
        proxy.add(fault, method=method)
    assert driver.stat(KEY).size == 1
    assert keys_in(driver) == [KEY]


@pytest.mark.parametrize("ask", ["read", "stat", "list", "check"])
@pytest.mark.parametrize("place", ["refused", "black hole"])
def test_a_dead_project_is_told_soon_and_plainly(supabase_server: Supabase, place: str, ask: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hole:
        port = hole.getsockname()[1]
        if place == "refused":
            hole.close()
        driver = SupabaseDriver(supabase_server.at(f"http://127.0.0.1:{port}").settings("b"), deadlines=AT_ONCE)
        asks: dict[str, Callable[[], object]] = {
            "read": lambda: get(driver, KEY),
            "stat": lambda: driver.stat(KEY),
            "list": lambda: list(driver.list()),
            "check": driver.check,
        }
        started = time.monotonic()
        with pytest.raises(UnavailableError, match="does not answer") as raised:
            asks[ask]()
        assert time.monotonic() - started < 20
        assert (raised.value.retryable, bool(raised.value.fix)) == (True, True)


def test_a_large_object_is_streamed(supabase_server: Supabase, bucket: str) -> None:
    supabase_server.put(bucket, KEY, some_bytes(32 * MIB))
    driver = SupabaseDriver(supabase_server.settings(bucket))
    tracemalloc.start()
    try:
        with driver.read(KEY) as stream:
            size, _ = sha256_of(stream)
        assert (size, tracemalloc.get_traced_memory()[1] < 4 * MIB) == (32 * MIB, True)
    finally:
        tracemalloc.stop()


def test_many_readers_share_one_driver(supabase_server: Supabase, bucket: str) -> None:
    driver = SupabaseDriver(supabase_server.settings(bucket))
    objects = {f"{number}": some_bytes(100 * KIB + number, seed=number) for number in range(40)}
    for key, data in objects.items():
        supabase_server.put(bucket, key, data)
    found: dict[str, bytes] = {}
    threads = [threading.Thread(target=lambda key=key: found.update({key: get(driver, key)})) for key in objects]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == objects
