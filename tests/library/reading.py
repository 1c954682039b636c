"""Books, pages, notes and notebooks, each with its text in one part."""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from html import escape

from PIL import Image, ImageDraw

from tests.samples import archive

_XML = '<?xml version="1.0" encoding="UTF-8"?>'


def epub(title: str, chapters: Sequence[str]) -> bytes:
    """Return a book with a chapter for each text."""
    names = [f"chapter{number}.xhtml" for number in range(1, len(chapters) + 1)]
    items = "".join(f'<item id="{n}" href="{n}" media-type="application/xhtml+xml"/>' for n in names)
    spine = "".join(f'<itemref idref="{name}"/>' for name in names)
    metadata = f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{escape(title)}</dc:title></metadata>'
    package = (
        f'{_XML}<package xmlns="http://www.idpf.org/2007/opf" version="3.0">{metadata}'
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    container = (
        f'{_XML}<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    pages = {
        f"OEBPS/{name}": f'{_XML}<!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><head><title>{number}</title>'
        f"</head><body><p>{escape(text)}</p></body></html>"
        for number, (name, text) in enumerate(zip(names, chapters, strict=True), start=1)
    }
    parts = {"META-INF/container.xml": container, "OEBPS/book.opf": package, **pages}
    return archive(parts, first={"mimetype": "application/epub+zip"})


def html(text: str) -> bytes:
    return (
        f"<!DOCTYPE html><html><head><title>Reading</title><script>no()</script></head><p>{escape(text)}</p>".encode()
    )


def notebook(text: str) -> bytes:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Reading\n", text]},
        {"cell_type": "code", "metadata": {}, "source": "print(6 * 7)", "outputs": [{"text": ["42\n"]}]},
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


READINGS: Mapping[str, Callable[[str], bytes]] = {
    "book.epub": lambda text: epub("Reading", [text]),
    "page.html": html,
    "notes.md": lambda text: f"# Reading\n\n- {text}\n".encode(),
    "notes.txt": lambda text: text.encode(),
    "notes 16.txt": lambda text: text.encode("utf-16"),
    "old notes.txt": lambda text: text.encode("cp1252", "replace"),
    "exercise.ipynb": notebook,
}
PICTURES = ("png", "jpg", "gif", "webp", "avif", "tiff", "svg")


def picture(extension: str, text: str) -> bytes:
    """Return a picture; a drawing holds its words as text."""
    if extension == "svg":
        return f'<svg xmlns="http://www.w3.org/2000/svg"><text>{escape(text)}</text></svg>'.encode()
    out = io.BytesIO()
    image = Image.new("RGB", (640, 400), "white")
    ImageDraw.Draw(image).ellipse((100, 50, 500, 350), fill="seagreen")
    form = {"jpg": "JPEG", "tiff": "TIFF"}.get(extension, extension.upper())
    exif = Image.Exif()
    exif[0x0112] = 6 if extension == "jpg" else 1  # a photo of a telephone that was held upright
    image.save(out, form, **({"exif": exif} if extension in ("jpg", "webp") else {}))
    return out.getvalue()


def scan(text: str, *, pages: int = 1) -> bytes:
    """Return a PDF whose pages are pictures of text."""
    images = []
    for number in range(1, pages + 1):
        image = Image.new("L", (1240, 1754), "white")
        ImageDraw.Draw(image).text((100, 200), f"{text} {number}", fill="black", font_size=60)
        images.append(image)
    out = io.BytesIO()
    images[0].save(out, "PDF", save_all=True, append_images=images[1:], resolution=150)
    return out.getvalue()
