"""Text as it is kept: clean, and never more of it than the catalog and a page can bear."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from studybuddy.processing.results import Cue, Facts, Page, Remark, Result
from studybuddy.units import count_text

MAX_PAGES = 10_000
MAX_PAGE_CHARACTERS = 500_000
MAX_CHARACTERS = 20_000_000
MAX_CUES = 50_000
MAX_CUE_CHARACTERS = 5_000

# Control characters, halves of surrogate pairs, and what stands for no character at all: PDFium gives one for the
# hyphen of a word that a line broke.
_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
# Kangxi radicals and ligatures, which PDFs give for the letters themselves.
_LOOKALIKES = re.compile("[\u2e80-\u2fd5\ufb00-\ufb06]")
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_TRAILING = re.compile(r"[ \t\u00a0]+\n")
_GAPS = re.compile(r"\n{3,}")


def clean(text: str) -> str:
    """Return text without what is none: characters composed, lines ended by \\n, no more than one empty line."""
    text = _NO_TEXT.sub("", _LINE_ENDS.sub("\n", text))
    if not text.isascii():
        text = _LOOKALIKES.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
        text = unicodedata.normalize("NFC", text)
    return _GAPS.sub("\n\n", _TRAILING.sub("\n", text)).strip()


class Bounds:
    """What passes of the results of one file."""

    def __init__(self) -> None:
        self._pages = self._characters = self._cues = 0
        self._cut: list[int] = []
        self._facts: dict[str, str | int | float] = {}
        self._left_out = self._cues_left_out = 0

    def keep(self, results: Iterable[Result]) -> Iterator[Result]:
        """Yield the results with their texts clean and cut; at the end, all facts at once and what was left out."""
        for result in results:
            match result:
                case Page(number, text):
                    yield from self._page(number, clean(text))
                case Cue(start_ms, end_ms, text):
                    yield from self._cue(start_ms, end_ms, clean(text)[:MAX_CUE_CHARACTERS])
                case Facts(values):
                    self._facts.update(values)
                case _:
                    yield result
        if self._facts:
            yield Facts(self._facts)
        yield from self._remarks()

    def _page(self, number: int, text: str) -> Iterator[Page]:
        self._pages += 1
        if self._pages > MAX_PAGES or self._characters + len(text) > MAX_CHARACTERS:
            self._left_out += 1
            return
        if len(text) > MAX_PAGE_CHARACTERS:
            self._cut.append(number)
        self._characters += len(text)
        yield Page(number, text[:MAX_PAGE_CHARACTERS])

    def _cue(self, start_ms: int, end_ms: int, text: str) -> Iterator[Cue]:
        if not text:
            return
        self._cues += 1
        if self._cues <= MAX_CUES:
            yield Cue(start_ms, max(start_ms, end_ms), text)  # one that is turned round still begins
        else:
            self._cues_left_out += 1

    def _remarks(self) -> Iterator[Remark]:
        if self._cut:
            yield Remark(f"Only the beginning was read of {numbers_text(self._cut)}: too long")
        if self._left_out:
            yield Remark(f"{count_text(self._left_out, 'page was', 'pages were')} left out: too much text")
        if self._cues_left_out:
            noun = count_text(self._cues_left_out, "caption was", "captions were")
            yield Remark(f"{noun} left out at the end: too many")


def numbers_text(numbers: list[int], noun: str = "page") -> str:
    """Say which pages, as few words as can: page 3; pages 3 to 9 and 12."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = runs[-1][0], number
        else:
            runs.append((number, number))
    words = [f"{first}" if first == last else f"{first} to {last}" for first, last in runs]
    if len(words) > 6:
        words = [*words[:5], f"{len(numbers) - sum(last - first + 1 for first, last in runs[:5])} more"]
    listed = " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
    return f"{noun if len(numbers) == 1 else noun + 's'} {listed}"
