"""What a file's bytes say that it is, as a name of `kinds.FORMATS`; "" when they do not tell."""

import codecs
import re
from collections.abc import Callable
from itertools import islice

from studybuddy.kinds.containers import (
    Sample,
    asf_format,
    ebml_format,
    mp4_format,
    ogg_format,
    ole_format,
    zip_format,
)

_STARTS = {
    b"%PDF-": "pdf",
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpg",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
    b"fLaC": "flac",
    b"#!AMR": "amr",
    b"caff\x00": "caf",
    b"II*\x00": "tiff",
    b"MM\x00*": "tiff",
    b"II+\x00": "tiff",
    b"MM\x00+": "tiff",
    b"{\\rtf": "rtf",
}
_OFFICE: dict[bytes, Callable[[Sample, str], str]] = {
    b"PK\x03\x04": zip_format,
    b"PK\x05\x06": zip_format,
    b"\xd0\xcf\x11\xe0": ole_format,
}
_CONTAINERS: dict[bytes, Callable[[Sample], str]] = {
    b"OggS": ogg_format,
    b"\x1aE\xdf\xa3": ebml_format,
    b"0&\xb2u": asf_format,
}
_WAVES = (b"RIFF", b"RF64", b"BW64")
_OLD_QUICKTIME = (b"moov", b"mdat", b"wide", b"free", b"skip")
# Left to puremagic, which is slow to load: nothing that people study with every day.
_RARE = {"rar": "rar", "7z": "7z", "gz": "gz", "tar": "tar", "xz": "xz", "aiff": "aiff", "avi": "avi"}
_RARE_CONFIDENCE = 0.3

_SYNC = re.compile(rb"\xff[\xe2-\xff]")
_MAX_SYNCS = 1_000
_MP3_KBITS = {
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),  # MPEG 1
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),  # MPEG 2 and 2.5
}
_MP3_HERTZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}

_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\b\x1b"))
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SPACE = re.compile(rb"\s*")
_TAG = re.compile(rb"<([a-z][a-z0-9:-]*)[\s/>]", re.IGNORECASE)
# What browsers take for a page when nothing says otherwise: https://mimesniff.spec.whatwg.org/
_PAGE_TAGS = frozenset(b"html head body script iframe h1 div font table a style title b br p".split())
_VTT = re.compile(rb"WEBVTT(?:\s|$)")
_SRT = re.compile(rb"\s*\d+\s*\n\d\d:\d\d:\d\d,\d{3} -->")
_CUE = re.compile(rb"\d{1,2}:\d\d:\d\d[,.]\d{1,3}[ \t]*-->")
_TEXT_NAMES = ("md", "txt", "csv")


def identify(sample: Sample, claimed: str) -> str:
    """Return what the bytes are. `claimed`, a format by the name, decides only what bytes cannot tell."""
    head = sample.head
    for start, found in _STARTS.items():
        if head.startswith(start):
            return found
    if office := _OFFICE.get(head[:4]):
        return office(sample, claimed)
    if container := _CONTAINERS.get(head[:4]):
        return container(sample)
    if head[4:8] == b"ftyp" and head[0] == 0:
        return mp4_format(sample, claimed)
    if head[:4] in _WAVES:
        return {b"WAVE": "wav", b"WEBP": "webp"}.get(head[8:12]) or _rare(head)
    return _sound(sample, claimed) or _text(head, claimed) or _without_mark(sample, claimed)


def _without_mark(sample: Sample, claimed: str) -> str:
    """Recognise what may be taken for text, or for noise, when looked at too early."""
    if sample.head[4:8] in _OLD_QUICKTIME:
        return mp4_format(sample, claimed)
    # Readers of PDF look for its mark in the first 1,024 bytes.
    return "pdf" if b"%PDF-" in sample.head[:1024] else _rare(sample.head)


