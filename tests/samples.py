"""Small files of every kind, made byte by byte: each opens in a program of its kind unless its maker says otherwise."""

import io
import json
import math
import struct
import wave
import zipfile
import zlib
from collections.abc import Mapping, Sequence

_OOXML = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_OLE_FREE, _OLE_END, _OLE_TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def every_kind() -> dict[str, bytes]:
    """Return one file of each kind by its name."""
    return {
        **recordings(),
        **documents(),
        **images(),
        **captions(),
        "archive.zip": archive({"a.txt": b"a"}),
        **videos(),
    }


def recordings() -> dict[str, bytes]:
    return {
        "lecture.m4a": m4a(),
        "lecture.mp3": mp3(),
        "lecture.wav": wav(),
        "lecture.flac": flac(),
        "lecture.ogg": ogg(b"\x01vorbis" + bytes(23)),
        "lecture.opus": ogg(b"OpusHead\x01\x01\x00\x00" + struct.pack("<I", 48000) + bytes(3)),
        "lecture.aac": aac(),
        "lecture.webm": webm(),
        "lecture.amr": b"#!AMR\n" + (b"\x3c" + bytes(31)) * 50,
        "lecture.wma": wma(),
        "lecture.caf": caf(),
    }


def documents() -> dict[str, bytes]:
    return {
        "paper.pdf": pdf("Photosynthesis"),
        "slides.pptx": pptx("Photosynthesis"),
        "slides.ppt": ole("PowerPoint Document"),
        "essay.docx": docx("Photosynthesis"),
        "essay.doc": ole("WordDocument"),
        "table.xlsx": xlsx("Photosynthesis"),
        "essay.odt": opendocument("text", "Photosynthesis"),
        "slides.odp": opendocument("presentation", "Photosynthesis"),
        "book.epub": epub("Photosynthesis"),
        "page.html": b"<!DOCTYPE html>\n<title>Photosynthesis</title><p>Light becomes sugar.",
        "notes.md": "# Photosynthesis\n\nLight becomes sugar: 6 CO₂ + 6 H₂O.\n".encode(),
        "notes.txt": "Light becomes sugar: 6 CO₂ + 6 H₂O.\n".encode(),
        "words.csv": "word,meaning\nchlorophyll,Blattgrün\n".encode(),
        "exercise.ipynb": json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode(),
    }


def images() -> dict[str, bytes]:
    return {
        "leaf.png": png(8, 8),
        "leaf.jpg": jpg(),
        "leaf.gif": gif(),
        "leaf.webp": webp(),
        "leaf.heic": heic(),
        "leaf.svg": svg(),
        "leaf.tiff": tiff(),
    }


def captions() -> dict[str, bytes]:
    return {
        "lecture.vtt": b"WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nLight becomes sugar.\n",
        "lecture.srt": b"1\r\n00:00:01,000 --> 00:00:02,500\r\nLight becomes sugar.\r\n",
    }


def videos() -> dict[str, bytes]:
    return {"film.mp4": mp4(), "film.mov": mp4(brand=b"qt  "), "film.webm": webm(video=True)}


def pdf(text: str = "", *, pages: int = 1) -> bytes:
    """Return a PDF with `text` (ASCII) on each page."""
    return pdf_of([f"{text} - page {number}" for number in range(1, pages + 1)])


def pdf_of(texts: Sequence[str]) -> bytes:
    """Return a PDF with a page for each text; of its characters, those of ASCII are shown."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"", b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    kids = []
    for text in texts:
        escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)").encode("ascii", "replace")
        words = b"BT /F1 18 Tf 72 720 Td (%b) Tj ET" % escaped
        objects.append(b"<</Length %d>>\nstream\n%b\nendstream" % (len(words), words))
        kids.append(b"%d 0 R" % (len(objects) + 1))
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F1 3 0 R>>>>/Contents %d 0 R>>"
            % len(objects)
        )
    objects[1] = b"<</Type/Pages/Count %d/Kids[%b]>>" % (len(texts), b" ".join(kids))
    return pdf_file(objects)


def pdf_file(objects: list[bytes]) -> bytes:
    """Return a PDF of these objects, numbered from 1; the first is its catalog."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


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
    return f'{_XML}\n<!-- a leaf -->\n<svg xmlns="http://www.w3.org/2000/svg">{inside}</svg>'.encode()


