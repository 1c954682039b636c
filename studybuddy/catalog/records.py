"""What the catalog's rows are in the code."""

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from studybuddy.kinds import Kind

Row = TypeVar("Row")
CopyState = Literal["writing", "verified", "doomed", "bad"]


@dataclass(frozen=True, slots=True)
class StorageRow:
    """A storage that the catalog has met."""

    id: int
    url: str  # its identity
    label: str
    base_url: str
    region: str


@dataclass(frozen=True, slots=True)
class Session:
    """A titled collection of study material. Counts are of files that are not in the trash."""

    id: int
    title: str
    subject: str
    description: str
    created_at: str
    updated_at: str
    trashed_at: str | None
    file_count: int
    lecture_count: int
    size: int  # bytes
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """One thing that a person added."""

    id: int
    session_id: int
    kind: Kind
    name: str
    content_type: str
    size: int  # bytes
    sha256: str
    duration_ms: int | None
    wanted_storage_id: int | None
    wanted_reason: str
    current_copy_id: int | None
    created_at: str
    trashed_at: str | None
    origin_url: str | None
    upload_id: str | None
    storage_id: int | None = None  # of the current copy
    linked: bool = False  # shown in this session, kept in another


@dataclass(frozen=True, slots=True)
class Copy:
    """One object that holds one file's bytes."""

    id: int
    file_id: int | None
    storage_id: int
    key: str
    state: CopyState
    writer: str | None
    resumable: bool = False  # what came of it may be kept where it is until the rest comes


@dataclass(frozen=True, slots=True)
class Lecture:
    """One recorded teaching unit inside a session."""

    id: int
    session_id: int
    title: str
    recorded_on: str | None  # YYYY-MM-DD
    audio_file_id: int | None
    created_at: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A file that holds the same bytes as another."""

    file_id: int
    name: str
    session_id: int
    session_title: str


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """A part of a list, and the cursor that the next part starts after (None: this is the last)."""

    rows: tuple[Row, ...]
    next: str | None
