"""Office documents: by python-docx, python-pptx and openpyxl, and by LibreOffice where it is installed."""

import io
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

from docx import Document
from openpyxl import Workbook
from PIL import Image
from pptx import Presentation
from pptx.util import Inches

from tests.samples import archive, pdf_of

_ODF = "application/vnd.oasis.opendocument"
_NAMES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (
        ("office", "office"), ("text", "text"), ("table", "table"), ("draw", "drawing"), ("style", "style"),
        ("fo", "xsl-fo-compatible"), ("presentation", "presentation"),
    )
)  # fmt: skip


def docx(title: str, pages: Sequence[str]) -> bytes:
    """Return a Word document with a page for each text."""
    document = Document()
    document.core_properties.title = title
    for number, text in enumerate(pages):
        if number:
            document.add_page_break()  # type: ignore[no-untyped-call]
        document.add_heading(f"{title} {number + 1}", level=1)
        document.add_paragraph(text)
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Questions", "Answers"
    return _saved(document)


def pptx(title: str, slides: Sequence[tuple[str, str]]) -> bytes:
    """Return a presentation; each slide has its text and what the speaker says to it."""
    deck = Presentation()
    deck.core_properties.title = title
    for number, (text, notes) in enumerate(slides, start=1):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = f"{title} {number}"
        slide.placeholders[1].text_frame.text = text
        slide.notes_slide.notes_text_frame.text = notes
    relations = deck.part.package._rels
    for name in [name for name, one in relations.items() if one.reltype.endswith("/thumbnail")]:
        relations.pop(name)  # of an empty deck
    picture = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(picture, "PNG")
    deck.slides[0].shapes.add_picture(picture, Inches(6), Inches(4))
    return _saved(deck)


def xlsx(sheets: Mapping[str, Sequence[str]]) -> bytes:
    """Return a workbook; each row of a sheet has its text, a number and a date."""
    book = Workbook()
    book.remove(book.active)
    for name, texts in sheets.items():
        sheet = book.create_sheet(name)
        for number, text in enumerate(texts, start=1):
            sheet.append([text, number * 1.5, date(2026, 9, number)])
    return _saved(book)


def converted(files: Mapping[str, bytes], extension: str) -> dict[str, bytes]:
    """Return files as LibreOffice writes them in another format, by the names that they had."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = ["soffice", profile, "--headless", "--convert-to", extension, "--outdir", folder, *files]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300)
        return {name: (Path(folder) / name).with_suffix(f".{extension}").read_bytes() for name in files}


def opendocument(extension: str, pages: Sequence[str]) -> bytes:
    """Return an OpenDocument file without LibreOffice: a page, slide or sheet for each text."""
    kind = {"odt": "text", "odp": "presentation", "ods": "spreadsheet"}[extension]
    form = {
        "odt": '<text:p text:style-name="{style}">{text}</text:p>',
        "odp": '<draw:page draw:name="p{number}"><text:p>{text}</text:p></draw:page>',
        "ods": '<table:table table:name="Sheet{number}"><table:table-row><table:table-cell><text:p>{text}</text:p>'
        "</table:table-cell></table:table-row></table:table>",
    }[extension]
    inside = "".join(
        form.format(number=number, text=escape(text), style="First" if number == 1 else "Next")
        for number, text in enumerate(pages, start=1)
    )
    style = '<style:style style:name="Next"><style:paragraph-properties fo:break-before="page"/></style:style>'
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_NAMES} office:version="1.3">'
        f"<office:automatic-styles>{style}</office:automatic-styles>"
        f"<office:body><office:{kind}>{inside}</office:{kind}></office:body></office:document-content>"
    )
    return archive({"content.xml": content}, first={"mimetype": f"{_ODF}.{kind}"})


def many(
    extension: str, documents: Mapping[str, bytes], pages: Mapping[str, Sequence[str]], *, quick: bool
) -> dict[str, bytes]:
    """Return documents in another format: by LibreOffice, or without it from their pages' texts alone."""
    if shutil.which("soffice") and not quick:
        return converted(documents, extension)
    make = pdf_of if extension == "pdf" else lambda texts: opendocument(extension, texts)
    return {name: make(texts) for name, texts in pages.items()}


def _saved(document: object) -> bytes:
    out = io.BytesIO()
    document.save(out)  # type: ignore[attr-defined]
    return out.getvalue()
