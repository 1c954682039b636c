"""Word documents: their text by page, with its notes."""

from collections.abc import Iterator, Mapping

from studybuddy.processing.archives import archive, main_part, properties, relations, words_in
from studybuddy.processing.markup import DRAWN_BREAK, PAGE_BREAK, Grammar, StrictWords, attribute
from studybuddy.processing.parts import drawn_pages
from studybuddy.processing.results import Result
from studybuddy.processing.source import Source

_GRAMMAR = Grammar(
    text=frozenset("t"),
    starts={
        "tab": "\t", "cr": "\n", "noBreakHyphen": "-", "br": "\n", "lastRenderedPageBreak": DRAWN_BREAK,
        "pageBreakBefore": PAGE_BREAK,
    },
    ends={"p": "\n"},
    # Text boxes are written twice, for older programs; moved and deleted text is there no more.
    skipped=frozenset(("Fallback", "del", "moveFrom", "pPrChange", "tabs")),
)  # fmt: skip
_NOTES = ("footnotes", "endnotes")


class _Words(StrictWords):
    def before(self, name: str, attributes: Mapping[str, str]) -> str:
        if name == "br" and attribute(attributes, "type") == "page":
            return PAGE_BREAK
        if name == "pageBreakBefore" and attribute(attributes, "val") in ("0", "false", "off"):
            return ""
        return super().before(name, attributes)


def read(source: Source) -> Iterator[Result]:
    with archive(source) as opened:
        main = main_part(opened, source)
        names = [main, *(name for kind, name in relations(opened, main).values() if kind in _NOTES)]
        text = ""
        for name in names:
            text += words_in(opened, name, _Words(_GRAMMAR)) + "\n"
        yield from drawn_pages(text)
        if facts := properties(opened, "docProps/core.xml"):
            yield facts
