"""Half-open ranges of an object's bytes."""

from studybuddy.errors import InvalidRangeError


def range_of(size: int, start: int, stop: int | None, *, key: str) -> tuple[int, int]:
    """Cut [start, stop) to an object of `size` bytes; raise InvalidRangeError when there is nothing at `start`."""
    check_range(start, stop, key=key)
    if start >= size and start > 0:
        raise InvalidRangeError(f"{key} ends before byte {start}", key=key)
    return start, size if stop is None else min(stop, size)


def check_range(start: int, stop: int | None, *, key: str) -> None:
    """Raise InvalidRangeError for a range that no object has."""
    if start < 0 or (stop is not None and stop < start):
        raise InvalidRangeError(f"{start} to {stop} is no range of bytes of {key}", key=key)
