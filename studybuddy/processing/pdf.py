"""PDFs: text by page, which pages are pictures of text, and a picture of the first."""

from collections.abc import Iterator
from contextlib import closing

from pypdfium2 import PdfDocument, PdfiumError, PdfPage
from pypdfium2.raw import FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY, FPDF_PAGEOBJ_IMAGE, FPDF_PAGEOBJ_PATH

from studybuddy.processing import ocr
from studybuddy.processing.bounds import numbers_text
from studybuddy.processing.pictures import THUMBNAIL_PIXELS, thumbnail
from studybuddy.processing.results import Derived, Facts, Page, Progress, Remark, Result
from studybuddy.processing.source import Source, damaged, locked

_MAX_OCR_PAGES = 100
_PAGES_A_STEP = 25
_FIELDS = {"Title": "title", "Author": "author"}


def read(source: Source) -> Iterator[Result]:
    try:
        opened = PdfDocument(source.path)
    except PdfiumError as error:
        if error.err_code in (FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY):
            raise locked(source) from error
        raise damaged(source) from error
    with closing(opened) as document:
        if not len(document):
            raise damaged(source, because="it has no pages")
        yield _facts(document)
        yield from _Pages(document, source).read()


def _facts(document: PdfDocument) -> Facts:
    told = document.get_metadata_dict(skip_empty=True)
    return Facts({"pages": len(document), **{ours: told[name][:500] for name, ours in _FIELDS.items() if name in told}})


class _Pages:
    """All pages of one document, and what is to be said of them."""

    def __init__(self, document: PdfDocument, source: Source) -> None:
        self._document = document
        self._source = source
        self._scanned: list[int] = []
        self._recognised: list[int] = []
        self._broken: list[int] = []

    def read(self) -> Iterator[Result]:
        total = len(self._document)
        for number in range(1, total + 1):
            try:
                with closing(self._document[number - 1]) as page:
                    yield Page(number, self._text(page, number))
                    if number == 1:
                        yield self._thumbnail(page)
            except PdfiumError:
                self._broken.append(number)
                yield Page(number, "")
            if number % _PAGES_A_STEP == 0 or self._recognised[-1:] == [number]:
                yield Progress(number / total)
        if len(self._broken) == total:
            raise damaged(self._source, because="no page can be opened")
        yield from self._remarks()

    def _text(self, page: PdfPage, number: int) -> str:
        with closing(page.get_textpage()) as words:
            text: str = words.get_text_range()
        if text.strip() or not _shows_pictures(page):
            return text
        if not ocr.available() or len(self._recognised) >= _MAX_OCR_PAGES:
            self._scanned.append(number)
            return ""
        self._recognised.append(number)
        return ocr.words_in(page.render(scale=ocr.DOTS_PER_INCH / 72, grayscale=True).to_pil())

    def _thumbnail(self, page: PdfPage) -> Derived:
        width, height = page.get_size()
        scale = THUMBNAIL_PIXELS / max(width, height, 1)
        return thumbnail(page.render(scale=scale).to_pil(), self._source.into)

    def _remarks(self) -> Iterator[Remark]:
        if self._scanned:
            hint = "" if ocr.available() else ". Install tesseract to have them read"
            yield Remark(f"No text on {numbers_text(self._scanned)}: scanned{hint}")
        if self._recognised:
            yield Remark(f"The text of {numbers_text(self._recognised)} was read from pictures: expect mistakes")
        if self._broken:
            yield Remark(f"Damaged: {numbers_text(self._broken)}")


def _shows_pictures(page: PdfPage) -> bool:
    """Tell a scanned page from an empty one."""
    wanted = (FPDF_PAGEOBJ_IMAGE, FPDF_PAGEOBJ_PATH)
    return any(thing.type in wanted for thing in page.get_objects(max_depth=3))