def heic() -> bytes:
    """Return the frame of a HEIC picture, without its pixels."""
    handler = b"hdlr" + bytes(8) + b"pict" + bytes(13)
    return box(b"ftyp", b"heic\0\0\0\0mif1heic") + box(b"meta", bytes(4) + struct.pack(">I", 33) + handler)


def wav(seconds: float = 0.1, *, hertz: int = 8000) -> bytes:
    """Return a WAV with a quiet tone of 440 Hz."""
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(hertz)
        tone = (round(3000 * math.sin(2 * math.pi * 440 * at / hertz)) for at in range(round(seconds * hertz)))
        sound.writeframes(b"".join(struct.pack("<h", value) for value in tone))
    return out.getvalue()


def long_wav(seconds: int, *, hertz: int = 4000) -> bytes:
    """Return a WAV of 8 bits, made in no time; 4 kHz is about the least that browsers play."""
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(hertz)
        sound.writeframes(bytes(128 + step % 3 for step in range(hertz)) * seconds)
    return out.getvalue()


def mp3(frames: int = 40, *, tag_bytes: int | None = None) -> bytes:
    """Return silence of 26 ms a frame; `tag_bytes` puts an ID3 tag of that size in front."""
    # MPEG 1 layer III, 128 kbit/s, 44.1 kHz, mono: 417 bytes a frame
    sound = (b"\xff\xfb\x90\xc4" + bytes(413)) * frames
    if tag_bytes is None:
        return sound
    size = bytes(tag_bytes >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x04\0\0" + size + bytes(tag_bytes) + sound


def aac(frames: int = 40) -> bytes:
    """Return ADTS frames of silence."""
    content = bytes.fromhex("00c80010")  # one channel, nothing in it
    length = 7 + len(content)
    header = bytes((0xFF, 0xF1, 0x50, 0x40 | length >> 11, length >> 3 & 0xFF, (length & 7) << 5 | 0x1F, 0xFC))
    return (header + content) * frames


def flac(seconds: int = 1) -> bytes:
    """Return the head of a FLAC recording of so many seconds at 44.1 kHz, without its frames."""
    rates = 44100 << 44 | 0 << 41 | 15 << 36 | seconds * 44100
    stream_info = struct.pack(">HH", 4096, 4096) + bytes(6) + rates.to_bytes(8, "big") + bytes(16)
    return b"fLaC\x80" + len(stream_info).to_bytes(3, "big") + stream_info


def ogg(packet: bytes, *, end_at: int = 48000) -> bytes:
    """Return an Ogg stream of two pages; the first holds `packet`."""
    pages = ((2, 0, packet), (4, end_at, bytes(20)))
    return b"".join(_ogg_page(flags, at, number, content) for number, (flags, at, content) in enumerate(pages))


def _ogg_page(flags: int, position: int, number: int, content: bytes) -> bytes:
    header = struct.pack("<4sBBQIIIBB", b"OggS", 0, flags, position, 7, number, 0, 1, len(content))
    crc = 0
    for byte in header + content:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (0x04C11DB7 if crc & 0x80000000 else 0)) & 0xFFFFFFFF
    return header[:22] + struct.pack("<I", crc) + header[26:] + content


def element(ident: str, content: bytes) -> bytes:
    """Return an EBML element."""
    return bytes.fromhex(ident) + _ebml_size(len(content)) + content


def _ebml_size(size: int) -> bytes:
    return (size | 0x80).to_bytes(1, "big") if size < 127 else (size | 0x4000).to_bytes(2, "big")


