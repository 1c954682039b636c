"""The names that people give their files: kept as given, shown without tricks."""

import re
import unicodedata
from pathlib import PurePosixPath
from urllib.parse import quote

from studybuddy.errors import InvalidInputError

MAX_NAME_BYTES = 255
_HIDDEN = re.compile("[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|(com|lpt)[0-9¹²³]) *(\.|$)")


def clean_name(name: str) -> str:
    """Return a name as the catalog keeps it: as given, at most 255 bytes of UTF-8, never empty.

    A longer name is cut between characters and keeps its extension. A NUL is refused with InvalidInputError.
    """
    if "\x00" in name:
        raise InvalidInputError("The file's name holds a NUL character", fix="Rename the file and add it again.")
    name = _cut(name.encode("utf-8", "replace").decode("utf-8"), MAX_NAME_BYTES)
    return name if name.strip() else "untitled"


def shown_name(name: str) -> str:
    """Return a name for the eye: no control characters, no marks that turn the reading direction."""
    shown = _HIDDEN.sub("", name)
    return shown if shown.strip() else "untitled"


def safe_name(name: str) -> str:
    """Return a name that any file system takes, for writing a file to a person's disk."""
    name = _UNSAFE.sub("_", shown_name(unicodedata.normalize("NFC", name)))
    name = _cut(name, MAX_NAME_BYTES - 1).rstrip(". ")
    return f"_{name}" if _RESERVED.match(name) or not name.strip("._ ") else name


def content_disposition(name: str, *, attachment: bool) -> str:
    """Return the header value that carries a name back to a browser (RFC 6266, RFC 8187)."""
    plain = _UNSAFE.sub("_", name.encode("ascii", "replace").decode()).replace("\x7f", "_").replace("%", "_")
    kind = "attachment" if attachment else "inline"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _cut(name: str, limit: int) -> str:
    if len(name.encode()) <= limit:
        return name
    suffix = PurePosixPath(name).suffix
    if len(suffix.encode()) > 20:
        suffix = ""
    stem = name.encode()[: limit - len(suffix.encode())].decode("utf-8", "ignore")
    return stem + suffix
