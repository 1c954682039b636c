"""Formats that hold others: what lies inside a ZIP, an OLE, an MP4, a Matroska, an Ogg or an ASF file.

Each function gets the file's bytes and returns a name of `kinds.FORMATS`. All of them read a bounded number of bytes
and take any bytes at all: a field that points outside the file reads as nothing.
"""

import re
import zlib
from collections.abc import Iterator
from typing import Protocol

from studybuddy.units import KIB, MIB

HEAD_BYTES = 64 * KIB
_MAX_DIRECTORY_BYTES = 2 * MIB
_MAX_ENTRIES = 10_000
_MAX_BOXES = 2_000
_MAX_SECTORS = 64

_MIMETYPES = {
    b"application/epub+zip": "epub",
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.presentation": "odp",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
}
_OFFICE_FOLDERS = {b"word/": "docx", b"ppt/": "pptx", b"xl/": "xlsx"}
_ZIPPED = frozenset((*_MIMETYPES.values(), *_OFFICE_FOLDERS.values()))
_OLE_STREAMS = {"WordDocument": "doc", "PowerPoint Document": "ppt", "Workbook": "xls", "Book": "xls"}
_STILL_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_SOUND_BRANDS = (b"M4A ", b"M4B ", b"M4P ")
_BOXES_WITH_HANDLERS = (b"moov", b"trak", b"mdia")
_EBML_CODEC = re.compile(rb"\x86[\x81-\xa0]([VA])_[A-Z]")  # the element CodecID: its length, then its text
_ASF_VIDEO = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")


class Seekable(Protocol):
    """Any open file."""

    def read(self, size: int = -1, /) -> bytes | None: ...
    def seek(self, offset: int, whence: int = 0, /) -> int: ...


class Sample:
    """A file to look at: its first bytes at once, any others when asked."""

    __slots__ = ("_stream", "head", "size")

    def __init__(self, stream: Seekable) -> None:
        self._stream = stream
        self.head: bytes = stream.read(HEAD_BYTES) or b""
        self.size = len(self.head) if len(self.head) < HEAD_BYTES else stream.seek(0, 2)

    def at(self, start: int, length: int) -> bytes:
        """Return up to `length` bytes from `start`; fewer where the file ends before."""
        if not 0 <= start < self.size:
            return b""
        if start + length <= len(self.head) or self.size == len(self.head):
            return self.head[start : start + length]
        self._stream.seek(start)
        return self._stream.read(length) or b""

    def number(self, start: int, length: int, *, big: bool = False) -> int:
        """Return the unsigned number at `start`."""
        return int.from_bytes(self.at(start, length), "big" if big else "little")


def zip_format(sample: Sample, claimed: str) -> str:
    """Tell OpenDocument, EPUB and OOXML from other ZIP archives by the central directory.

    One that is cut off has none: it is what its name says, if that is such a document, and will be told to be damaged.
    """
    typed = False
    folder = ""
    count = -1
    for count, (name, offset) in enumerate(_zip_entries(sample)):
        if name == b"mimetype" and (found := _MIMETYPES.get(_zip_content(sample, offset))):
            return found
        typed = typed or name == b"[Content_Types].xml"
        folder = folder or _OFFICE_FOLDERS.get(name[: name.find(b"/") + 1], "")
        if typed and folder:
            return folder
        if count > _MAX_ENTRIES:
            break
    return claimed if count < 0 and claimed in _ZIPPED else "zip"


def _zip_entries(sample: Sample) -> Iterator[tuple[bytes, int]]:
    """Yield each entry's name and the offset of its local header."""
    tail_start = max(0, sample.size - HEAD_BYTES)
    tail = sample.at(tail_start, HEAD_BYTES)
    end = tail.rfind(b"PK\x05\x06")
    if end < 0:
        return
    length = int.from_bytes(tail[end + 12 : end + 16], "little")
    start = tail_start + end - length  # counted back: bytes in front of the archive do no harm
    if sample.at(start, 4) != b"PK\x01\x02":  # ZIP64 has two records of its own in between
        start = sample.number(sample.number(tail_start + end - 12, 8) + 48, 8)
    directory = sample.at(start, min(length, _MAX_DIRECTORY_BYTES))
    at = 0
    while directory[at : at + 4] == b"PK\x01\x02":
        name_length = int.from_bytes(directory[at + 28 : at + 30], "little")
        extra_length = int.from_bytes(directory[at + 30 : at + 32], "little")
        comment_length = int.from_bytes(directory[at + 32 : at + 34], "little")
        yield directory[at + 46 : at + 46 + name_length], int.from_bytes(directory[at + 42 : at + 46], "little")
        at += 46 + name_length + extra_length + comment_length


