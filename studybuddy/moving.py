"""One object from one storage to another: every byte that arrives is checked against what the catalog says.

Knows no catalog, so that it can run in many threads and in other processes.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from studybuddy.errors import (
    IntegrityError,
    ObjectNotFoundError,
    PermissionDeniedError,
    SourceDamagedError,
    SourceUnavailableError,
    UnavailableError,
    UnsupportedError,
)
from studybuddy.storage import Storage
from studybuddy.streams import HashingReader, Readable


def copy_object(  # noqa: PLR0913
    source: Storage, source_key: str, target: Storage, key: str,
    *, size: int, sha256: str, content_type: str, passing: Callable[[int], None] = lambda _: None,
) -> None:  # fmt: skip
    """Copy an object of this size and hash, by the provider itself where it can; verified when this returns.

    `passing` is told how many bytes have come by, again and again; what it raises ends the copy.
    When this raises, nothing is left at `key`: SourceDamagedError when the source holds other bytes,
    SourceUnavailableError when it does not answer, ObjectNotFoundError when it has nothing there;
    another StorageError when the target fails.
    """
    try:
        _copy_within(source, source_key, target, key, size=size, sha256=sha256)
    except (UnsupportedError, PermissionDeniedError, ObjectNotFoundError):
        # Keys that write to the target may not read the source, and a "not found" does not tell in which of the two.
        _stream(source, source_key, target, key, size=size, sha256=sha256, content_type=content_type, passing=passing)


def _copy_within(  # noqa: PLR0913
    source: Storage, source_key: str, target: Storage, key: str, *, size: int, sha256: str
) -> None:
    try:
        target.copy_from(source, source_key, key, size=size, sha256=sha256)
    except IntegrityError:
        with _errors_of(source, source_key):
            source.verify(source_key, size=size, sha256=sha256)
        raise  # the source is whole: it is the copy that is not


def _stream(  # noqa: PLR0913
    source: Storage, source_key: str, target: Storage, key: str,
    *, size: int, sha256: str, content_type: str, passing: Callable[[int], None],
) -> None:  # fmt: skip
    with ExitStack() as stack:
        with _errors_of(source, source_key):
            opened = stack.enter_context(source.read(source_key))
        checked = _Checked(opened, source, source_key, size=size, sha256=sha256, passing=passing)
        target.write_hashed(key, checked, size=size, content_type=content_type)


class _Checked(HashingReader):
    """The source's bytes on their way; what is wrong with them is told as the source's fault."""

    def __init__(  # noqa: PLR0913
        self, opened: Readable, source: Storage, key: str, *, size: int, sha256: str, passing: Callable[[int], None]
    ) -> None:
        super().__init__(opened, size=size, sha256=sha256)
        self._storage = source
        self._key = key
        self._passing = passing

    def read(self, size: int = -1, /) -> bytes:
        with _errors_of(self._storage, self._key):
            piece = super().read(size)
        self._passing(len(piece))
        return piece


@contextmanager
def _errors_of(source: Storage, key: str) -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise SourceDamagedError(
            f"{source.label} holds a damaged copy: {error}", key=key, fix="Add the file again."
        ) from error
    except UnavailableError as error:
        raise SourceUnavailableError(str(error), key=error.key, fix=error.fix) from error
