"""A file that is being added: what its person says of it, what its bytes tell, and what became of it."""

from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

from studybuddy import kinds
from studybuddy.catalog.records import Duplicate, File
from studybuddy.errors import StorageError
from studybuddy.kinds import FileType
from studybuddy.names import clean_name
from studybuddy.storage import Storage


@dataclass(frozen=True, slots=True)
class NewFile:
    """What a person says of a file that they add."""

    name: str
    session_id: int
    lecture_id: int | None = None  # None: a recording gets a lecture of its own
    lecture_title: str | None = None  # of that lecture; None: the file's name
    recorded_on: str | None = None  # the date of a recording, YYYY-MM-DD
    created_at: str | None = None  # None: now
    origin_url: str | None = None  # where it was before
    upload_id: str | None = None  # adding the same one again gives the file that it made


@dataclass(frozen=True, slots=True)
class Spooled:
    """A file's bytes, all there, with what was learnt from them."""

    source: Path | bytes  # a temporary file, or a small file's bytes
    size: int
    sha256: str
    type: FileType
    duration_ms: int | None
    new: NewFile


@dataclass(frozen=True, slots=True)
class Pending:
    """A file whose rows are written and whose object is not yet acknowledged."""

    spooled: Spooled
    file_id: int
    copy_id: int
    key: str
    storage: Storage
    failure: StorageError | None = None  # why it is not in the storage that it was meant for


@dataclass(frozen=True, slots=True)
class Added:
    """A saved file, where it is, and what its person should know."""

    file: File
    stored_in: str  # the storage's label
    wanted: str | None  # the label of the storage that it should be in, when that one failed
    reason: str  # why it failed, in plain words
    contradiction: str  # how the name contradicts the bytes
    duplicates: tuple[Duplicate, ...]


def spooled(source: Path | bytes, new: NewFile, *, size: int, sha256: str) -> Spooled:
    """Look at a file's bytes: its type, and a recording's length."""
    name = clean_name(new.name)
    if name != new.name:
        new = replace(new, name=name)
    with BytesIO(source) if isinstance(source, bytes) else source.open("rb") as stream:
        file_type = kinds.detect_in(stream, new.name)
        stream.seek(0)
        duration_ms = kinds.duration_in(stream, new.name) if file_type.kind == "audio" else None
    return Spooled(source, size, sha256, file_type, duration_ms, new)
