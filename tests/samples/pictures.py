"""Pictures, made byte by byte."""

import struct
import zlib

from tests.samples.office import XML
from tests.samples.sounds import box


def png(width: int, height: int, *, grey: int = 128) -> bytes:
    """Return a PNG of one shade of grey."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return png_of(header, (b"\0" + bytes([grey]) * width) * height)


def png_of(header: bytes, rows: bytes) -> bytes:
    """Return a PNG that says what it likes of its size."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def gif() -> bytes:
    """Return a GIF of one pixel."""
    return b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"


def jpg() -> bytes:
    """Return a JPEG of one grey pixel."""
    return bytes.fromhex(
        "ffd8ffe000104a46494600010100000100010000ffdb004300" + "01" * 64 + "ffc0000b080001000101011100"
        "ffc40014000100000000000000000000000000000009ffc40014100100000000000000000000000000000000"
        "ffda0008010100003f0054dfffd9"
    )


def webp() -> bytes:
    """Return a lossless WebP of one pixel."""
    content = b"VP8L" + struct.pack("<I", 13) + bytes.fromhex("2f00000010071011118888fe0700")
    return b"RIFF" + struct.pack("<I", 4 + len(content)) + b"WEBP" + content


def tiff() -> bytes:
    """Return a TIFF of one black pixel."""
    tags = ((256, 1), (257, 1), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, 1), (279, 1))
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0" + struct.pack("<I", 10) + b"\0\0" + struct.pack("<H", len(tags)) + entries + bytes(4)


def svg(script: str = "") -> bytes:
    inside = f"<script>{script}</script>" if script else '<circle r="4"/>'
    return f'{XML}\n<!-- a leaf -->\n<svg xmlns="http://www.w3.org/2000/svg">{inside}</svg>'.encode()


def heic() -> bytes:
    """Return the frame of a HEIC picture, without its pixels."""
    handler = b"hdlr" + bytes(8) + b"pict" + bytes(13)
    return box(b"ftyp", b"heic\0\0\0\0mif1heic") + box(b"meta", bytes(4) + struct.pack(">I", 33) + handler)
