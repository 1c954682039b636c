"""PDFs, office files, books and archives, made byte by byte."""

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence

_OOXML = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_OLE_FREE, _OLE_END, _OLE_TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


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
    types = f'{XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    types += '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    types += f'<Override PartName="/{main}" ContentType="{_OOXML}.{content_type}.main+xml"/></Types>'
    root = f'{XML}<Relationships xmlns="{relations}"><Relationship Id="r1" Type="{office}" Target="{main}"/>'
    return archive({"[Content_Types].xml": types, "_rels/.rels": f"{root}</Relationships>", **parts})


def docx(text: str = "") -> bytes:
    main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = f'{XML}<w:document xmlns:w="{main}"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>'
    return _office("word/document.xml", "wordprocessingml.document", {"word/document.xml": body})


def pptx(title: str = "") -> bytes:
    """Return a presentation without slides, called `title`."""
    main = "http://schemas.openxmlformats.org/presentationml/2006/main"
    body = f'{XML}<p:presentation xmlns:p="{main}"><!-- {title} --><p:notesSz cx="1" cy="1"/></p:presentation>'
    return _office("ppt/presentation.xml", "presentationml.presentation", {"ppt/presentation.xml": body})


def xlsx(text: str = "") -> bytes:
    """Return a workbook with one empty sheet, called `text`."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    sheets = f'<sheets><sheet name="{text or "Sheet"}" sheetId="1" r:id="r1"/></sheets>'
    book = f'{XML}<workbook xmlns="{main}" xmlns:r="{office}">{sheets}</workbook>'
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    target = f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
    parts = {
        "xl/workbook.xml": book,
        "xl/_rels/workbook.xml.rels": f'{XML}<Relationships xmlns="{relations}">{target}</Relationships>',
        "xl/worksheets/sheet1.xml": f'{XML}<worksheet xmlns="{main}"><sheetData/></worksheet>',
    }
    return _office("xl/workbook.xml", "spreadsheetml.sheet", parts)


def opendocument(kind: str, text: str = "") -> bytes:
    """Return an OpenDocument file: kind `text`, `presentation` or `spreadsheet`."""
    names = "urn:oasis:names:tc:opendocument:xmlns"
    inside = f"<text:p>{text}</text:p>" if kind == "text" else ""
    content = (
        f'{XML}<office:document-content xmlns:office="{names}:office:1.0" xmlns:text="{names}:text:1.0" '
        f'office:version="1.3"><office:body><office:{kind}>{inside}</office:{kind}></office:body>'
        "</office:document-content>"
    )
    entry = f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_ODF}.{kind}"/>'
    entry += '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    manifest = f'{XML}<manifest:manifest xmlns:manifest="{names}:manifest:1.0">{entry}</manifest:manifest>'
    return archive({"content.xml": content, "META-INF/manifest.xml": manifest}, first={"mimetype": f"{_ODF}.{kind}"})


def epub(title: str = "") -> bytes:
    """Return a book whose only part is its list of parts."""
    names = "urn:oasis:names:tc:opendocument:xmlns:container"
    root = '<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/>'
    container = f'{XML}<container version="1.0" xmlns="{names}"><rootfiles>{root}</rootfiles></container>'
    book = f'{XML}<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata>{title}</metadata></package>'
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