def webm(*, video: bool = False, doctype: bytes = b"webm") -> bytes:
    """Return the head of a recording as a browser makes it, of unknown length."""
    tracks = [element("ae", element("d7", b"\1") + element("83", b"\2") + element("86", b"A_OPUS"))]
    if video:
        tracks.append(element("ae", element("d7", b"\2") + element("83", b"\1") + element("86", b"V_VP9")))
    info = element(
        "1549a966", element("2ad7b1", b"\x0f\x42\x40") + element("4d80", b"Study") + element("5741", b"Buddy")
    )
    segment = info + element("1654ae6b", b"".join(tracks)) + element("1f43b675", element("e7", b"\0"))
    head = element("4286", b"\1") + element("42f7", b"\1") + element("4282", doctype) + element("4287", b"\4")
    return element("1a45dfa3", head) + bytes.fromhex("1853806701ffffffffffffff") + segment


def box(kind: bytes, content: bytes, *, long: bool = False) -> bytes:
    """Return an MP4 box; `long` writes its size in 64 bits."""
    if long:
        return struct.pack(">I4sQ", 1, kind, 16 + len(content)) + content
    return struct.pack(">I4s", 8 + len(content), kind) + content


def m4a(seconds: int = 1, *, brand: bytes = b"M4A ") -> bytes:
    """Return an M4A recording of so many seconds, its index at the end and its sound left out."""
    return mp4(seconds, brand=brand, handlers=(b"soun",))


def mp4(seconds: int = 1, *, brand: bytes = b"isom", handlers: tuple[bytes, ...] = (b"vide", b"soun")) -> bytes:
    """Return an MP4 with one track for each handler, its index at the end and its frames left out."""
    times = struct.pack(">IIII", 0, 0, 1000, seconds * 1000)
    header = box(b"mvhd", bytes(4) + times + struct.pack(">IH", 0x10000, 0x100) + bytes(70) + struct.pack(">I", 9))
    media_header = box(b"mdhd", bytes(4) + times + bytes(4))
    tracks = b"".join(
        box(b"trak", box(b"mdia", media_header + box(b"hdlr", bytes(8) + handler + bytes(13)))) for handler in handlers
    )
    start = box(b"ftyp", brand + bytes(4) + brand) + box(b"free", b"")
    return start + box(b"mdat", bytes(2000), long=True) + box(b"moov", header + tracks)


def wma(*, video: bool = False) -> bytes:
    """Return the head of a Windows Media file, without its packets."""
    stream_types = ["409e69f84d5bcf11a8fd00805f5c442b"] + ["c0ef19bc4d5bcf11a8fd00805f5c442b"] * video
    streams = b"".join(
        bytes.fromhex("9107dcb7b7a9cf118ee600c00c205365") + struct.pack("<Q", 40) + bytes.fromhex(kind)
        for kind in stream_types
    )
    header = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
    return header + struct.pack("<QIBB", 30 + len(streams), len(stream_types), 1, 2) + streams


def caf() -> bytes:
    """Return a Core Audio file of a hundred samples of silence."""
    description = struct.pack(">d4sIIIII", 44100.0, b"lpcm", 0, 2, 1, 1, 16)
    data = bytes(4) + bytes(200)
    chunks = b"desc" + struct.pack(">q", len(description)) + description + b"data" + struct.pack(">q", len(data)) + data
    return b"caff\0\1\0\0" + chunks


