"""What every driver must do. A new driver subclasses DriverContract and gives the fixtures; nothing is skipped."""

import hashlib
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from studybuddy.drivers.driver import Driver
from studybuddy.errors import (
    IntegrityError,
    ObjectNotFoundError,
    StorageError,
    UnsupportedError,
)
from studybuddy.names import content_disposition
from studybuddy.places import LocalSettings
from studybuddy.storage import Storage
from studybuddy.units import MIB
from tests.contracts.base import KEY, SOURCE, TYPE, get, keys_in, put
from tests.contracts.reading import ReadingContract
from tests.contracts.sources import some_bytes
from tests.contracts.writing import WritingContract


class DriverContract(ReadingContract, WritingContract):
    """The suite."""

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
        storage = Storage(1, "test", "test:", driver, "the test", LocalSettings(Path()))
        assert storage.write(KEY, io.BytesIO(data), size=len(data), sha256=digest, content_type=TYPE) == digest
        storage.verify(KEY, size=len(data), sha256=digest)
        with pytest.raises(IntegrityError):
            storage.write("other", io.BytesIO(data), size=len(data), sha256="0" * 64, content_type=TYPE)
        assert keys_in(driver) == [KEY]


class _Foreign:
    """A driver of a kind that no other knows."""
