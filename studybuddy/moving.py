"""One object from one storage to another: every byte that arrives is checked against what the catalog says.

Knows no catalog, so that it can run in many threads and in other processes.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from studybuddy.errors import (
    IntegrityError,
    NoSpaceError,
    ObjectExistsError,
    ObjectNotFoundError,
    PermissionDeniedError,
    SourceDamagedError,
    SourceMissingError,
    SourceUnavailableError,
    StudyBuddyError,
    UnavailableError,
    UnsupportedError,
    WorkerLostError,
)
from studybuddy.settings.places import LocalSettings
from studybuddy.storage import Storage
from studybuddy.streams import HashingReader, Passing, Readable, chunks
from studybuddy.units import MIB

_LARGE_BYTES = 64 * MIB


@dataclass(frozen=True, slots=True)
class Resumption:
    """How a large object is copied that is gone on with after a break, where its target keeps what has come."""

    is_new: bool  # nothing was sent of it before
    held: Passing = lambda _: None  # told how many bytes need not come by, because the target has them


def copy_object(  # noqa: PLR0913
    source: Storage, source_key: str, target: Storage, key: str,
    *, size: int, sha256: str, content_type: str, passing: Passing = lambda _: None,
    resumption: Resumption | None = None,
) -> None:  # fmt: skip
    """Copy an object of this size and hash, by the provider itself where it can; verified when this returns.

    `passing` is told how many bytes have come by, again and again; what it raises ends the copy.
    When this raises, nothing is left at `key`, unless a storage fell silent or `passing` raised: SourceDamagedError
    when the source holds other bytes, SourceUnavailableError when it does not answer, SourceMissingError when it has
    nothing there; another StorageError when the target fails. With `resumption`, what has come is left, unseen.
    """
    original = _Original(source, source_key, size, sha256, passing)
    with original.judged():
        _Copying(original, target, key, content_type, resumption).run()


def goes_on(target: Storage, size: int, error: BaseException | None = None) -> bool:
    """Tell whether the next try of a copy, which ended by an error, goes on with what has come of it."""
    # What is on a full disk makes room.
    anew = isinstance(error, IntegrityError | ObjectExistsError | NoSpaceError | WorkerLostError)
    return not anew and target.keeps_unfinished(size)


def end_copy(  # noqa: PLR0913
    source: Storage, source_key: str, target: Storage, key: str,
    *, size: int, sha256: str, content_type: str, passing: Passing, failure: StudyBuddyError | None,
) -> None:  # fmt: skip
    """End a copy that the provider made, or failed to make, together with others. Raises as `copy_object` does."""
    original = _Original(source, source_key, size, sha256, passing)
    with original.judged():
        _Copying(original, target, key, content_type).end(failure)


def fetch_object(source: Storage, key: str, *, size: int, sha256: str, passing: Passing = lambda _: None) -> bytes:
    """Return a small object of this size and hash, to be written together with others. Raises as `copy_object` does."""
    original = _Original(source, key, size, sha256, passing)
    with original.judged(), original.opened() as stream:
        return b"".join(chunks(stream))


@dataclass(frozen=True, slots=True)
class _Original:
    """An object that is copied, and what the catalog says of it."""

    storage: Storage
    key: str
    size: int
    sha256: str
    passing: Passing

    @contextmanager
    def opened(self, *, start: int = 0) -> Iterator["_Checked"]:
        with ExitStack() as stack:
            with _errors_of(self.storage, self.key):
                opened = stack.enter_context(self.storage.read(self.key, start=start))
            yield _Checked(opened, self)

    @contextmanager
    def judged(self) -> Iterator[None]:
        """Look a second time before the source is called damaged."""
        try:
            yield
        except SourceDamagedError as error:
            # A bad line damages bytes on their way: only what is wrong when it is read again is the source's fault.
            self.verify()
            raise IntegrityError(f"{self.storage.label}: {self.key} changed on its way", key=self.key) from error

    def verify(self) -> None:
        """Raise SourceDamagedError when the source holds other bytes."""
        with _errors_of(self.storage, self.key):
            self.storage.verify(self.key, size=self.size, sha256=self.sha256, passing=self.is_wanted)

    def is_wanted(self, _: int) -> None:
        """Let `passing` end what reads bytes that do not count."""
        self.passing(0)


@dataclass(frozen=True, slots=True)
class _Copying:
    """One object on its way."""

    original: _Original
    target: Storage
    key: str
    content_type: str
    resumption: Resumption | None = None

    def run(self) -> None:
        # What the kernel copies tells nothing while it does: a pause would have to wait for it.
        if isinstance(self.target.place, LocalSettings) and self.original.size > _LARGE_BYTES:
            self._stream()
            return
        one, failure = self.original, None
        if self.resumption and not self.resumption.is_new and self.target.copies_many_from(one.storage):
            self.target.drop_unfinished(self.key)  # what the provider has begun it does not go on with
        try:
            self.target.copy_from(one.storage, one.key, self.key, size=one.size, sha256=one.sha256)
        except StudyBuddyError as error:
            failure = error
        self.end(failure)

    def end(self, failure: StudyBuddyError | None) -> None:
        """Do what is left to do when the provider has made the copy, or failed to."""
        match failure:
            case None:
                self.original.passing(self.original.size)
            case UnsupportedError() | PermissionDeniedError() | ObjectNotFoundError():
                # Keys that write to the target may not read the source, and a "not found" does not tell in which of
                # the two.
                self._stream()
            case IntegrityError():
                self.original.verify()
                raise failure  # the source is whole: it is the copy that is not
            case _:
                raise failure

    def _stream(self) -> None:
        one = self.original
        if self.resumption and self.target.keeps_unfinished(one.size):
            self._stream_rest(self.resumption)
            return
        with one.opened() as stream:
            self.target.write_hashed(
                self.key, stream, size=one.size, content_type=self.content_type, verifying=one.is_wanted
            )

    def _stream_rest(self, resumption: Resumption) -> None:
        """Send what the target does not have yet; all of it is hashed, where it is read again or at the target."""
        one = self.original
        unfinished = self.target.unfinished(
            self.key, size=one.size, content_type=self.content_type, is_new=resumption.is_new
        )
        before = unfinished.read()
        with one.opened(start=unfinished.held if before else 0) as stream:
            if before is not None:
                with before as held:
                    stream.pass_over(held, passing=one.is_wanted)
            elif isinstance(one.storage.place, LocalSettings):
                stream.untold = unfinished.held  # to read them from this disk costs nothing
            if before is not None or stream.untold:
                resumption.held(unfinished.held)
            self.target.finish(self.key, unfinished, stream, sha256=one.sha256, verifying=one.is_wanted)


class _Checked(HashingReader):
    """The source's bytes on their way; what is wrong with them is told as the source's fault."""

    def __init__(self, opened: Readable, original: _Original) -> None:
        super().__init__(opened, size=original.size, sha256=original.sha256)
        self._original = original
        self.untold = 0  # so many bytes pass without being told: they need not be sent

    def read(self, size: int = -1, /) -> bytes:
        with _errors_of(self._original.storage, self._original.key):
            piece = super().read(size)
        self._tell(len(piece))
        return piece

    def readinto(self, buffer: memoryview, /) -> int:
        with _errors_of(self._original.storage, self._original.key):
            came = super().readinto(buffer)
        self._tell(came)
        return came

    def _tell(self, came: int) -> None:
        known = min(came, self.untold)
        self.untold -= known
        self._original.passing(came - known)


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
