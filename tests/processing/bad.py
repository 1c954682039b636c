"""Files that are locked, cut off, or made to hurt whoever opens them."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

from tests.samples import archive, docx, opendocument, pdf, pdf_file, png_of, xlsx

_MIB = 1 << 20
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def locked_pdf() -> bytes:
    """Return a PDF whose password nobody knows."""
    secret = b"<" + b"41" * 32 + b">"
    encrypt = b"/Encrypt<</Filter/Standard/V 1/R 2/O%b/U%b/P -4>>/ID[<41><41>]" % (secret, secret)
    return pdf("Secret").replace(b"/Root 1 0 R", b"/Root 1 0 R" + encrypt)


def locked_zip(content: bytes) -> bytes:
    """Return a ZIP whose parts are said to be encrypted."""
    changed = bytearray(content)
    for mark, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = -1
        while (at := content.find(mark, at + 1)) >= 0:
            changed[at + flags] |= 1
    return bytes(changed)


def locked_odt() -> bytes:
    manifest = '<manifest xmlns="m"><file-entry full-path="content.xml"><encryption-data/></file-entry></manifest>'
    return changed_zip(opendocument("text", "Secret"), {"META-INF/manifest.xml": manifest.encode()})


def pdf_bomb(mib: int) -> bytes:
    """Return a PDF of a few thousand bytes whose only page is described by so much."""
    packer = zlib.compressobj(9)
    # Behind a full flush, the same bytes pack to the same bytes.
    first, again = (packer.compress(b" " * _MIB) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    packed = zlib.compress(first + again * (mib - 1) + packer.flush(), 9)
    stream = b"<</Length %d/Filter[/FlateDecode/FlateDecode]>>\nstream\n%b\nendstream" % (len(packed), packed)
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 3 0 R>>"
    return pdf_file([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[4 0 R]>>", stream, page])


def zip_bomb(content: bytes, name: str, mib: int) -> bytes:
    """Return an office document one part of which unpacks to so much."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bomb,
        zipfile.ZipFile(io.BytesIO(content)) as good,
    ):
        for entry in good.namelist():
            if entry != name:
                bomb.writestr(entry, good.read(entry))
        with bomb.open(name, "w", force_zip64=True) as part:
            for _ in range(mib):
                part.write(b"A" * _MIB)
    return out.getvalue()


def laughs(root: str) -> str:
    """Return XML that says "lol" a hundred million times."""
    entities = "".join(f'<!ENTITY {chr(98 + at)} "{f"&{chr(97 + at)};" * 10}">' for at in range(8))
    return f'<?xml version="1.0"?><!DOCTYPE {root} [<!ENTITY a "lol">{entities}]>'


def laughing_docx() -> bytes:
    body = f'<w:document xmlns:w="{_WORD}"><w:body><w:p><w:r><w:t>&i;</w:t></w:r></w:p></w:body></w:document>'
    return changed_zip(docx("x"), {"word/document.xml": (laughs("document") + body).encode()})


def changed_zip(content: bytes, parts: Mapping[str, bytes]) -> bytes:
    """Return a ZIP with some parts replaced or added."""
    with zipfile.ZipFile(io.BytesIO(content)) as good:
        return archive({name: good.read(name) for name in good.namelist()} | dict(parts))


def flood_png() -> bytes:
    """Return a picture of 60,000 by 60,000 dots in few bytes."""
    return png_of(struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0), bytes(1000))


def far_xlsx() -> bytes:
    """Return a workbook that claims to be as large as can be, for one cell at its far end."""
    cell = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>far</t></is></c></row>'
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<dimension ref="A1:XFD1048576"/><sheetData>{cell}</sheetData></worksheet>'
    )
    return changed_zip(xlsx("S"), {"xl/worksheets/sheet1.xml": sheet.encode()})


def crowded_docx() -> bytes:
    return changed_zip(docx("x"), {f"part{number}": b"" for number in range(20_001)})