def _zip_content(sample: Sample, offset: int) -> bytes:
    """Return the first bytes of a short entry."""
    header = sample.at(offset, 30)
    method = int.from_bytes(header[8:10], "little")
    start = offset + 30 + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    length = int.from_bytes(header[18:22], "little")
    content = sample.at(start, 200 if method == 8 else min(length, 200))
    if method == 8:
        try:
            content = zlib.decompressobj(-zlib.MAX_WBITS).decompress(content, 200)
        except zlib.error:
            return b""
    return content.strip()


def ole_format(sample: Sample, claimed: str) -> str:
    """Tell Word, PowerPoint and Excel 97 files apart by the names of their streams.

    A newer one with a password is such a file too, and says no more than that.
    """
    shift = sample.number(30, 2)
    if shift not in (9, 12):
        return ""
    sector_bytes = 1 << shift
    sector = sample.number(48, 4)
    for _ in range(_MAX_SECTORS):
        directory = sample.at((sector + 1) * sector_bytes, sector_bytes)
        for at in range(0, len(directory), 128):
            name_length = int.from_bytes(directory[at + 64 : at + 66], "little")
            name = directory[at : at + max(0, min(64, name_length) - 2)].decode("utf-16-le", "replace")
            if found := _OLE_STREAMS.get(name):
                return found
            if name == "EncryptedPackage":
                return claimed if claimed in _OFFICE_FOLDERS.values() else "docx"
        table, entry = divmod(sector, sector_bytes // 4)
        if table >= 109:  # the header names so many sectors of the allocation table itself
            break
        sector = sample.number((sample.number(76 + 4 * table, 4) + 1) * sector_bytes + 4 * entry, 4)
    return ""


def mp4_format(sample: Sample, claimed: str) -> str:
    """Tell recordings, videos and still pictures in ISO and QuickTime files apart by brand and tracks."""
    brand = sample.head[8:12]
    if sample.head[4:8] == b"ftyp":
        if brand in _STILL_BRANDS:
            return "heic"
        if brand in (b"avif", b"avis"):
            return "avif"
        if brand in _SOUND_BRANDS:  # a chapter's picture makes a track of its own: no video
            return "m4a"
    handlers = _handlers(sample)
    if b"vide" in handlers:
        return "mov" if brand == b"qt  " or sample.head[4:8] != b"ftyp" else "mp4"
    if b"soun" in handlers or claimed == "m4a":
        return "m4a"
    return "mp4"


def _handlers(sample: Sample) -> set[bytes]:
    """Return the handlers of all tracks, e.g. `soun` and `vide`; the index may stand at the file's end."""
    handlers = set()
    areas = [(0, sample.size)]
    boxes = 0
    while areas and boxes < _MAX_BOXES:
        start, end = areas.pop()
        for kind, inside, after in _boxes(sample, start, end):
            boxes += 1
            if kind in _BOXES_WITH_HANDLERS:
                areas.append((inside, after))
            elif kind == b"hdlr":
                handlers.add(sample.at(inside + 8, 4))
            if boxes >= _MAX_BOXES or kind == b"moov":
                break
    return handlers


def _boxes(sample: Sample, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield each box's type, where its content starts and where it ends."""
    while start + 8 <= end:
        header = sample.at(start, 16)
        size = int.from_bytes(header[:4], "big")
        inside = start + 8
        if size == 1:
            size, inside = int.from_bytes(header[8:16], "big"), start + 16
        after = end if size == 0 else start + size
        if after < inside:
            return
        yield header[4:8], inside, min(after, end)
        start = after


def ebml_format(sample: Sample) -> str:
    """Tell recordings and videos in WebM and Matroska files apart by their codecs."""
    matroska = b"matroska" in sample.head[:80]
    codecs = set(_EBML_CODEC.findall(sample.head))
    if b"V" in codecs or not codecs:
        return "mkv" if matroska else "webm-video"
    return "mka" if matroska else "webm"


def ogg_format(sample: Sample) -> str:
    """Tell Opus, other sound and video in an Ogg file apart by the first packet of each stream."""
    packets = sample.head[:1024]
    if b"\x80theora" in packets:
        return "ogv"
    return "opus" if b"OpusHead" in packets else "ogg"


def asf_format(sample: Sample) -> str:
    """Tell Windows Media recordings from videos."""
    return "wmv" if _ASF_VIDEO in sample.head else "wma"
