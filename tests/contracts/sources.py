"""Sources of bytes that behave badly, and the bytes themselves."""

import random

from studybuddy.streams import Readable


def some_bytes(size: int, *, seed: int = 1) -> bytes:
    """Return the same bytes for the same size and seed."""
    return random.Random(seed).randbytes(size)


class Endless:
    """Gives `size` bytes without holding them."""

    _BLOCK = some_bytes(1024 * 1024, seed=9)

    def __init__(self, size: int) -> None:
        self._left = size

    def read(self, size: int = -1, /) -> bytes:
        wanted = min(len(self._BLOCK), self._left, self._left if size < 0 else size)
        self._left -= wanted
        return self._BLOCK[:wanted]


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
