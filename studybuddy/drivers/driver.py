"""The contract of a driver: the code that speaks to one kind of storage."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from studybuddy.drivers.counters import Counter
from studybuddy.errors import StudyBuddyError
from studybuddy.streams import Readable

if TYPE_CHECKING:
    from studybuddy.drivers.checks import Check
    from studybuddy.drivers.setup_steps import BucketPlan, PolicyUse, SetupStep


@dataclass(frozen=True, slots=True)
class Written:
    """What a storage says of an object that it has just taken."""

    size: int
    verified: bool  # reading it back would tell nothing new: the storage itself has checked the bytes that we sent
    sha256: str | None = None  # hex; the storage computed it over the whole object


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What a storage says of an object."""

    key: str
    size: int | None  # None, in a list only: the storage does not tell; whether there are bytes, reading tells
    modified_at: datetime  # aware
    content_type: str | None = None  # None: the storage keeps none


class Driver(Protocol):
    """One provider's objects. Keys are already checked; every error is a StorageError, or NoSpaceError on this disk.

    - `check` raises when the storage cannot be used; its error says why and what to do.
    - `write` is atomic: if `source` raises or is not `size` bytes long (IntegrityError), nothing new is visible and
      the error passes through; when it returns, the bytes are durable. The same bytes again are no error. A key that
      holds other bytes raises ObjectExistsError where the provider can tell, and is replaced whole where it cannot:
      keys are never reused.
    - `read` opens the half-open range of bytes [start, stop); `stop` behind the end means the end; a `start`
      behind the end raises InvalidRangeError; an empty object read from 0 is empty. Errors may also come while reading.
    - `delete` of nothing is no error. `list` yields whole keys in byte order, also those whose bytes cannot be read.
    - A driver whose storage is only read raises ReadOnlyError from `write`, `delete` and `copy_from`.
    - A `start` at an object's end, or behind it, is behind the end; [n, n) inside an object is empty.
    - `url` is a link that any browser can follow for `expires`, or None where the provider has none; the answer
      carries `disposition` (a Content-Disposition) and `content_type`. Where everyone may read, an inline link may be
      a plain one, which never ends and carries neither.
    - `copy_from` is done by the provider, or raises UnsupportedError; `size` is what the source's object should have.
    """

    def check(self) -> None: ...
    def write(self, key: str, source: Readable, *, size: int, content_type: str) -> Written: ...
    def read(self, key: str, *, start: int = 0, stop: int | None = None) -> AbstractContextManager[Readable]: ...
    def stat(self, key: str) -> ObjectInfo: ...
    def delete(self, key: str) -> None: ...
    def list(self, prefix: str = "") -> Iterator[ObjectInfo]: ...
    def url(self, key: str, *, expires: timedelta, disposition: str, content_type: str) -> str | None: ...
    def copy_from(self, source: "Driver", source_key: str, key: str, *, size: int) -> Written: ...


@runtime_checkable
class TakesFiles(Protocol):
    """A driver whose objects are files: it can move a finished file into place instead of reading it again."""

    def take(self, key: str, path: Path, *, size: int) -> Written:
        """Move `path` to `key`, durably and atomically.

        Raises UnsupportedError, and leaves `path` as it was, when it lies in another file system.
        """
        ...


@runtime_checkable
class HoldsFiles(Protocol):
    """A driver whose objects are files, which can be read in place."""

    def file_at(self, key: str) -> Path:
        """Return the file that an object is; it need not be there."""
        ...


@dataclass(frozen=True, slots=True)
class Held:
    """A small object that is wholly in memory."""

    key: str
    content: bytes
    sha256: str  # of the content, in hex
    content_type: str


@runtime_checkable
class WritesMany(Protocol):
    """A driver that writes many small objects in little more time than one."""

    def write_many(self, objects: Sequence[Held]) -> "list[Written | StudyBuddyError]":
        """Write each durably, or say why not; nothing is left of it then.

        Unlike with `write`, a crash may leave a part of an object: the catalog must know what is being written.
        """
        ...


@runtime_checkable
class ReadsMany(Protocol):
    """A driver that reads many small objects in little more time than one."""

    def read_many(self, keys: Sequence[str]) -> Generator[bytes | None, None, None]:
        """Yield each object's bytes; None where they did not come: whoever reads it by itself is told why."""
        ...


@dataclass(frozen=True, slots=True)
class CopyOf:
    """A copy to be made of a small object."""

    source_key: str
    key: str
    size: int  # in bytes
    is_new: bool = False  # `key` was made for it just now: that nothing is there need not be asked


