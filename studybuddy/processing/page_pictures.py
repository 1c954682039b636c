"""Pages of a PDF as pictures. Runs only in the child process, which is told the first and the last page as a name."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from studybuddy.processing.results import Facts, Result, UnreadableError

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

PIXELS = 1600  # of the longer side
_QUALITY = 82
_DAMAGED = "The document is damaged, or needs a password"


def extract(source: Path, *, kind: str, content_type: str, name: str, into: Path) -> Iterator[Result]:
    """Write `into` a picture of each page that can be drawn; yield how many pages there are."""
    from pypdfium2 import PdfDocument, PdfiumError  # noqa: PLC0415

    first, _, last = name.partition("-")
    try:
        opened = PdfDocument(source)
    except PdfiumError as error:
        raise UnreadableError(_DAMAGED, fix="Open it with the program that made it.") from error
    with closing(opened) as document:
        total = len(document)
        yield Facts({"pages": total})
        for number in range(int(first), min(int(last), total) + 1):
            try:
                _draw(document, number, into / f"page-{number}.webp")
            except PdfiumError:
                continue  # who asks for this page is told so


def _draw(document: "PdfDocument", number: int, target: Path) -> None:
    with closing(document[number - 1]) as page:
        scale = PIXELS / max(*page.get_size(), 1)
        page.render(scale=scale).to_pil().save(target, "WEBP", quality=_QUALITY, method=2)
