"""One object from one storage to another: every byte that arrives is checked against what the catalog says.

Knows no catalog, so that it can run in many threads and in other processes.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from studybuddy.errors import (
    IntegrityError,
    ObjectNotFoundError,
    PermissionDeniedError,
    SourceDamagedError,
    SourceMissingError,
    SourceUnavailableError,
    UnavailableError,
    UnsupportedError,
)
from studybuddy.places import LocalSettings
from studybuddy.storage import Storage
from studybuddy.streams import HashingReader, Readable
from studybuddy.units import MIB

_LARGE_BYTES = 64 * MIB


def copy_object(  # noqa: PLR0913
    source: Storage, source_key: str, target: Storage, key: str,
    *, size: int, sha256: str, content_type: str, passing: Callable[[int], None] = lambda _: None,
) -> None:  # fmt: skip
    """Copy an object of this size and hash, by the provider itself where it can; verified when this returns.

    `passing` is told how many bytes have come by, again and again; what it raises ends the copy.
    When this raises, nothing is left at `key`, unless a storage fell silent or `passing` raised: SourceDamagedError
    when the source holds other bytes, SourceUnavailableError when it does not answer, SourceMissingError when it has
    nothing there; another StorageError when the target fails.
    """
    copy = _Copying(source, source_key, target, key, size, sha256, content_type, passing)
    try:
        copy.run()
    except SourceDamagedError as error:
        # A bad line damages bytes on their way: only what is wrong when it is read again is the source's fault.
        copy.verify_source()
        raise IntegrityError(f"{source.label}: {source_key} changed on its way", key=source_key) from error


@dataclass(frozen=True, slots=True)
class _Copying:
    """One object on its way."""

    source: Storage
    source_key: str
    target: Storage
    key: str
    size: int
    sha256: str
    content_type: str
    passing: Callable[[int], None]

    def run(self) -> None:
        # What the kernel copies tells nothing while it does: a pause would have to wait for it.
        if isinstance(self.target.place, LocalSettings) and self.size > _LARGE_BYTES:
            self._stream()
            return
        try:
            self._copy_within()
        except (UnsupportedError, PermissionDeniedError, ObjectNotFoundError):
            # Keys that write to the target may not read the source, and a "not found" does not tell in which of the
            # two.
            self._stream()

    def verify_source(self) -> None:
        """Raise SourceDamagedError when the source holds other bytes."""
        with _errors_of(self.source, self.source_key):
            self.source.verify(self.source_key, size=self.size, sha256=self.sha256, passing=self._is_wanted)

    def _copy_within(self) -> None:
        try:
            self.target.copy_from(self.source, self.source_key, self.key, size=self.size, sha256=self.sha256)
        except IntegrityError:
            self.verify_source()
            raise  # the source is whole: it is the copy that is not
        self.passing(self.size)

    def _stream(self) -> None:
        with ExitStack() as stack:
            with _errors_of(self.source, self.source_key):
                opened = stack.enter_context(self.source.read(self.source_key))
            checked = _Checked(opened, self)
            self.target.write_hashed(
                self.key, checked, size=self.size, content_type=self.content_type, verifying=self._is_wanted
            )

    def _is_wanted(self, _: int) -> None:
        """Let `passing` end what reads bytes that do not count."""
        self.passing(0)


class _Checked(HashingReader):
    """The source's bytes on their way; what is wrong with them is told as the source's fault."""

    def __init__(self, opened: Readable, copying: _Copying) -> None:
        super().__init__(opened, size=copying.size, sha256=copying.sha256)
        self._copying = copying

    def read(self, size: int = -1, /) -> bytes:
        with _errors_of(self._copying.source, self._copying.source_key):
            piece = super().read(size)
        self._copying.passing(len(piece))
        return piece


@contextmanager
def _errors_of(source: Storage, key: str) -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise SourceDamagedError(
            f"{source.label} holds a damaged copy: {error}", key=key, fix="Add the file again."
        ) from error
    except ObjectNotFoundError as error:
        raise SourceMissingError(f"{source.label}: {error}", key=key, fix="Add the file again.") from error
    except UnavailableError as error:
        raise SourceUnavailableError(str(error), key=error.key, fix=error.fix) from error
