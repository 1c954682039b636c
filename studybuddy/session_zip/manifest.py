"""The manifest of a session's zip: what is in it, each file with its SHA-256. What comes from outside is checked."""

import json
import re
from collections.abc import Hashable, Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from types import NoneType
from typing import Any, TypeVar, cast, get_args, get_type_hints

from studybuddy.errors import InvalidInputError
from studybuddy.units import parse_time

NAME = "manifest.json"
FORMAT, VERSION = "study-buddy-session", 1
_MOST = 2**53
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_GUID = re.compile(r"[0-9a-f]{32}")
_SHA256 = re.compile(r"[0-9a-f]{64}")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class About:
    """The session itself."""

    title: str
    subject: str
    description: str
    tags: list[str]


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file, and the entry that holds its bytes."""

    entry: str
    name: str
    kind: str  # for readers; whoever brings it in looks at the bytes
    size: int
    sha256: str
    created_at: str
    origin_url: str | None


@dataclass(frozen=True, slots=True)
class LectureEntry:
    """A lecture; `recording` counts the files from 0."""

    title: str
    recorded_on: str | None
    recording: int | None


@dataclass(frozen=True, slots=True)
class MarkEntry:
    """A note or a bookmark of a file, or of a lecture without a recording; both are counted from 0."""

    kind: str
    file: int | None
    lecture: int | None
    at_ms: int
    text: str
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class PinEntry:
    """A page of a document at a moment of a recording."""

    file: int
    document: int
    page: int
    at_ms: int
    created_at: str


@dataclass(frozen=True, slots=True)
class TranscriptEntry:
    """What is said in a file, and the caption file or text that it was read from (None: from no file)."""

    entry: str
    file: int
    source: int | None
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class CardEntry:
    """A flashcard, how well it is known (as FSRS has it), and the file that it was made from."""

    guid: str
    file: int | None
    page: int | None
    at_ms: int | None
    front: str
    back: str
    stage: int
    step: int | None
    stability: float | None
    difficulty: float | None
    due_at: str
    reviewed_at: str | None
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """All of a zip."""

    exported_at: str
    session: About
    files: list[FileEntry]
    lectures: list[LectureEntry]
    marks: list[MarkEntry]
    pins: list[PinEntry]
    transcripts: list[TranscriptEntry]
    cards: list[CardEntry]


def dumped(manifest: Manifest) -> bytes:
    """Return a manifest as JSON."""
    document = {"format": FORMAT, "version": VERSION} | asdict(manifest)
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def loaded(content: bytes) -> Manifest:
    """Read a manifest; raise InvalidInputError for anything that is none, or not whole."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _wrong("it is no JSON") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise _wrong("it is not one of Study Buddy's")
    if document.get("version") != VERSION:
        raise InvalidInputError(
            f"The zip has version {str(document.get('version'))[:20]}; this program knows {VERSION}",
            fix="Bring it in with the newest Study Buddy.",
        )
    manifest: Manifest = _taken(Manifest, document)
    _check_whole(manifest)
    return manifest


def _taken(kind: type[T], value: object) -> T:
    """Turn JSON into one of the classes above, each value of the type that it says."""
    if not isinstance(value, Mapping):
        raise _wrong(f"{kind.__name__} is missing")
    hints = _hints(cast(Hashable, kind))
    return kind(**{field.name: _value(field.name, hints[field.name], value.get(field.name)) for field in fields(kind)})  # type: ignore[arg-type]


@cache
def _hints(kind: Hashable) -> dict[str, Any]:
    return get_type_hints(cast(type, kind))


def _value(name: str, hint: Any, value: Any) -> Any:
    if getattr(hint, "__origin__", None) is list:
        (of,) = get_args(hint)
        if not isinstance(value, list):
            raise _wrong(f"{name} is no list")
        return [_value(name, of, one) for one in value]
    if hasattr(hint, "__dataclass_fields__"):
        return _taken(hint, value)
    allowed = get_args(hint) or (hint,)
    if type(value) not in allowed and not (value is None and NoneType in allowed):
        raise _wrong(f"{name} is {str(value)[:40]!r}")
    _check(name, value)
    return value


def _check(name: str, value: Any) -> None:
    if isinstance(value, int | float) and not 0 <= value < _MOST:  # neither is what is no number at all
        raise _wrong(f"{name} is {value}")
    if isinstance(value, str) and name.endswith("_at"):
        _check_time(name, value)
    if name == "sha256" and not _SHA256.fullmatch(value):
        raise _wrong(f"sha256 is {value[:70]!r}")


def _check_time(name: str, value: str) -> None:
    try:
        if _TIME.fullmatch(value) and parse_time(value):
            return
    except ValueError:
        pass
    raise _wrong(f"{name} is {value[:40]!r}")


def _check_whole(manifest: Manifest) -> None:
    """Raise InvalidInputError where its parts do not fit together."""
    file_numbers = [
        *(lecture.recording for lecture in manifest.lectures),
        *(mark.file for mark in manifest.marks),
        *(number for pin in manifest.pins for number in (pin.file, pin.document)),
        *(number for one in manifest.transcripts for number in (one.file, one.source)),
        *(card.file for card in manifest.cards),
    ]
    if any(number is not None and number >= len(manifest.files) for number in file_numbers):
        raise _wrong("something belongs to a file that is not in it")
    lectures = len(manifest.lectures)
    if any(mark.lecture is not None and mark.lecture >= lectures for mark in manifest.marks):
        raise _wrong("something belongs to a lecture that is not in it")
    if any(mark.kind not in {"note", "bookmark"} for mark in manifest.marks):
        raise _wrong("a mark is neither a note nor a bookmark")
    if len({row.entry for row in manifest.files}) < len(manifest.files):
        raise _wrong("two of its files are the same entry")
    if any(card.stage not in {1, 2, 3} or not _GUID.fullmatch(card.guid) for card in manifest.cards):
        raise _wrong("a card is none")
    if any((mark.file is None) == (mark.lecture is None) for mark in manifest.marks):
        raise _wrong("a mark belongs to nothing")


def _wrong(what: str) -> InvalidInputError:
    return InvalidInputError(
        f"The zip's {NAME} cannot be read: {what}", fix="Take a zip that Study Buddy made from a session."
    )