@runtime_checkable
class CopiesMany(Protocol):
    """A driver whose storage copies many small objects within itself in little more time than one."""

    def copies_from(self, source: "Driver") -> bool:
        """Tell whether objects can go from there to here without coming by."""
        ...

    def copy_many(self, source: "Driver", copies: Sequence[CopyOf]) -> "list[Written | StudyBuddyError]":
        """Make each as `copy_from` does, or say why not; nothing is left of it then."""
        ...


@runtime_checkable
class KeepsTemporaryFiles(Protocol):
    """A driver that leaves temporary files behind when its process dies."""

    def stale_temporary(self, alive: Callable[[str], bool]) -> Sequence[Path]:
        """Return the temporary files of the writers that are not `alive`."""
        ...

    def remove_stale_temporary(self, alive: Callable[[str], bool]) -> None:
        """Remove the temporary files of the writers that are not `alive`."""
        ...

    def unfinished_keys(self) -> Sequence[str]:
        """Return the keys of all objects of which something is kept until the rest comes."""
        ...


class Unfinished(Protocol):
    """An object of which a part has come, or nothing yet; it is seen when all of it has."""

    @property
    def held(self) -> int:
        """How many of its first bytes are there."""
        ...

    def read(self) -> AbstractContextManager[Readable] | None:
        """Open the bytes that are there; None where they cannot be read, only be told from others."""
        ...

    def write(self, source: Readable) -> Written:
        """Write the rest; what has come stays when this raises.

        `source` begins behind the bytes that can be read; else it gives all, and of those that are there none is sent.
        """
        ...


@runtime_checkable
class KeepsUnfinishedObjects(Protocol):
    """A driver whose storage can keep what came of a large object, unseen but paid for, until the rest comes."""

    def keeps_unfinished(self, size: int) -> bool:
        """Tell whether an object of so many bytes is kept so."""
        ...

    def unfinished(self, key: str, *, size: int, content_type: str, is_new: bool) -> Unfinished:
        """Return an object that is to be written, with what came of it before; nothing did when it `is_new`."""
        ...

    def drop_unfinished(self, key: str) -> None:
        """Drop what came of `key` and was never finished."""
        ...


@runtime_checkable
class LeavesProbes(Protocol):
    """A driver whose checks leave a probe behind when its storage falls silent in the middle of one."""

    def remove_probes(self) -> None:
        """Delete the probes of this process that may still be there; asks nothing when there is none."""
        ...


@runtime_checkable
class KeepsChecksums(Protocol):
    """A driver whose storage may keep the SHA-256 of whole objects."""

    @property
    def keeps_checksums(self) -> bool: ...

    def checksum(self, key: str) -> str | None:
        """Return the hex SHA-256 that the storage keeps of an object, for one request; None: of this one, none."""
        ...


@runtime_checkable
class Marked(Protocol):
    """A driver whose storage holds a mark by which it is known: an empty folder is not one whose disk is away."""

    def is_storage(self, identity: str) -> bool:
        """Tell whether the storage with this identity is there."""
        ...


@runtime_checkable
class MadeAtFirstUse(Protocol):
    """A driver whose storage, when it is missing and never held a file, is made by the first write."""

    def will_be_made(self) -> str:
        """Say what the first write makes, and what that takes; "" when nothing is missing or nothing may be made."""
        ...


@runtime_checkable
class SetsUp(Protocol):
    """A driver that can set its storage up at the provider."""

    def set_up(self, wanted: "BucketPlan", *, dry_run: bool) -> "Iterator[SetupStep]":
        """Bring it into the wanted state, each step when it is asked for; with `dry_run` only say what would be done.

        A second run finds everything as it should be and changes nothing. No error is raised: it is a step's outcome.
        """
        ...

    def policy(self, use: "PolicyUse") -> dict[str, Any]:
        """Return the policy that gives the keys what they need for `use`, and no more."""
        ...


@runtime_checkable
class Diagnosable(Protocol):
    """A driver that can tell what is wrong with its storage."""

    def diagnose(self) -> "Iterator[Check]":
        """Look at everything that Study Buddy needs there, one check after another; nothing stays behind."""
        ...


@runtime_checkable
class CountsRequests(Protocol):
    """A driver that counts what its storage is asked."""

    @property
    def counter(self) -> Counter: ...


@runtime_checkable
class HoldsForeignKeys(Protocol):
    """A driver whose objects were named by others: it knows itself which keys can be asked for."""

    def check_key(self, key: str) -> str:
        """Return `key` when it can be asked for; raise InvalidKeyError otherwise."""
        ...
