"""What every driver must do when it reads."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from studybuddy.drivers.driver import Driver
from studybuddy.errors import (
    InvalidRangeError,
    ObjectNotFoundError,
    StorageError,
)
from studybuddy.names import content_disposition
from studybuddy.units import KIB, MIB
from tests import patient
from tests.contracts.base import KEY, TYPE, Contract, get, get_into, keys_in
from tests.contracts.sources import some_bytes


class ReadingContract(Contract):
    """Ranges, streams, lists, and what is not there: all that a storage must pass that is only read."""

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
        self.store(driver, KEY, data)
        assert get(driver, KEY, start, stop) == data[start:stop]

    @pytest.mark.parametrize("start", [100, 101, 5000])
    @pytest.mark.parametrize("length", [None, 1])
    def test_a_range_behind_the_end_is_refused(self, driver: Driver, start: int, length: int | None) -> None:
        self.store(driver, KEY, some_bytes(100))
        with pytest.raises(InvalidRangeError):
            get(driver, KEY, start, None if length is None else start + length)

    @pytest.mark.parametrize(("start", "stop"), [(-1, None), (-5, 3), (10, 9)])
    def test_a_range_that_is_none_is_refused(self, driver: Driver, start: int, stop: int | None) -> None:
        self.store(driver, KEY, some_bytes(100))
        with pytest.raises(InvalidRangeError):
            get(driver, KEY, start, stop)

    @pytest.mark.parametrize("stop", [None, 0, 10])
    def test_an_empty_object_read_from_its_start_is_empty(self, driver: Driver, stop: int | None) -> None:
        self.store(driver, KEY, b"")
        assert get(driver, KEY, 0, stop) == b""

    def test_an_empty_object_has_no_range_behind_its_start(self, driver: Driver) -> None:
        self.store(driver, KEY, b"")
        with pytest.raises(InvalidRangeError):
            get(driver, KEY, 1, 2)

    @pytest.mark.parametrize("start", [3, 2 * MIB + 1, 9 * MIB])
    def test_a_long_range_from_the_middle_is_right(self, driver: Driver, start: int) -> None:
        data = some_bytes(12 * MIB)
        self.store(driver, KEY, data)
        assert get(driver, KEY, start) == data[start:]
        assert get(driver, KEY, start, start + 2 * MIB) == data[start : start + 2 * MIB]

    def test_a_stream_gives_no_more_than_asked_and_then_nothing(self, driver: Driver) -> None:
        self.store(driver, KEY, b"0123456789")
        with driver.read(KEY, start=2, stop=8) as stream:
            assert stream.read(0) == b""
            assert stream.read(4) == b"2345"
            assert stream.read() == b"67"
            assert stream.read() == stream.read(5) == b""

    @pytest.mark.parametrize("size", [7, 300 * KIB])
    def test_bytes_that_are_read_into_memory_are_right(self, driver: Driver, size: int) -> None:
        data = some_bytes(size * 40 + 3)
        self.store(driver, KEY, data)
        assert get_into(driver, KEY, size=size) == data
        assert get_into(driver, KEY, 5, size * 30, size=size) == data[5 : size * 30]

    def test_a_reader_closed_early_leaves_the_object_readable(self, driver: Driver) -> None:
        data = some_bytes(20 * MIB)
        self.store(driver, KEY, data)
        for _ in range(5):
            with driver.read(KEY) as stream:
                assert stream.read(10) == data[:10]
        assert get(driver, KEY, 19 * MIB) == data[19 * MIB :]

    def test_an_error_of_the_one_who_reads_passes_through(self, driver: Driver) -> None:
        self.store(driver, KEY, some_bytes(100))
        with pytest.raises(ZeroDivisionError), driver.read(KEY):
            raise ZeroDivisionError

    def test_two_readers_of_one_object_do_not_disturb_each_other(self, driver: Driver) -> None:
        self.store(driver, KEY, b"0123456789")
        with driver.read(KEY) as one, driver.read(KEY, start=5) as other:
            assert (one.read(2), other.read(2), one.read(2), other.read(2)) == (b"01", b"56", b"23", b"78")

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
        self.store(driver, "audio/1_ab.mp3", b"x")
        with pytest.raises(StorageError):
            get(driver, "audio")
        with pytest.raises(ObjectNotFoundError):
            driver.stat("audio")
        assert keys_in(driver) == ["audio/1_ab.mp3"]

    def test_stat_tells_size_and_time(self, driver: Driver) -> None:
        self.store(driver, KEY, some_bytes(1234))
        found = driver.stat(KEY)
        assert (found.key, found.size) == (KEY, 1234)
        assert abs(found.modified_at - datetime.now(UTC)) < timedelta(minutes=1)

    def test_an_empty_storage_lists_nothing(self, driver: Driver) -> None:
        assert keys_in(driver) == keys_in(driver, "audio/") == []

    def test_keys_are_listed_whole_and_in_byte_order(self, driver: Driver) -> None:
        keys = ["a.txt", "a/b", "a-b", "a/b.c/d", "a/bb/e", "a0", "B", "z/1", "a/B", "a/_", "a_b"]
        for key in keys:
            self.store(driver, key, key.encode())
        found = list(driver.list())
        assert [one.key for one in found] == (sorted(keys) if self.lists_in_order else [one.key for one in found])
        assert sorted(one.key for one in found) == sorted(keys)
        assert all(one.size == len(one.key) for one in found)

    def test_a_prefix_is_a_prefix_of_the_key_not_a_folder(self, driver: Driver) -> None:
        for key in ("ab/1", "ab/2", "abc", "abcd/1", "b/ab"):
            self.store(driver, key, b"x")
        assert sorted(keys_in(driver, "ab")) == ["ab/1", "ab/2", "abc", "abcd/1"]
        assert sorted(keys_in(driver, "ab/")) == ["ab/1", "ab/2"]
        assert keys_in(driver, "ab/2") == ["ab/2"]
        assert keys_in(driver, "nothing/") == []

    def test_more_objects_than_one_page_are_listed(self, driver: Driver) -> None:
        keys = [f"many/{number:05d}" for number in range(1100)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda key: self.store(driver, key, b"x"), keys))
        assert keys_in(driver) == keys

    def test_a_link_brings_the_bytes_and_the_name(self, driver: Driver) -> None:
        self.store(driver, KEY, b"linked bytes")
        disposition = content_disposition("Übung 1 “neu”.pdf", attachment=True)
        url = driver.url(KEY, expires=timedelta(minutes=15), disposition=disposition, content_type=TYPE)
        assert (url is not None) == self.has_urls
        if url is not None:
            answer = patient.get(url)
            assert (answer.status_code, answer.content) == (200, b"linked bytes")
            assert answer.headers["content-disposition"] == disposition
            assert answer.headers["content-type"] == TYPE

    def test_a_storage_that_cannot_be_used_says_why_and_what_to_do(self, absent: Driver) -> None:
        with pytest.raises(StorageError) as raised:
            absent.check()
        assert str(raised.value)
        assert raised.value.fix
