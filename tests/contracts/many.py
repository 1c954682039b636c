"""What a driver must do that writes, or reads, many small objects at once."""

import hashlib

from studybuddy.drivers.driver import Driver, Held, ReadsMany, WritesMany, Written
from studybuddy.errors import StudyBuddyError
from tests.contracts.base import TYPE, Contract, get, put
from tests.contracts.sources import some_bytes


def held(key: str, content: bytes) -> Held:
    return Held(key, content, hashlib.sha256(content).hexdigest(), TYPE)


class WritesManyContract(Contract):
    def test_each_of_many_reads_back(self, driver: Driver) -> None:
        assert isinstance(driver, WritesMany)
        objects = [held(f"many/{number % 7}/{number}", some_bytes(number * 99, seed=number)) for number in range(50)]
        done = driver.write_many(objects)
        assert [one.size for one in done if isinstance(one, Written)] == [len(one.content) for one in objects]
        assert all(get(driver, one.key) == one.content for one in objects)
        if self.keeps_content_type:
            assert driver.stat(objects[7].key).content_type == TYPE

    def test_many_are_written_over_no_other_bytes(self, driver: Driver) -> None:
        assert isinstance(driver, WritesMany)
        put(driver, "many/1", b"old")
        done = driver.write_many([held("many/1", b"new"), held("many/2", b"two")])
        assert isinstance(done[1], Written)
        assert get(driver, "many/2") == b"two"
        if self.refuses_overwrite:
            assert isinstance(done[0], StudyBuddyError)
            assert get(driver, "many/1") == b"old"

    def test_many_of_none_is_no_error(self, driver: Driver) -> None:
        assert isinstance(driver, WritesMany)
        assert driver.write_many([]) == []


class ReadsManyContract(Contract):
    def test_many_are_read_in_their_order_and_what_is_not_there_is_nothing(self, driver: Driver) -> None:
        assert isinstance(driver, ReadsMany)
        contents = {f"many/{number}": some_bytes(number * 999, seed=number) for number in range(40)}
        for key, content in contents.items():
            self.store(driver, key, content)
        found = list(driver.read_many(["many/none", *contents, "many/none"]))
        assert found == [None, *contents.values(), None]
