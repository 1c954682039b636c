"""What a driver must do that keeps what came of a large object until the rest comes."""

import io
from collections.abc import Callable

import pytest

from studybuddy.drivers.driver import Driver, KeepsUnfinishedObjects, Unfinished
from studybuddy.errors import ObjectNotFoundError
from studybuddy.streams import Readable, chunks
from studybuddy.units import MIB
from tests.contracts.base import KEY, LARGE, TYPE, Contract, get, keys_in
from tests.contracts.sources import Breaking, Endless

CAME = 40 * MIB


def unfinished_in(driver: Driver, *, is_new: bool = False, size: int = LARGE) -> Unfinished:
    assert isinstance(driver, KeepsUnfinishedObjects)
    assert driver.keeps_unfinished(size)
    return driver.unfinished(KEY, size=size, content_type=TYPE, is_new=is_new)


def break_off(driver: Driver) -> None:
    """Write an object until its source breaks."""
    with pytest.raises(ConnectionError):
        unfinished_in(driver, is_new=True).write(Breaking(CAME, ConnectionError()))


def whole() -> bytes:
    """Return what the object is to hold."""
    return b"".join(chunks(Endless(LARGE)))


def rest_for(unfinished: Unfinished) -> Readable:
    """Return the source that is wanted: what comes behind the bytes that can be read, which must be the right ones."""
    before = unfinished.read()
    if before is None:
        return io.BytesIO(whole())
    with before as held:
        assert b"".join(chunks(held)) == whole()[: unfinished.held]
    return io.BytesIO(whole()[unfinished.held :])


class KeepsUnfinishedContract(Contract):
    def test_what_came_of_an_object_stays_unseen_and_is_gone_on_with(
        self, driver: Driver, unfinished: Callable[[], list[str]]
    ) -> None:
        break_off(driver)
        assert keys_in(driver) == []
        with pytest.raises(ObjectNotFoundError):
            get(driver, KEY)
        assert len(unfinished()) == 1
        again = unfinished_in(driver)
        assert 8 * MIB <= again.held <= CAME
        assert again.write(rest_for(again)).size == LARGE
        assert get(driver, KEY) == whole()
        assert unfinished() == []

    def test_what_came_can_be_dropped(self, driver: Driver, unfinished: Callable[[], list[str]]) -> None:
        assert isinstance(driver, KeepsUnfinishedObjects)
        driver.drop_unfinished(KEY)
        break_off(driver)
        driver.drop_unfinished("other")
        assert len(unfinished()) == 1
        driver.drop_unfinished(KEY)
        assert keys_in(driver) == unfinished() == []
        assert unfinished_in(driver).held == 0

    def test_a_new_object_needs_no_second_try(self, driver: Driver, unfinished: Callable[[], list[str]]) -> None:
        new = unfinished_in(driver, is_new=True)
        assert new.held == 0
        new.write(Endless(LARGE))
        assert driver.stat(KEY).size == LARGE
        assert unfinished() == []

    def test_an_object_that_is_whole_already_is_not_written_again(self, driver: Driver) -> None:
        unfinished_in(driver, is_new=True).write(Endless(LARGE))
        again = unfinished_in(driver)
        written = again.write(Breaking(0, ConnectionError()))
        assert (again.held, written.size, written.verified) == (0, LARGE, False)  # whoever asks has to read it
        assert get(driver, KEY) == whole()

    def test_a_small_object_is_not_kept(self, driver: Driver) -> None:
        assert isinstance(driver, KeepsUnfinishedObjects)
        assert not driver.keeps_unfinished(MIB)
        assert driver.write("small", io.BytesIO(b"x"), size=1, content_type=TYPE).size == 1
