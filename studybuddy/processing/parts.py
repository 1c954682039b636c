"""Text without pages of its own, cut into parts that one can go to."""

from collections.abc import Iterator

from studybuddy.processing.markup import DRAWN_BREAK, PAGE_BREAK
from studybuddy.processing.results import Page

PART_CHARACTERS = 4_000


def drawn_pages(text: str) -> Iterator[Page]:
    """Yield the pages as a program last showed them; where it did not say, parts of a bearable length."""
    text = text.lstrip()  # a break before the first word makes no page
    if DRAWN_BREAK in text:
        # A break that the writer made is followed by the one that the program drew for it.
        yield from numbered(text.replace(PAGE_BREAK, "").split(DRAWN_BREAK))
    else:
        yield from numbered(part for section in text.split(PAGE_BREAK) for part in parts(section))


def numbered(texts: Iterator[str] | list[str]) -> Iterator[Page]:
    """Yield texts as pages from 1 on."""
    for number, text in enumerate(texts, start=1):
        yield Page(number, text)


def parts(text: str) -> Iterator[str]:
    """Cut a text into parts of about 4,000 characters, behind a paragraph, a line or a word where there is one."""
    start = 0
    while len(text) - start > PART_CHARACTERS * 3 // 2:
        end = _cut(text, start)
        yield text[start:end]
        start = end
    yield text[start:]


def _cut(text: str, start: int) -> int:
    lowest, highest = start + PART_CHARACTERS // 2, start + PART_CHARACTERS
    for mark in ("\n\n", "\n", ". ", "。", " "):
        found = text.rfind(mark, lowest, highest)
        if found >= 0:
            return found + len(mark)
    return highest
