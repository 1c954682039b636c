"""A person's own folders: what lies in them to be added, and what their structure says."""

import os
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from studybuddy import fields

Mode = Literal["session", "tag"]

_OF_THE_SYSTEM = frozenset(
    ("thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "__macosx", "$recycle.bin", "system volume information")
)
_OF_A_PROGRAM = ("~$", ".~lock.")  # Office and LibreOffice leave them beside an open document
# Rules of ours leave these out; any other problem is the system's.
_SYSTEMS_OWN = "it belongs to the system or to an open program"
_HIDDEN = "it is hidden"
_LINK = "it is a link, and links are not followed"
_EMPTY = "it is an empty folder"
_NO_FILE = "it is no file, but a device, a pipe or a socket"
_LEFT_OUT = frozenset((_SYSTEMS_OWN, _HIDDEN, _LINK, _EMPTY, _NO_FILE))
_NO_FOLDER = frozenset(("/", "//", ".", ".."))


@dataclass(frozen=True, slots=True)
class Found:
    """A file to add, or something that is skipped."""

    path: Path
    relative: PurePosixPath  # below what was asked for, whose own name comes first
    problem: str = ""  # why it is skipped, e.g. "it is hidden"; empty: add it

    @property
    def failed(self) -> bool:
        """Whether it was meant to be added and cannot be."""
        return self.problem not in {"", *_LEFT_OUT}


def walk(paths: Sequence[Path]) -> Iterator[Found]:
    """Yield every file at and below `paths`, and every thing that is skipped with its reason.

    The order is that of the names, whatever the system's. Links are followed only when they are asked for by name.
    """
    for path in paths:
        # Of `.` or `..` only the real folder has a name.
        relative = PurePosixPath(path.name if path.name not in ("", "..") else path.resolve().name)
        try:
            is_folder = stat.S_ISDIR(path.stat().st_mode)
        except (OSError, ValueError) as error:
            yield Found(path, relative, _cannot(error))
            continue
        if is_folder:
            yield from _walk_folder(path, relative)
        else:
            yield Found(path, relative, _problem(path))


def place(relative: PurePosixPath, *, mode: Mode) -> tuple[str | None, tuple[str, ...]]:
    """Return the title of the session (None: there is no folder to name it) and the tags that a file's folders ask for.

    In mode `session` the first folder is the session and deeper ones are tags; in mode `tag` all are tags.
    `relative` may come from a browser: parts that are no folder's name are left out, long ones are cut.
    """
    names = [part for part in relative.parts[:-1] if part not in _NO_FOLDER and part.replace("\x00", "").strip()]
    title = None
    if mode == "session" and names:
        title = fields.title(_cut(names.pop(0), fields.MAX_TITLE))
    return title, fields.tags(_cut(name, fields.MAX_TAG) for name in names[: fields.MAX_TAGS])


def _walk_folder(top: Path, relative: PurePosixPath) -> Iterator[Found]:
    # A stack, not recursion: a tree may be deeper than Python's calls.
    waiting = [(Found(top, relative), True)]
    while waiting:
        found, is_folder = waiting.pop()
        if not is_folder or found.problem:
            yield found
            continue
        try:
            inside = _entries(found)
        except OSError as error:
            yield Found(found.path, found.relative, _cannot(error))
            continue
        if not inside:
            yield Found(found.path, found.relative, _EMPTY)
        waiting.extend(reversed(inside))


def _entries(folder: Found) -> list[tuple[Found, bool]]:
    """Return what lies in a folder, in order, each with whether it is a folder itself."""
    with os.scandir(folder.path) as entries:
        ordered = sorted(entries, key=lambda entry: (unicodedata.normalize("NFC", entry.name).casefold(), entry.name))
    return [
        (
            Found(Path(entry.path), folder.relative / entry.name, _entry_problem(entry)),
            entry.is_dir(follow_symlinks=False),
        )
        for entry in ordered
    ]


def _entry_problem(entry: os.DirEntry[str]) -> str:
    name = entry.name.lower()
    if name in _OF_THE_SYSTEM or name.startswith(_OF_A_PROGRAM):
        return _SYSTEMS_OWN
    if name.startswith("."):
        return _HIDDEN
    if entry.is_symlink():
        return _LINK
    if entry.is_dir(follow_symlinks=False) or (entry.is_file() and os.access(entry.path, os.R_OK)):
        return ""
    return _problem(Path(entry.path))


def _problem(path: Path) -> str:
    """Say why what lies at `path`, no folder, cannot be added; "" when it can."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return _NO_FILE
        return "" if os.access(path, os.R_OK) else "it may not be read: permission denied"
    except OSError as error:
        return _cannot(error)


def _cannot(error: OSError | ValueError) -> str:
    match error:
        case FileNotFoundError():
            return "it does not exist"
        case PermissionError():
            return "it may not be read: permission denied"
        case OSError(strerror=str() as reason):
            return f"it cannot be read: {reason.lower()}"
    return "it cannot be read: its name is malformed"


def _cut(name: str, limit: int) -> str:
    tidy = " ".join(name.split())
    return tidy if len(tidy) <= limit else tidy[: limit - 1].rstrip() + "…"
