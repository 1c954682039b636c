"""What a file holds: text by page, cues, facts, pictures of it. Runs in the child process only."""

import errno
import importlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import cast

from studybuddy.kinds import FORMATS, extension_of
from studybuddy.processing.bounds import Bounds
from studybuddy.processing.results import Result, UnreadableError
from studybuddy.processing.source import Source, damaged

Reader = Callable[[Source], Iterator[Result]]

VERSION = 2
"""Raised whenever the same file would yield something else than before."""

# Each module's `read` takes files of these formats; it is imported with the first of them.
_MODULES = {
    "pdf": ("pdf",),
    "word": ("docx",),
    "slides": ("pptx",),
    "sheets": ("xlsx",),
    "opendocument": ("odt", "odp", "ods"),
    "books": ("epub",),
    "texts": ("txt", "md", "csv"),
    "html": ("html",),
    "notebooks": ("ipynb",),
    "captions": ("vtt", "srt"),
    "images": ("png", "jpg", "gif", "webp", "avif", "tiff", "heic", "svg"),
    "audio": ("m4a", "mp3", "wav", "flac", "ogg", "opus", "aac", "webm", "mka", "amr", "wma", "caf", "aiff"),
}
MODULES: Mapping[str, str] = MappingProxyType({name: module for module, names in _MODULES.items() for name in names})
_SAVE_AS = {"doc": "Word document (.docx)", "ppt": "PowerPoint presentation (.pptx)", "xls": "Excel workbook (.xlsx)"}
# Not the file's fault: no room for what is made of it, or a disk that fails.
_OURS = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ENOENT, errno.EMFILE, errno.ENFILE, errno.EROFS))


def readable(content_type: str) -> bool:
    """Tell whether there is anything to read in files of this type."""
    return extension_of(content_type) in MODULES


def extract(source: Path, *, kind: str, content_type: str, name: str, into: Path) -> Iterator[Result]:
    """Yield what the file holds; what is made from it is written into `into`.

    Raises UnreadableError when the bytes are not what they claim to be.
    """
    opened = Source(source, extension_of(content_type), into)
    if not opened.size:
        raise UnreadableError("The file is empty", fix="Look for a copy that is not, and add that.")
    try:
        yield from Bounds().keep(_reader(opened)(opened))
    except (UnreadableError, MemoryError, ImportError, NameError):
        raise
    except Exception as error:
        # Readers of foreign formats raise errors of every sort for bytes that they do not expect.
        if isinstance(error, OSError) and error.errno in _OURS:
            raise
        raise damaged(opened) from error


def _reader(source: Source) -> Reader:
    module = MODULES.get(source.extension)
    if module is None:
        known = FORMATS[source.extension]
        better = _SAVE_AS.get(source.extension, "PDF or plain text")
        raise UnreadableError(f"It is {known.words}, which is not read here", fix=f"Save it as {better}, and add that.")
    return cast(Reader, importlib.import_module(f"studybuddy.processing.{module}").read)
