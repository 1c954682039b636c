"""What every driver must do. A new driver subclasses DriverContract and gives the fixtures; nothing is skipped."""

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from studybuddy.drivers.driver import Driver
from studybuddy.errors import (
    IntegrityError,
    ObjectNotFoundError,
    UnsupportedError,
)
from studybuddy.settings.places import LocalSettings
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
        driver.copy_from(neighbour, SOURCE, KEY, size=1)
        if self.keeps_content_type:
            assert driver.stat(KEY).content_type == "audio/mp4"
        assert get(driver, KEY) == b"x"

    def test_a_copy_of_nothing_is_told(self, driver: Driver, neighbour: Driver) -> None:
        with pytest.raises(ObjectNotFoundError):
            driver.copy_from(neighbour, SOURCE, KEY, size=1)
        assert keys_in(driver) == []

    def test_a_copy_from_another_kind_of_storage_is_not_supported(self, driver: Driver) -> None:
        with pytest.raises(UnsupportedError):
            driver.copy_from(_Foreign(), SOURCE, KEY, size=1)  # type: ignore[arg-type]

    def test_a_usable_storage_passes_its_check_and_keeps_nothing_of_it(
        self, driver: Driver, unfinished: Callable[[], list[str]]
    ) -> None:
        driver.check()
        assert keys_in(driver) == unfinished() == []

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
