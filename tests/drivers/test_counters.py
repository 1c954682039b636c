"""What the drivers count is what the server was really asked, request by request and byte by byte."""

import os
from collections import Counter as Tally
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from studybuddy.drivers.counters import Count, Counter
from studybuddy.drivers.s3.clients import Deadlines
from studybuddy.drivers.s3.driver import S3Driver
from studybuddy.drivers.setup_steps import BucketPlan
from studybuddy.drivers.supabase.driver import SupabaseDriver
from studybuddy.errors import UnavailableError
from studybuddy.units import MIB
from tests.contracts.base import KEY, LARGE, get, keys_in, put
from tests.servers.fault_proxy import FaultProxy
from tests.servers.place import Server
from tests.servers.supabase import Supabase

REQUESTS = ("put", "copy", "post", "begin", "part", "join", "list", "get", "head", "delete", "abort")
LISTS = ("list-type=", "?uploads", "&uploads", "?versions", "&versions", "uploadId=")


def kind_of(method: str, target: str) -> str:
    """Tell what AWS calls a request, by what came over the wire."""
    question = target.partition("?")[2]
    of_parts = "uploadId=" in question
    match method:
        case "PUT":
            return "part" if of_parts else "put or copy"
        case "POST":
            return "join" if of_parts else "begin" if "uploads" in question else "post"
        case "GET":
            return "list" if any(sign in f"?{question}" for sign in LISTS) or target == "/" else "get"
        case "DELETE":
            return "abort" if of_parts else "delete"
    return method.lower()


@dataclass
class Counted:
    """A driver with its counter, behind a proxy that counts as well."""

    proxy: FaultProxy
    server: Server
    bucket: str
    checksums: bool | None = None
    counter: Counter = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.driver = self.another(self.bucket)

    def another(self, bucket: str) -> S3Driver:
        settings = self.server.at(self.proxy.url).settings(bucket)
        return S3Driver(settings, checksums=self.checksums, counter=self.counter)

    def expect_equal(self) -> dict[str, int]:
        """Hold our counts against the proxy's; return ours."""
        ours: Tally[str] = Tally()
        for one in self.counter.take():
            ours[one.what] += one.amount
        theirs = Tally(kind_of(method, target) for method, target, _ in self.proxy.log)
        found = dict(ours)
        sent, received = ours.pop("sent", 0), ours.pop("received", 0)
        ours["put or copy"] = ours.pop("put", 0) + ours.pop("copy", 0)
        assert +ours == theirs, self.proxy.log
        assert sent == self.proxy.bytes_in
        assert received == self.proxy.bytes_out
        self.proxy.log.clear()
        self.proxy.bytes_in = self.proxy.bytes_out = 0
        return found


@pytest.fixture(params=[None, True], ids=["plain", "checksums"])
def counted(strict_s3_server: Server, request: pytest.FixtureRequest) -> Iterator[Counted]:
    proxy = FaultProxy(strict_s3_server.url)
    yield Counted(proxy, strict_s3_server, strict_s3_server.new_bucket(), checksums=request.param)
    proxy.close()


def test_small_and_large_objects_are_written_and_read(counted: Counted) -> None:
    put(counted.driver, KEY, b"x" * 1000)
    put(counted.driver, "b/medium", os.urandom(9 * MIB))
    found = counted.expect_equal()
    assert (found["put"], found["sent"]) == (2, 1000 + 9 * MIB)
    put(counted.driver, "c/large", os.urandom(LARGE))
    found = counted.expect_equal()
    assert (found["begin"], found["part"], found["join"], found["sent"] > LARGE) == (1, 9, 1, True)
    assert len(get(counted.driver, "c/large")) == LARGE
    assert counted.expect_equal() == {"get": 1, "received": LARGE}
    assert get(counted.driver, KEY, 10, 20) == b"x" * 10
    assert counted.expect_equal() == {"get": 1, "received": 10}


@pytest.mark.parametrize("counted", [None], indirect=True)
def test_lists_of_several_pages_copies_and_deletes(counted: Counted) -> None:
    client = counted.server.client()
    for number in range(1001):
        client.put_object(Bucket=counted.bucket, Key=f"n/{number:04}", Body=b"")
    assert len(keys_in(counted.driver)) == 1001
    assert counted.expect_equal()["list"] == 2
    put(counted.driver, KEY, b"copied")
    other = counted.another(counted.server.new_bucket())
    other.copy_from(counted.driver, KEY, KEY, size=6)
    counted.driver.delete(KEY)
    found = counted.expect_equal()
    assert (found["copy"], found["delete"]) == (1, 1)


def test_the_doctor_and_the_set_up(counted: Counted) -> None:
    assert all(check.outcome != "failed" for check in counted.driver.diagnose())
    assert counted.expect_equal()["part"] == 2
    list(counted.driver.set_up(BucketPlan(), dry_run=False))
    counted.expect_equal()


def test_what_is_tried_again_counts_again(counted: Counted) -> None:
    counted.proxy.add("status:503", method="PUT", times=2)
    put(counted.driver, KEY, b"x" * 1000)
    found = {one.what: one.amount for one in counted.counter.take()}
    assert (found["put"], found["sent"]) == (3, 3000)
    assert counted.proxy.count("PUT") == 3


def test_what_never_reached_the_storage_does_not_count(strict_s3_server: Server) -> None:
    counter = Counter()
    dead = strict_s3_server.at("http://127.0.0.1:9").settings("bucket")
    driver = S3Driver(dead, deadlines=Deadlines(connect=0.5, retry=0.5), counter=counter)
    with pytest.raises(UnavailableError):
        put(driver, KEY, b"x")
    assert [one for one in counter.take() if one.amount] == []


def test_supabase_is_counted_as_well(supabase_server: Supabase) -> None:
    bucket = supabase_server.new_bucket()
    supabase_server.put(bucket, KEY, b"y" * 5000)
    proxy, counter = FaultProxy(supabase_server.url), Counter()
    driver = SupabaseDriver(supabase_server.at(proxy.url).settings(bucket), counter=counter)
    assert (keys_in(driver), driver.stat(KEY).size, len(get(driver, KEY))) == ([KEY], 5000, 5000)
    ours = {one.what: one.amount for one in counter.take()}
    assert ours.pop("received") == proxy.bytes_out
    methods = {"list": "POST", "get": "GET", "head": "HEAD"}
    assert {methods[what]: amount for what, amount in ours.items()} == Tally(method for method, _, _ in proxy.log)
    proxy.close()


def test_counts_that_could_not_be_kept_are_not_lost() -> None:
    began: list[int] = []
    counter = Counter(lambda: began.append(1))
    counter.count("get")
    counter.count("get", 2)
    taken = counter.take()
    assert [(one.what, one.amount) for one in taken] == [("get", 3)]
    assert counter.take() == []
    counter.add([*taken, Count("2026-01-31", "put", 7)])
    counter.count("get")
    assert {(one.day, one.what, one.amount) for one in counter.take()} == {
        (taken[0].day, "get", 4), ("2026-01-31", "put", 7),
    }  # fmt: skip
    assert len(began) == 2
