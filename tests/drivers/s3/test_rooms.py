"""Rooms for bodies: bounded, handed on, never while somebody may still read them, and given back at the end."""

import threading
from mmap import mmap

import pytest

from studybuddy.drivers.s3.rooms import Rooms
from studybuddy.units import KIB, MIB


def test_a_room_is_as_large_as_its_body() -> None:
    rooms = Rooms(64 * MIB)
    for size in (0, 1, 256 * KIB, 256 * KIB + 1, 5 * MIB):
        with rooms.holding(size) as room:
            assert len(room.view) == size
            room.view[:] = bytes(size)


def test_memory_is_handed_on_while_others_are_under_way_and_goes_back_at_the_end() -> None:
    rooms = Rooms(64 * MIB)
    other = rooms.take(MIB)
    first = rooms.take(8 * MIB)
    rooms.give_back(first, again=True)
    second = rooms.take(5 * MIB)
    assert second.memory is first.memory
    assert len(second.view) == 5 * MIB
    rooms.give_back(second, again=True)
    rooms.give_back(other, again=True)
    assert rooms.take(5 * MIB).memory is not first.memory


def test_what_somebody_may_still_be_sending_is_not_written_over() -> None:
    rooms = Rooms(64 * MIB)
    with rooms.holding(MIB):
        with pytest.raises(ConnectionError), rooms.holding(8 * MIB) as failed:
            raise ConnectionError
        assert rooms.take(8 * MIB).memory is not failed.memory


def test_spare_memory_is_bounded() -> None:
    rooms = Rooms(64 * MIB)
    rooms.take(MIB)
    many = [rooms.take(8 * MIB) for _ in range(7)]
    for room in many:
        rooms.give_back(room, again=True)
    again = {id(rooms.take(8 * MIB).memory) for _ in range(7)}
    assert len(again & {id(room.memory) for room in many}) == 4
    assert all(isinstance(room.memory, mmap) for room in many)


def test_who_finds_no_room_waits_until_another_leaves() -> None:
    rooms = Rooms(8 * MIB)
    first = rooms.take(8 * MIB)
    entered = threading.Event()

    def enter() -> None:
        with rooms.holding(MIB):
            entered.set()

    waiting = threading.Thread(target=enter)
    waiting.start()
    assert not entered.wait(0.2)
    rooms.give_back(first, again=True)
    waiting.join(30)
    assert entered.is_set()
