"""OpenDocument texts, presentations and spreadsheets: text by page, slide and sheet."""

from collections.abc import Iterator, Mapping

from studybuddy.processing.archives import archive, part, properties, words_in
from studybuddy.processing.drawing import drawn_card
from studybuddy.processing.markup import PAGE_BREAK, Grammar, StrictWords, attribute
from studybuddy.processing.parts import drawn_pages, numbered
from studybuddy.processing.pictures import embedded_thumbnail, thumbnail
from studybuddy.processing.results import Facts, Page, Result
from studybuddy.processing.source import Source, damaged, locked

_GRAMMAR = Grammar(
    text=frozenset(("p", "h")),
    starts={"tab": "\t", "line-break": "\n", "soft-page-break": PAGE_BREAK},
    ends={"p": "\n", "h": "\n"},
    skipped=frozenset(("tracked-changes", "forms", "scripts", "page-number")),
)
# Slides and sheets have pages of their own.
_STARTS = {name: text for name, text in _GRAMMAR.starts.items() if text != PAGE_BREAK}
_SLIDES = Grammar(_GRAMMAR.text, _STARTS, {**_GRAMMAR.ends, "page": PAGE_BREAK}, _GRAMMAR.skipped)
_SHEETS = Grammar(
    _GRAMMAR.text,
    _STARTS,
    {"p": " ", "table-cell": "\t", "table-row": "\n", "table": PAGE_BREAK},
    _GRAMMAR.skipped | {"covered-table-cell", "shapes"},
)
_MAX_SPACES = 100


class _Words(StrictWords):
    def before(self, name: str, attributes: Mapping[str, str]) -> str:
        if name == "s":
            count = attribute(attributes, "c")
            return " " * min(int(count) if count.isdecimal() else 1, _MAX_SPACES)
        return super().before(name, attributes)


class _TextWords(_Words):
    """Knows which paragraphs begin a page: their styles say so, and stand before the text."""

    def __init__(self, grammar: Grammar) -> None:
        super().__init__(grammar)
        self._style = ""
        self._breaking: set[str] = set()

    def skips(self, name: str, attributes: Mapping[str, str]) -> bool:
        if name == "style":
            self._style = attribute(attributes, "name")
        elif name == "paragraph-properties" and attribute(attributes, "break-before") == "page":
            self._breaking.add(self._style)
        return super().skips(name, attributes)

    def before(self, name: str, attributes: Mapping[str, str]) -> str:
        if name in _GRAMMAR.text and attribute(attributes, "style-name") in self._breaking:
            return PAGE_BREAK
        return super().before(name, attributes)


class _SheetWords(_Words):
    def before(self, name: str, attributes: Mapping[str, str]) -> str:
        if name == "table":
            return attribute(attributes, "name") + "\n"
        return super().before(name, attributes)


def read(source: Source) -> Iterator[Result]:
    with archive(source) as opened:
        manifest = part(opened, "META-INF/manifest.xml")
        if b"encryption-data" in manifest:
            raise locked(source)
        if "content.xml" not in opened.namelist():
            raise damaged(source)
        pages = [*_pages(source.extension, words_in(opened, "content.xml", _words(source.extension)))]
        yield from pages
        if facts := properties(opened, "meta.xml"):
            yield facts
        own = [*embedded_thumbnail(opened, source.into)]
        yield from own
        if source.extension == "odp" and not own:
            first = next((page.text for page in pages if isinstance(page, Page)), "")
            yield thumbnail(drawn_card(first), source.into)


def _words(extension: str) -> StrictWords:
    if extension == "ods":
        return _SheetWords(_SHEETS)
    return _Words(_SLIDES) if extension == "odp" else _TextWords(_GRAMMAR)


def _pages(extension: str, text: str) -> Iterator[Result]:
    if extension == "odt":
        yield from drawn_pages(text)
        return
    # Behind the last break nothing is left but the document's end.
    texts = text.split(PAGE_BREAK)[:-1]
    yield from numbered(texts)
    yield Facts({"pages": len(texts)})
