"""Sources of bytes that behave badly, and the bytes themselves."""

import random

from studybuddy.streams import Readable


def some_bytes(size: int, *, seed: int = 1) -> bytes:
    """Return the same bytes for the same size and seed."""
    return random.Random(seed).randbytes(size)


class Endless:
    """Gives `size` bytes without holding them; the same ones, however they are cut."""

    _BLOCK = some_bytes(1024 * 1024, seed=9)

    def __init__(self, size: int) -> None:
        self._size = size
        self._position = 0

    def read(self, size: int = -1, /) -> bytes:
        left, start = self._size - self._position, self._position % len(self._BLOCK)
        piece = self._BLOCK[start : start + min(left, left if size < 0 else size)]
        self._position += len(piece)
        return piece


class Breaking:
    """Gives `good` bytes, then raises `error`."""

    def __init__(self, good: int, error: Exception) -> None:
        self._source: Readable = Endless(good)
        self._error = error

    def read(self, size: int = -1, /) -> bytes:
        piece = self._source.read(size)
        if not piece:
            raise self._error
        return piece