def _sound(sample: Sample, claimed: str) -> str:
    """Recognise streams of frames, behind an ID3 tag or not."""
    head = sample.head
    if head.startswith(b"ID3") and len(head) > 10 and head[3] < 16:
        start = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
        return "flac" if sample.at(start, 4) == b"fLaC" else _frames(sample, start) or "mp3"
    if head.startswith(b"\0"):
        return _frames(sample, len(head) - len(head.lstrip(b"\0")))
    if claimed in ("mp3", "aac"):  # cut out of a stream: the first frame may start anywhere
        starts = (match.start() for match in islice(_SYNC.finditer(head), _MAX_SYNCS))
        return next(filter(None, (_frames(sample, start) for start in starts)), "")
    return _frames(sample, 0)


def _frames(sample: Sample, start: int) -> str:
    first = sample.at(start, 7)
    if (length := _aac_frame_bytes(first)) and _follows(sample, start + length, _aac_frame_bytes):
        return "aac"
    if (length := _mp3_frame_bytes(first)) and _follows(sample, start + length, _mp3_frame_bytes):
        return "mp3"
    return ""


def _follows(sample: Sample, start: int, frame_bytes: Callable[[bytes], int]) -> bool:
    return start >= sample.size or frame_bytes(sample.at(start, 7)) > 0


def _aac_frame_bytes(header: bytes) -> int:
    """Return the length of the ADTS frame that starts with `header`, or 0."""
    if len(header) < 7 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0:
        return 0
    return (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5


def _mp3_frame_bytes(header: bytes) -> int:
    """Return the length of the MPEG layer III frame that starts with `header`, or 0."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version, bitrate, rate = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or bitrate == 15 or rate == 3:
        return 0
    kbits = _MP3_KBITS[version == 3][bitrate]
    if not kbits:
        return 0
    return (144_000 if version == 3 else 72_000) * kbits // _MP3_HERTZ[version][rate] + (header[2] >> 1 & 1)


def _text(head: bytes, claimed: str) -> str:
    """Recognise text, and its format by its first words and by the name."""
    if head.startswith(_UTF16_MARKS):
        try:
            head = codecs.getincrementaldecoder("utf-16")().decode(head).encode()
        except UnicodeError:
            return ""
    if head.translate(None, _CONTROLS) != head:
        return ""
    head = head.removeprefix(codecs.BOM_UTF8)
    tag = _root_tag(head)
    if tag == b"svg":
        return "svg"
    if tag == b"html" or (tag in _PAGE_TAGS and claimed not in _TEXT_NAMES):
        return "html"
    return _plain_text(head, claimed)


def _plain_text(head: bytes, claimed: str) -> str:
    if claimed in _TEXT_NAMES:
        return claimed
    if _VTT.match(head):
        return "vtt"
    if (claimed in ("vtt", "srt") and _CUE.search(head)) or _SRT.match(head):
        return "srt"
    if claimed == "ipynb" and head.lstrip().startswith(b"{"):
        return "ipynb"
    return "html" if claimed == "html" and b"<" in head else "txt"


def _root_tag(head: bytes) -> bytes:
    """Return the first element's name in lower case, behind declarations and comments; b"" when text comes first."""
    at = 0
    while True:
        at = _SPACE.match(head, at).end()  # type: ignore[union-attr]
        if head[at : at + 14].lower() == b"<!doctype html":
            return b"html"
        if not head.startswith((b"<?", b"<!"), at):
            tag = _TAG.match(head, at)
            return tag[1].lower() if tag else b""
        mark = b"-->" if head.startswith(b"<!--", at) else b">"
        if head[at : at + 9].upper() == b"<!DOCTYPE" and b"[" in head[at : head.find(b">", at) + 1]:
            mark = b"]>"  # what it declares stands in between
        end = head.find(mark, at)
        if end < 0:
            return b""
        at = end + len(mark)


def _rare(head: bytes) -> str:
    import puremagic  # noqa: PLC0415

    try:
        guesses = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return ""
    best = guesses[0]
    return _RARE.get(best.extension.removeprefix("."), "") if best.confidence >= _RARE_CONFIDENCE else ""
