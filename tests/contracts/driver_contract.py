"""What every driver must do. A new driver subclasses DriverContract and gives the fixtures; nothing is skipped."""

import hashlib
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from studybuddy.drivers.driver import Driver, Written
from studybuddy.errors import (
    IntegrityError,
    InvalidRangeError,
    ObjectExistsError,
    ObjectNotFoundError,
    StorageError,
    UnsupportedError,
)
from studybuddy.names import content_disposition
from studybuddy.storage import Storage
from studybuddy.streams import sha256_of
from studybuddy.units import KIB, MIB
from tests.contracts.sources import Breaking, Endless, some_bytes

LARGE = 65 * MIB  # above what goes in one request
KEY = "study-sessions/7/0123456789abcdef.pdf"
SOURCE = "study-sessions/7/source.bin"
TYPE = "application/pdf"


def put(driver: Driver, key: str, data: bytes, *, content_type: str = TYPE) -> Written:
    return driver.write(key, io.BytesIO(data), size=len(data), content_type=content_type)


def get(driver: Driver, key: str, start: int = 0, stop: int | None = None) -> bytes:
    with driver.read(key, start=start, stop=stop) as stream:
        return b"".join(iter(lambda: stream.read(64 * KIB), b""))


def keys_in(driver: Driver, prefix: str = "") -> list[str]:
    return [found.key for found in driver.list(prefix)]


