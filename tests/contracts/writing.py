"""What every driver must do when it writes."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from studybuddy.drivers.driver import Driver
from studybuddy.errors import (
    IntegrityError,
    ObjectExistsError,
    ObjectNotFoundError,
)
from studybuddy.streams import sha256_of
from studybuddy.units import KIB, MIB
from tests.contracts.base import KEY, LARGE, SOURCE, TYPE, Contract, get, keys_in, put
from tests.contracts.sources import Breaking, Endless, some_bytes


class WritingContract(Contract):
    """Bytes whole or not at all."""

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

    @pytest.mark.parametrize("content_type", ["audio/mp4", "text/plain; charset=utf-8", "text/plain; name=é漢"])
    def test_any_content_type_is_taken(self, driver: Driver, content_type: str) -> None:
        put(driver, KEY, b"x", content_type=content_type)
        kept = driver.stat(KEY).content_type
        if self.keeps_content_type:
            assert kept == content_type.replace("é漢", "%C3%A9%E6%BC%A2")
        assert get(driver, KEY) == b"x"

    def test_a_copy_has_the_same_bytes(self, driver: Driver, neighbour: Driver) -> None:
        data = some_bytes(3 * MIB)
        put(neighbour, SOURCE, data)
        assert driver.copy_from(neighbour, SOURCE, KEY, size=len(data)).size == len(data)
        assert get(driver, KEY) == data == get(neighbour, SOURCE)

    def test_a_copy_goes_over_no_other_bytes(self, driver: Driver, neighbour: Driver) -> None:
        put(neighbour, SOURCE, b"new")
        put(driver, KEY, b"old")
        with pytest.raises(ObjectExistsError):
            driver.copy_from(neighbour, SOURCE, KEY, size=3)
        assert get(driver, KEY) == b"old"
        driver.copy_from(neighbour, SOURCE, "other", size=3)
        driver.copy_from(neighbour, SOURCE, "other", size=3)
        assert get(driver, "other") == b"new"

    def test_sixteen_threads_write_and_read_at_once(self, driver: Driver) -> None:
        def turn(number: int) -> bool:
            data = some_bytes(200 * KIB + number, seed=number)
            put(driver, f"threads/{number}", data)
            return get(driver, f"threads/{number}") == data

        with ThreadPoolExecutor(16) as pool:
            assert all(pool.map(turn, range(64)))
        assert len(keys_in(driver, "threads/")) == 64
