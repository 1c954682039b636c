"""The file that is being read, and what is said when it cannot be."""

from dataclasses import dataclass
from pathlib import Path

from studybuddy.kinds import FORMATS
from studybuddy.processing.results import UnreadableError


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read."""

    path: Path
    extension: str  # a name of `kinds.FORMATS`, found by its bytes
    into: Path  # the folder for what is made from it

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self.path.stat().st_size

    @property
    def words(self) -> str:
        """What it is, with its article, e.g. "a PDF"."""
        return FORMATS[self.extension].words


def damaged(source: Source, *, because: str = "") -> UnreadableError:
    """Make the error for bytes that are not what they claim to be."""
    reason = f": {because}" if because else ""
    return UnreadableError(
        f"It cannot be read as {source.words}, it is damaged or cut off{reason}",
        fix="Open it in a program of its kind. If that fails too, add a good copy of the file.",
    )


def locked(source: Source) -> UnreadableError:
    """Make the error for a file that only a password opens."""
    return UnreadableError(
        f"It is {source.words} that is protected by a password",
        fix="Save a copy without the password, and add that.",
    )


def too_large(what: str) -> UnreadableError:
    """Make the error for a file that would take more than reading it is worth; `what` is a whole sentence."""
    return UnreadableError(what, fix="The file is kept as it is. To have it read, add a smaller copy or a part of it.")
