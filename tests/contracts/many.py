"""What a driver must do that writes, or reads, many small objects at once."""

import hashlib

from studybuddy.drivers.driver import CopiesMany, CopyOf, Driver, Held, ReadsMany, WritesMany, Written
from studybuddy.errors import ObjectExistsError, ObjectNotFoundError, StudyBuddyError
from tests.contracts.base import TYPE, Contract, get, keys_in, put
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


class CopiesManyContract(Contract):
    def test_each_of_many_copies_has_the_same_bytes(self, driver: Driver, neighbour: Driver) -> None:
        assert isinstance(driver, CopiesMany)
        assert driver.copies_from(neighbour)
        contents = {f"many/{number}": some_bytes(number * 999, seed=number) for number in range(40)}
        for key, content in contents.items():
            put(neighbour, key, content)
        wanted = [
            CopyOf(key, f"copied/{key}", len(content), is_new=len(content) % 2 == 0)
            for key, content in contents.items()
        ]
        done = driver.copy_many(neighbour, wanted)
        assert [one.size for one in done if isinstance(one, Written)] == [one.size for one in wanted]
        assert [get(driver, one.key) for one in wanted] == list(contents.values())
        assert [get(neighbour, key) for key in contents] == list(contents.values())

    def test_a_copy_that_cannot_be_made_keeps_none_of_the_others(self, driver: Driver, neighbour: Driver) -> None:
        assert isinstance(driver, CopiesMany)
        put(neighbour, "one", b"one")
        put(driver, "taken", b"other bytes")
        wanted = [CopyOf("none", "a", 3), CopyOf("one", "taken", 3), CopyOf("one", "b", 3)]
        missing, exists, made = driver.copy_many(neighbour, wanted)
        assert isinstance(missing, ObjectNotFoundError)
        assert isinstance(exists, ObjectExistsError)
        assert isinstance(made, Written)
        assert keys_in(driver) == ["b", "taken"]
        assert get(driver, "taken") == b"other bytes"
        assert get(driver, "b") == b"one"

    def test_copies_that_were_made_already_are_no_error(self, driver: Driver, neighbour: Driver) -> None:
        assert isinstance(driver, CopiesMany)
        put(neighbour, "one", b"one")
        for _ in range(2):
            (made,) = driver.copy_many(neighbour, [CopyOf("one", "copy", 3)])
            assert isinstance(made, Written)
        assert driver.copy_many(neighbour, []) == []


class ReadsManyContract(Contract):
    def test_many_are_read_in_their_order_and_what_is_not_there_is_nothing(self, driver: Driver) -> None:
        assert isinstance(driver, ReadsMany)
        contents = {f"many/{number}": some_bytes(number * 999, seed=number) for number in range(40)}
        for key, content in contents.items():
            self.store(driver, key, content)
        found = list(driver.read_many(["many/none", *contents, "many/none"]))
        assert found == [None, *contents.values(), None]
