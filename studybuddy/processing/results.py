"""What reading a file yields, piece by piece: the words between who opens files and who keeps what is found."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from studybuddy.errors import StudyBuddyError

DerivedName = Literal["thumbnail", "peaks", "playable"]


@dataclass(frozen=True, slots=True)
class Page:
    """The text of a page of a PDF, a slide, a sheet, a chapter; a text without pages is page 1."""

    number: int  # from 1
    text: str


@dataclass(frozen=True, slots=True)
class Cue:
    """What is said between two moments."""

    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a file, e.g. duration_ms, codec, sample_rate, bit_rate, channels, title, width, pages."""

    values: Mapping[str, str | int | float]


@dataclass(frozen=True, slots=True)
class Derived:
    """A file made from another, written into the job's own folder."""

    name: DerivedName
    file: Path
    content_type: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reading is."""

    done: float  # 0 to 1


@dataclass(frozen=True, slots=True)
class Remark:
    """What the person should know: "Pages 3 to 9 have no text: scanned"."""

    text: str


Result = Page | Cue | Facts | Derived | Progress | Remark


class UnreadableError(StudyBuddyError):
    """Raised when a file's bytes cannot be read as what they claim to be; trying again would change nothing."""

    code = "unreadable"