def archive(entries: Mapping[str, str | bytes], *, first: Mapping[str, str] | None = None) -> bytes:
    """Return a ZIP; the entries of `first` come first and are not compressed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, text in (first or {}).items():
            file.writestr(zipfile.ZipInfo(name), text)
        for name, content in entries.items():
            file.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _office(main: str, content_type: str, parts: Mapping[str, str]) -> bytes:
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    types = f'{_XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    types += '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    types += f'<Override PartName="/{main}" ContentType="{_OOXML}.{content_type}.main+xml"/></Types>'
    root = f'{_XML}<Relationships xmlns="{relations}"><Relationship Id="r1" Type="{office}" Target="{main}"/>'
    return archive({"[Content_Types].xml": types, "_rels/.rels": f"{root}</Relationships>", **parts})


def docx(text: str = "") -> bytes:
    main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = f'{_XML}<w:document xmlns:w="{main}"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>'
    return _office("word/document.xml", "wordprocessingml.document", {"word/document.xml": body})


def pptx(title: str = "") -> bytes:
    """Return a presentation without slides, called `title`."""
    main = "http://schemas.openxmlformats.org/presentationml/2006/main"
    body = f'{_XML}<p:presentation xmlns:p="{main}"><!-- {title} --><p:notesSz cx="1" cy="1"/></p:presentation>'
    return _office("ppt/presentation.xml", "presentationml.presentation", {"ppt/presentation.xml": body})


def xlsx(text: str = "") -> bytes:
    """Return a workbook with one empty sheet, called `text`."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    sheets = f'<sheets><sheet name="{text or "Sheet"}" sheetId="1" r:id="r1"/></sheets>'
    book = f'{_XML}<workbook xmlns="{main}" xmlns:r="{office}">{sheets}</workbook>'
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    target = f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
    parts = {
        "xl/workbook.xml": book,
        "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{relations}">{target}</Relationships>',
        "xl/worksheets/sheet1.xml": f'{_XML}<worksheet xmlns="{main}"><sheetData/></worksheet>',
    }
    return _office("xl/workbook.xml", "spreadsheetml.sheet", parts)


def opendocument(kind: str, text: str = "") -> bytes:
    """Return an OpenDocument file: kind `text`, `presentation` or `spreadsheet`."""
    names = "urn:oasis:names:tc:opendocument:xmlns"
    inside = f"<text:p>{text}</text:p>" if kind == "text" else ""
    content = (
        f'{_XML}<office:document-content xmlns:office="{names}:office:1.0" xmlns:text="{names}:text:1.0" '
        f'office:version="1.3"><office:body><office:{kind}>{inside}</office:{kind}></office:body>'
        "</office:document-content>"
    )
    entry = f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_ODF}.{kind}"/>'
    entry += '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    manifest = f'{_XML}<manifest:manifest xmlns:manifest="{names}:manifest:1.0">{entry}</manifest:manifest>'
    return archive({"content.xml": content, "META-INF/manifest.xml": manifest}, first={"mimetype": f"{_ODF}.{kind}"})


def epub(title: str = "") -> bytes:
    """Return a book whose only part is its list of parts."""
    names = "urn:oasis:names:tc:opendocument:xmlns:container"
    root = '<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/>'
    container = f'{_XML}<container version="1.0" xmlns="{names}"><rootfiles>{root}</rootfiles></container>'
    book = f'{_XML}<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata>{title}</metadata></package>'
    return archive({"META-INF/container.xml": container, "book.opf": book}, first={"mimetype": "application/epub+zip"})


def ole(stream: str, *, directory_sectors: int = 1) -> bytes:
    """Return an OLE file whose directory's last entry is `stream`: the frame of an Office 97 file, without its text."""
    chain = [*range(2, directory_sectors + 1), _OLE_END]
    table = struct.pack("<128I", _OLE_TABLE, *chain, *[_OLE_FREE] * (127 - directory_sectors))
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, _OLE_END, 0, _OLE_END, 0, 0)
    names = ["Root Entry", *[f"Stream {number}" for number in range(4 * directory_sectors - 2)], stream]
    directory = b"".join(_ole_entry(name, 5 if name == "Root Entry" else 2) for name in names)
    return header + struct.pack("<108I", *[_OLE_FREE] * 108) + table + directory


def _ole_entry(name: str, kind: int) -> bytes:
    text = name.encode("utf-16-le")
    entry = text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text) + 2, kind, 1, _OLE_FREE, _OLE_FREE, _OLE_FREE)
    return entry.ljust(116, b"\0") + struct.pack("<IQ", _OLE_END, 0)