class DriverContract:
    """The suite."""

    refuses_overwrite = True  # False: the provider cannot tell, and replaces the object whole
    keeps_content_type = True
    has_urls = True
    lists_in_order = True

    @pytest.fixture
    def driver(self) -> Driver:
        """An empty storage."""
        raise NotImplementedError

    @pytest.fixture
    def neighbour(self) -> Driver:
        """Another empty storage of the same provider, beside the first: another prefix, or another folder."""
        raise NotImplementedError

    @pytest.fixture
    def absent(self) -> Driver:
        """A storage whose place cannot be used."""
        raise NotImplementedError

    @pytest.fixture
    def unfinished(self) -> Callable[[], list[str]]:
        """Tells what is left of writes that never ended."""
        raise NotImplementedError

    @pytest.mark.parametrize("size", [0, 1, 64 * KIB, 5 * MIB - 1, 5 * MIB, 5 * MIB + 1, 8 * MIB, 8 * MIB + 1])
    def test_bytes_come_back_as_they_went(self, driver: Driver, size: int) -> None:
        data = some_bytes(size)
        assert put(driver, KEY, data).size == size
        assert get(driver, KEY) == data

    def test_a_large_object_comes_back_as_it_went(self, driver: Driver, unfinished: Callable[[], list[str]]) -> None:
        driver.write(KEY, Endless(LARGE), size=LARGE, content_type=TYPE)
        assert driver.stat(KEY).size == LARGE
        with driver.read(KEY) as stream:
            assert sha256_of(stream) == sha256_of(Endless(LARGE))
        assert get(driver, KEY, LARGE - 3) == Endless(LARGE).read(MIB)[-3:]
        assert unfinished() == []

    def test_a_source_that_gives_few_bytes_at_a_time_is_read_to_its_end(self, driver: Driver) -> None:
        class Trickle(io.BytesIO):
            def read(self, size: int | None = -1, /) -> bytes:
                return super().read(min(7, size if size and size > 0 else 7))

        data = some_bytes(5000)
        driver.write(KEY, Trickle(data), size=len(data), content_type=TYPE)
        assert get(driver, KEY) == data

    @pytest.mark.parametrize(
        ("start", "stop"),
        [
            (0, None),
            (0, 1),
            (0, 100),
            (0, 10_000),
            (1, None),
            (99, None),
            (99, 100),
            (50, 60),
            (50, 10_000),
            (7, 7),
            (0, 0),
        ],
    )
    def test_a_range_is_half_open_and_cut_to_the_end(self, driver: Driver, start: int, stop: int | None) -> None:
        data = some_bytes(100)
        put(driver, KEY, data)
        assert get(driver, KEY, start, stop) == data[start:stop]

    @pytest.mark.parametrize("start", [100, 101, 5000])
    @pytest.mark.parametrize("length", [None, 1])
    def test_a_range_behind_the_end_is_refused(self, driver: Driver, start: int, length: int | None) -> None:
        put(driver, KEY, some_bytes(100))
        with pytest.raises(InvalidRangeError):
            get(driver, KEY, start, None if length is None else start + length)

    @pytest.mark.parametrize(("start", "stop"), [(-1, None), (-5, 3), (10, 9)])
    def test_a_range_that_is_none_is_refused(self, driver: Driver, start: int, stop: int | None) -> None:
        put(driver, KEY, some_bytes(100))
        with pytest.raises(InvalidRangeError):
            get(driver, KEY, start, stop)

    @pytest.mark.parametrize("stop", [None, 0, 10])
    def test_an_empty_object_read_from_its_start_is_empty(self, driver: Driver, stop: int | None) -> None:
        put(driver, KEY, b"")
        assert get(driver, KEY, 0, stop) == b""

    def test_an_empty_object_has_no_range_behind_its_start(self, driver: Driver) -> None:
        put(driver, KEY, b"")
        with pytest.raises(InvalidRangeError):
            get(driver, KEY, 1, 2)

    @pytest.mark.parametrize("start", [3, 2 * MIB + 1, 9 * MIB])
    def test_a_long_range_from_the_middle_is_right(self, driver: Driver, start: int) -> None:
        data = some_bytes(12 * MIB)
        put(driver, KEY, data)
        assert get(driver, KEY, start) == data[start:]
        assert get(driver, KEY, start, start + 2 * MIB) == data[start : start + 2 * MIB]

    def test_a_stream_gives_no_more_than_asked_and_then_nothing(self, driver: Driver) -> None:
        put(driver, KEY, b"0123456789")
        with driver.read(KEY, start=2, stop=8) as stream:
            assert stream.read(0) == b""
            assert stream.read(4) == b"2345"
            assert stream.read() == b"67"
            assert stream.read() == stream.read(5) == b""

    def test_a_reader_closed_early_leaves_the_object_readable(self, driver: Driver) -> None:
        data = some_bytes(20 * MIB)
        put(driver, KEY, data)
        for _ in range(5):
            with driver.read(KEY) as stream:
                assert stream.read(10) == data[:10]
        assert get(driver, KEY, 19 * MIB) == data[19 * MIB :]

    def test_an_error_of_the_one_who_reads_passes_through(self, driver: Driver) -> None:
        put(driver, KEY, some_bytes(100))
        with pytest.raises(ZeroDivisionError), driver.read(KEY):
            raise ZeroDivisionError

    def test_two_readers_of_one_object_do_not_disturb_each_other(self, driver: Driver) -> None:
        put(driver, KEY, b"0123456789")
        with driver.read(KEY) as one, driver.read(KEY, start=5) as other:
            assert (one.read(2), other.read(2), one.read(2), other.read(2)) == (b"01", b"56", b"23", b"78")

    @pytest.mark.parametrize("good", [0, 10, 5 * MIB], ids=["at once", "soon", "late"])
    def test_an_error_of_the_source_passes_through_and_leaves_nothing(
        self, driver: Driver, unfinished: Callable[[], list[str]], good: int
    ) -> None:
        with pytest.raises(RuntimeError, match="the source broke"):
            driver.write(KEY, Breaking(good, RuntimeError("the source broke")), size=6 * MIB, content_type=TYPE)
        assert keys_in(driver) == unfinished() == []

    def test_an_error_of_the_source_of_a_large_object_leaves_nothing(
        self, driver: Driver, unfinished: Callable[[], list[str]]
    ) -> None:
        with pytest.raises(RuntimeError, match="the source broke"):
            driver.write(KEY, Breaking(20 * MIB, RuntimeError("the source broke")), size=LARGE, content_type=TYPE)
        assert keys_in(driver) == unfinished() == []

    @pytest.mark.parametrize("error", [OSError(28, "no space"), FileNotFoundError("gone"), ObjectNotFoundError("gone")])
    def test_a_source_that_fails_as_a_disk_does_is_not_taken_for_the_storage(
        self, driver: Driver, error: Exception
    ) -> None:
        with pytest.raises(type(error)) as raised:
            driver.write(KEY, Breaking(10, error), size=20, content_type=TYPE)
        assert raised.value is error

    @pytest.mark.parametrize(("size", "announced"), [(9, 10), (11, 10), (0, 1), (1, 0), (3 * MIB, 2 * MIB)])
    def test_a_source_of_another_length_is_refused_and_leaves_nothing(
        self, driver: Driver, unfinished: Callable[[], list[str]], size: int, announced: int
    ) -> None:
        with pytest.raises(IntegrityError):
            driver.write(KEY, io.BytesIO(some_bytes(size)), size=announced, content_type=TYPE)
        assert keys_in(driver) == unfinished() == []

    @pytest.mark.parametrize("size", [LARGE - 1, LARGE + 1])
    def test_a_large_source_of_another_length_is_refused_and_leaves_nothing(
        self, driver: Driver, unfinished: Callable[[], list[str]], size: int
    ) -> None:
        with pytest.raises(IntegrityError):
            driver.write(KEY, Endless(size), size=LARGE, content_type=TYPE)
        assert keys_in(driver) == unfinished() == []

    def test_the_same_bytes_again_are_no_error(self, driver: Driver) -> None:
        put(driver, KEY, b"same")
        put(driver, KEY, b"same")
        assert get(driver, KEY) == b"same"

    def test_other_bytes_never_mix_with_those_at_a_key(self, driver: Driver) -> None:
        put(driver, KEY, b"old bytes")
        if self.refuses_overwrite:
            with pytest.raises(ObjectExistsError):
                put(driver, KEY, b"new")
            assert get(driver, KEY) == b"old bytes"
        else:
            put(driver, KEY, b"new")
            assert get(driver, KEY) == b"new"

    @pytest.mark.parametrize("size", [5, LARGE])
    def test_a_failed_overwrite_keeps_the_old_object(self, driver: Driver, size: int) -> None:
        put(driver, KEY, b"old")
        with pytest.raises((IntegrityError, ObjectExistsError)):
            driver.write(KEY, Endless(size - 1), size=size, content_type=TYPE)
        assert get(driver, KEY) == b"old"

    def test_one_of_many_writers_of_a_key_wins_whole(self, driver: Driver) -> None:
        bodies = [bytes([number]) * (300 * KIB) for number in range(8)]

        def write(body: bytes) -> bool:
            try:
                put(driver, KEY, body)
            except ObjectExistsError:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            won = sum(pool.map(write, bodies))
        assert get(driver, KEY) in bodies
        assert won == (1 if self.refuses_overwrite else 8)

    def test_what_is_deleted_is_gone(self, driver: Driver) -> None:
        put(driver, KEY, b"x")
        driver.delete(KEY)
        assert keys_in(driver) == []
        with pytest.raises(ObjectNotFoundError):
            driver.stat(KEY)

    def test_a_delete_of_nothing_is_no_error(self, driver: Driver) -> None:
        driver.delete(KEY)
        put(driver, KEY, b"x")
        driver.delete(KEY)
        driver.delete(KEY)

    def test_a_delete_spares_its_neighbours(self, driver: Driver) -> None:
        for key in ("a/1", "a/10", "a/2", "b/1"):
            put(driver, key, b"x")
        driver.delete("a/1")
        assert sorted(keys_in(driver)) == ["a/10", "a/2", "b/1"]

    def test_a_deleted_key_can_be_written_again(self, driver: Driver) -> None:
        put(driver, KEY, b"x")
        driver.delete(KEY)
        put(driver, KEY, b"yy")
        assert get(driver, KEY) == b"yy"

    def test_stat_tells_size_and_time(self, driver: Driver) -> None:
        put(driver, KEY, some_bytes(1234))
        found = driver.stat(KEY)
        assert (found.key, found.size) == (KEY, 1234)
        assert abs(found.modified_at - datetime.now(UTC)) < timedelta(minutes=1)

    @pytest.mark.parametrize("content_type", ["audio/mp4", "text/plain; charset=utf-8", "text/plain; name=é漢"])
    def test_any_content_type_is_taken(self, driver: Driver, content_type: str) -> None:
        put(driver, KEY, b"x", content_type=content_type)
        kept = driver.stat(KEY).content_type
        if self.keeps_content_type:
            assert kept == content_type.replace("é漢", "%C3%A9%E6%BC%A2")
        assert get(driver, KEY) == b"x"

    def test_an_object_that_is_not_there_is_told(self, driver: Driver) -> None:
        with pytest.raises(ObjectNotFoundError):
            driver.stat(KEY)
        with pytest.raises(ObjectNotFoundError):
            get(driver, KEY)
        with pytest.raises(ObjectNotFoundError):
            get(driver, KEY, 5, 10)
        with pytest.raises(ObjectNotFoundError):
            get(driver, KEY, 0, 0)

    def test_a_missing_object_is_also_a_missing_file_with_a_plain_message(self, driver: Driver) -> None:
        with pytest.raises(FileNotFoundError) as raised:
            driver.stat(KEY)
        assert KEY in str(raised.value)
        assert "Errno" not in str(raised.value)

    def test_a_folder_is_no_object(self, driver: Driver) -> None:
        put(driver, "audio/1_ab.mp3", b"x")
        with pytest.raises(StorageError):
            get(driver, "audio")
        with pytest.raises(ObjectNotFoundError):
            driver.stat("audio")
        assert keys_in(driver) == ["audio/1_ab.mp3"]

    def test_an_empty_storage_lists_nothing(self, driver: Driver) -> None:
        assert keys_in(driver) == keys_in(driver, "audio/") == []

    def test_keys_are_listed_whole_and_in_byte_order(self, driver: Driver) -> None:
        keys = ["a.txt", "a/b", "a-b", "a/b.c/d", "a/bb/e", "a0", "B", "z/1", "a/B", "a/_", "a_b"]
        for key in keys:
            put(driver, key, key.encode())
        found = list(driver.list())
        assert [one.key for one in found] == (sorted(keys) if self.lists_in_order else [one.key for one in found])
        assert sorted(one.key for one in found) == sorted(keys)
        assert all(one.size == len(one.key) for one in found)

    def test_a_prefix_is_a_prefix_of_the_key_not_a_folder(self, driver: Driver) -> None:
        for key in ("ab/1", "ab/2", "abc", "abcd/1", "b/ab"):
            put(driver, key, b"x")
        assert sorted(keys_in(driver, "ab")) == ["ab/1", "ab/2", "abc", "abcd/1"]
        assert sorted(keys_in(driver, "ab/")) == ["ab/1", "ab/2"]
        assert keys_in(driver, "ab/2") == ["ab/2"]
        assert keys_in(driver, "nothing/") == []

    def test_more_objects_than_one_page_are_listed(self, driver: Driver) -> None:
        keys = [f"many/{number:05d}" for number in range(1100)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda key: put(driver, key, b"x"), keys))
        assert keys_in(driver) == keys

    def test_a_neighbour_sees_nothing_of_ours(self, driver: Driver, neighbour: Driver) -> None:
        put(driver, KEY, b"ours")
        put(neighbour, KEY, b"theirs")
        put(neighbour, "only/theirs", b"x")
        assert keys_in(driver) == [KEY]
        assert (get(driver, KEY), get(neighbour, KEY)) == (b"ours", b"theirs")
        neighbour.delete(KEY)
        assert get(driver, KEY) == b"ours"

    def test_a_copy_has_the_same_bytes(self, driver: Driver, neighbour: Driver) -> None:
        data = some_bytes(3 * MIB)
        put(neighbour, SOURCE, data)
        assert driver.copy_from(neighbour, SOURCE, KEY).size == len(data)
        assert get(driver, KEY) == data == get(neighbour, SOURCE)

    def test_a_copy_keeps_the_content_type(self, driver: Driver, neighbour: Driver) -> None:
        put(neighbour, SOURCE, b"x", content_type="audio/mp4")
        driver.copy_from(neighbour, SOURCE, KEY)
        if self.keeps_content_type:
            assert driver.stat(KEY).content_type == "audio/mp4"
        assert get(driver, KEY) == b"x"

    def test_a_copy_of_nothing_is_told(self, driver: Driver, neighbour: Driver) -> None:
        with pytest.raises(ObjectNotFoundError):
            driver.copy_from(neighbour, SOURCE, KEY)
        assert keys_in(driver) == []

    def test_a_copy_goes_over_no_other_bytes(self, driver: Driver, neighbour: Driver) -> None:
        put(neighbour, SOURCE, b"new")
        put(driver, KEY, b"old")
        with pytest.raises(ObjectExistsError):
            driver.copy_from(neighbour, SOURCE, KEY)
        assert get(driver, KEY) == b"old"
        driver.copy_from(neighbour, SOURCE, "other")
        driver.copy_from(neighbour, SOURCE, "other")
        assert get(driver, "other") == b"new"

    def test_a_copy_from_another_kind_of_storage_is_not_supported(self, driver: Driver) -> None:
        with pytest.raises(UnsupportedError):
            driver.copy_from(_Foreign(), SOURCE, KEY)  # type: ignore[arg-type]

    def test_a_link_brings_the_bytes_and_the_name(self, driver: Driver) -> None:
        put(driver, KEY, b"linked bytes")
        disposition = content_disposition("Übung 1 “neu”.pdf", attachment=True)
        url = driver.url(KEY, expires=timedelta(minutes=15), disposition=disposition, content_type=TYPE)
        assert (url is not None) == self.has_urls
        if url is not None:
            answer = httpx.get(url)
            assert (answer.status_code, answer.content) == (200, b"linked bytes")
            assert answer.headers["content-disposition"] == disposition
            assert answer.headers["content-type"] == TYPE

    def test_sixteen_threads_write_and_read_at_once(self, driver: Driver) -> None:
        def turn(number: int) -> bool:
            data = some_bytes(200 * KIB + number, seed=number)
            put(driver, f"threads/{number}", data)
            return get(driver, f"threads/{number}") == data

        with ThreadPoolExecutor(16) as pool:
            assert all(pool.map(turn, range(64)))
        assert len(keys_in(driver, "threads/")) == 64

    def test_a_usable_storage_passes_its_check_and_keeps_nothing_of_it(
        self, driver: Driver, unfinished: Callable[[], list[str]]
    ) -> None:
        driver.check()
        assert keys_in(driver) == unfinished() == []

    def test_a_storage_that_cannot_be_used_says_why_and_what_to_do(self, absent: Driver) -> None:
        with pytest.raises(StorageError) as raised:
            absent.check()
        assert str(raised.value)
        assert raised.value.fix

    def test_a_storage_over_it_verifies_what_it_writes(self, driver: Driver) -> None:
        data = some_bytes(9 * MIB)
        digest = hashlib.sha256(data).hexdigest()
        storage = Storage(1, "test", "test:", driver, "the test")
        assert storage.write(KEY, io.BytesIO(data), size=len(data), sha256=digest, content_type=TYPE) == digest
        storage.verify(KEY, size=len(data), sha256=digest)
        with pytest.raises(IntegrityError):
            storage.write("other", io.BytesIO(data), size=len(data), sha256="0" * 64, content_type=TYPE)
        assert keys_in(driver) == [KEY]


class _Foreign:
    """A driver of a kind that no other knows."""
