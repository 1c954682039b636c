"""Memory for bodies on their way: bounded over the whole process, and handed on from one body to the next."""

import mmap as mmap_module
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from mmap import mmap

from studybuddy.in_flight import InFlight
from studybuddy.units import KIB, MIB

IN_FLIGHT_BYTES = 64 * MIB  # a larger body goes alone
_SPARE_BYTES = 32 * MIB
_SMALL_BYTES = 256 * KIB
_HUGE_BYTES = 2 * MIB
_HUGE_PAGES: int | None = getattr(mmap_module, "MADV_HUGEPAGE", None)


@dataclass(frozen=True, slots=True)
class Room:
    """Memory for one body."""

    memory: mmap | bytearray
    size: int  # in bytes, of the body
    taken: int

    @property
    def view(self) -> memoryview:
        return memoryview(self.memory)[: self.size]


class Rooms:
    """The rooms of all bodies that are under way. Safe to use from several threads.

    To get memory from the system for each body takes half as long as to send it. When nothing is under way, all of it
    goes back.
    """

    def __init__(self, limit: int) -> None:
        self._in_flight = InFlight(limit)
        self._lock = threading.Lock()
        self._spare: list[mmap] = []
        self._under_way = 0

    def take(self, size: int) -> Room:
        """Wait until there is room for `size` bytes."""
        taken = self._in_flight.take(size)
        with self._lock:
            self._under_way += 1
            fitting = [one for one in self._spare if size <= len(one) <= 2 * size]
            if fitting:
                self._spare.remove(fitting[0])
                return Room(fitting[0], size, taken)
        return Room(bytearray(size) if size <= _SMALL_BYTES else _memory(size), size, taken)

    def give_back(self, room: Room, *, again: bool) -> None:
        """Let another body have the room; `again`: nobody reads what is in it any more, so its memory can be used."""
        with self._lock:
            self._under_way -= 1
            if again and isinstance(room.memory, mmap):
                self._spare.append(room.memory)
            while self._spare and (not self._under_way or sum(map(len, self._spare)) > _SPARE_BYTES):
                self._spare.pop(0)
        self._in_flight.give_back(room.taken)

    @contextmanager
    def holding(self, size: int) -> Iterator[Room]:
        """Hold a room. Who fails may have left a thread behind that still sends what is in it."""
        room = self.take(size)
        done = False
        try:
            yield room
            done = True
        finally:
            self.give_back(room, again=done)


def _memory(size: int) -> mmap:
    """Return memory that goes back to the system at once when it is let go.

    An allocator keeps what was freed: after a few large bodies in several threads, more than they ever held.
    """
    if os.name == "nt":
        return mmap(-1, size)
    # Private: shared memory is a file to the system, whose every page takes three times as long.
    found = mmap(-1, size, flags=mmap_module.MAP_PRIVATE | mmap_module.MAP_ANONYMOUS)
    if size >= _HUGE_BYTES and _HUGE_PAGES is not None:
        found.madvise(_HUGE_PAGES)
    return found


ROOMS = Rooms(IN_FLIGHT_BYTES)
