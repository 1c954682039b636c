"""What a file is: decided by its bytes; its name decides only what bytes cannot tell."""

import codecs
import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from posixpath import splitext
from types import MappingProxyType
from typing import BinaryIO, Literal, get_args

from studybuddy.kinds.containers import HEAD_BYTES, Sample, Seekable
from studybuddy.kinds.signatures import identify
from studybuddy.names import shown_name
from studybuddy.units import MIB

logger = logging.getLogger(__name__)

Kind = Literal["document", "audio", "image", "caption", "other"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_MAX_DURATION_MS = 7 * 24 * 3600 * 1000
_MAX_DECODED_BYTES = 8 * MIB


@dataclass(frozen=True, slots=True)
class FileFormat:
    """A format that we know: how its files are kept, sent and called."""

    extension: str
    kind: Kind
    content_type: str
    words: str  # with its article, e.g. "a PDF"


@dataclass(frozen=True, slots=True)
class FileType:
    """What a file was found to be."""

    kind: Kind
    content_type: str
    extension: str
    contradicts: str = ""  # a sentence when the name claims something else than the bytes


_OOXML = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"

# Name, kind, content type, words. `webm-video` is the one name that is no extension.
_ROWS: tuple[tuple[str, Kind, str, str], ...] = (
    ("m4a", "audio", "audio/mp4", "an M4A recording"),
    ("mp3", "audio", "audio/mpeg", "an MP3 recording"),
    ("wav", "audio", "audio/wav", "a WAV recording"),
    ("flac", "audio", "audio/flac", "a FLAC recording"),
    ("ogg", "audio", "audio/ogg", "an Ogg recording"),
    ("opus", "audio", "audio/ogg", "an Opus recording"),
    ("aac", "audio", "audio/aac", "an AAC recording"),
    ("webm", "audio", "audio/webm", "a WebM recording"),
    ("mka", "audio", "audio/x-matroska", "a Matroska recording"),
    ("amr", "audio", "audio/amr", "an AMR recording"),
    ("wma", "audio", "audio/x-ms-wma", "a Windows Media recording"),
    ("caf", "audio", "audio/x-caf", "a Core Audio recording"),
    ("aiff", "audio", "audio/aiff", "an AIFF recording"),
    ("pdf", "document", "application/pdf", "a PDF"),
    ("pptx", "document", f"{_OOXML}.presentationml.presentation", "a PowerPoint presentation"),
    ("ppt", "document", "application/vnd.ms-powerpoint", "a PowerPoint 97 presentation"),
    ("docx", "document", f"{_OOXML}.wordprocessingml.document", "a Word document"),
    ("doc", "document", "application/msword", "a Word 97 document"),
    ("xlsx", "document", f"{_OOXML}.spreadsheetml.sheet", "an Excel workbook"),
    ("xls", "document", "application/vnd.ms-excel", "an Excel 97 workbook"),
    ("odt", "document", f"{_ODF}.text", "an OpenDocument text"),
    ("odp", "document", f"{_ODF}.presentation", "an OpenDocument presentation"),
    ("ods", "document", f"{_ODF}.spreadsheet", "an OpenDocument spreadsheet"),
    ("epub", "document", "application/epub+zip", "an EPUB book"),
    ("rtf", "document", "application/rtf", "a rich text document"),
    ("html", "document", "text/html", "a web page"),
    ("md", "document", "text/markdown", "a Markdown text"),
    ("txt", "document", "text/plain", "a plain text"),
    ("csv", "document", "text/csv", "a CSV table"),
    ("ipynb", "document", "application/x-ipynb+json", "a Jupyter notebook"),
    ("png", "image", "image/png", "a PNG picture"),
    ("jpg", "image", "image/jpeg", "a JPEG picture"),
    ("gif", "image", "image/gif", "a GIF picture"),
    ("webp", "image", "image/webp", "a WebP picture"),
    ("heic", "image", "image/heic", "a HEIC picture"),
    ("avif", "image", "image/avif", "an AVIF picture"),
    ("svg", "image", "image/svg+xml", "an SVG picture"),
    ("tiff", "image", "image/tiff", "a TIFF picture"),
    ("vtt", "caption", "text/vtt", "a WebVTT caption file"),
    ("srt", "caption", "application/x-subrip", "an SRT caption file"),
    ("mp4", "other", "video/mp4", "an MP4 video"),
    ("mov", "other", "video/quicktime", "a QuickTime video"),
    ("webm-video", "other", "video/webm", "a WebM video"),
    ("mkv", "other", "video/x-matroska", "a Matroska video"),
    ("ogv", "other", "video/ogg", "an Ogg video"),
    ("wmv", "other", "video/x-ms-wmv", "a Windows Media video"),
    ("avi", "other", "video/x-msvideo", "an AVI video"),
    ("zip", "other", "application/zip", "a ZIP archive"),
    ("tar", "other", "application/x-tar", "a tar archive"),
    ("gz", "other", "application/gzip", "a gzip archive"),
    ("xz", "other", "application/x-xz", "an xz archive"),
    ("7z", "other", "application/x-7z-compressed", "a 7z archive"),
    ("rar", "other", "application/vnd.rar", "a RAR archive"),
    ("bin", "other", "application/octet-stream", "of no kind that is known here"),
)
FORMATS: Mapping[str, FileFormat] = MappingProxyType(
    {name: FileFormat(name.partition("-")[0], kind, sent_as, words) for name, kind, sent_as, words in _ROWS}
)
EXTENSIONS = frozenset(known.extension for known in FORMATS.values())
"""All extensions that a key may have."""

# Of two formats that are sent as one, the first.
_BY_CONTENT_TYPE = {known.content_type: known.extension for known in reversed([*FORMATS.values()])}
_OTHER_NAMES = {
    **{"jpeg": "jpg", "jpe": "jpg", "jfif": "jpg", "htm": "html", "xhtml": "html", "tif": "tiff", "heif": "heic"},
    **{"oga": "ogg", "spx": "ogg", "weba": "webm", "wave": "wav", "aif": "aiff", "aifc": "aiff", "adts": "aac"},
    **{"m4b": "m4a", "m4p": "m4a", "m4r": "m4a", "m4v": "mp4", "qt": "mov", "3gp": "mp4", "3g2": "mp4", "3ga": "m4a"},
    **{"markdown": "md", "text": "txt", "tgz": "gz", "txz": "xz"},
}
# A name of the key's format is no lie about bytes of these.
_ALSO_HOLDS: Mapping[str, frozenset[str]] = {
    "mp4": frozenset(("m4a", "mov")),
    "mov": frozenset(("m4a", "mp4")),
    "ogg": frozenset(("opus", "ogv")),
    "opus": frozenset(("ogg",)),
    "ogv": frozenset(("ogg", "opus")),
    "webm": frozenset(("webm-video", "mkv", "mka")),
    "mkv": frozenset(("webm", "webm-video", "mka")),
    "mka": frozenset(("webm",)),
    "wmv": frozenset(("wma",)),
    "heic": frozenset(("avif",)),
    "zip": frozenset(("docx", "pptx", "xlsx", "odt", "odp", "ods", "epub")),
}
_TEXT_FORMATS = frozenset(("html", "md", "txt", "csv", "vtt", "srt"))
_TIMED = ("m4a", "mp3", "wav", "flac", "ogg", "opus", "wma", "aiff")  # tinytag takes AAC for MP3
_PLAYABLE = frozenset(
    FORMATS[name].content_type for name in ("m4a", "mp3", "wav", "flac", "ogg", "aac", "webm", "mp4", "webm-video")
)
_SHOWN_INLINE = frozenset(
    FORMATS[name].content_type
    for name in ("pdf", "png", "jpg", "gif", "webp", "avif", "txt", "md", "csv", "vtt", "srt")
) | frozenset(known.content_type for known in FORMATS.values() if known.kind == "audio")


def detect(path: Path, name: str) -> FileType:
    """Return what the file at `path`, called `name` by a person, is."""
    with path.open("rb", buffering=0) as stream:
        return detect_in(stream, name)


def detect_in(stream: Seekable, name: str) -> FileType:
    """Return what the bytes of an open file are."""
    claimed = _claim(name)
    sample = Sample(stream)
    if sample.size == 0 and claimed not in _TEXT_FORMATS:
        found = "bin"
    else:
        found = (identify(sample, claimed) if sample.size else claimed) or "bin"
    known = FORMATS[found]
    content_type = known.content_type
    if content_type.startswith("text/") and _is_utf8(sample.head, stream):
        content_type += "; charset=utf-8"
    contradicts = _contradiction(name, claimed, found, empty=sample.size == 0)
    return FileType(known.kind, content_type, known.extension, contradicts)


def extension_of(content_type: str) -> str:
    """Return the extension that a key of this type has, `bin` for a type that is not kept here."""
    return _BY_CONTENT_TYPE.get(_bare(content_type), "bin")


def duration_ms(path: Path) -> int | None:
    """Return how long a recording is; None when its bytes do not tell."""
    with path.open("rb") as stream:
        return duration_in(stream, path.name)


def duration_in(stream: BinaryIO, name: str) -> int | None:
    """Return how long the recording in an open file is."""
    from tinytag import TinyTag  # noqa: PLC0415

    if identify(Sample(stream), "mp3") not in _TIMED:
        return None
    stream.seek(0)
    try:
        seconds = TinyTag.get(filename=name, file_obj=stream, tags=False).duration
    except Exception as error:  # noqa: BLE001 - a damaged file makes it raise errors of every sort
        logger.warning("the length of %s cannot be told: %s", name, type(error).__name__)
        return None
    if seconds is None or not math.isfinite(seconds) or not 0 < seconds * 1000 <= _MAX_DURATION_MS:
        return None
    return round(seconds * 1000)


def plays_in_browser(content_type: str) -> bool:
    """Tell whether every common browser plays it."""
    return _bare(content_type) in _PLAYABLE


def inline_safe(content_type: str) -> bool:
    """Tell whether a browser may show it from our address: nothing that can hold a script."""
    return _bare(content_type) in _SHOWN_INLINE


def _bare(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _claim(name: str) -> str:
    """Return the format that a name's extension stands for; "" when it stands for none."""
    suffix = splitext(name.rstrip())[1][1:].lower()
    extension = _OTHER_NAMES.get(suffix, suffix)
    return extension if extension in EXTENSIONS and extension != "bin" else ""


def _contradiction(name: str, claimed: str, found: str, *, empty: bool) -> str:
    if not claimed or found == claimed or found in _ALSO_HOLDS.get(claimed, ()):
        return ""
    shown, claim = shown_name(name), FORMATS[claimed].words
    if empty:
        return f"{shown} is empty, not {claim}"
    return f"{shown} is {FORMATS[found].words}, not {claim}"


def _is_utf8(head: bytes, stream: Seekable) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(head, final=len(head) < HEAD_BYTES)
        if len(head) == HEAD_BYTES:
            stream.seek(HEAD_BYTES)
            rest = stream.read(_MAX_DECODED_BYTES) or b""
            decoder.decode(rest, final=len(rest) < _MAX_DECODED_BYTES)
    except UnicodeDecodeError:
        return False
    return True
