"""What a person types into the search box: words, "phrases", starts of words and -words."""

import re
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from studybuddy.catalog.folding import fold, pairs
from studybuddy.search.folded import tokens

MAX_QUERY = 10_000  # characters
_LOOKED_AT = 1000  # of them
_MOST_TERMS = 12
_QUOTES = '"“”„«»「」'
_PART = re.compile(
    rf"(?:(?<!\S)(-))?[{_QUOTES}](?P<phrase>[^{_QUOTES}]*)(?P<close>[{_QUOTES}]?)|(?:(?<!\S)(-))?(?P<word>[^\s{_QUOTES}]+)"
)


@dataclass(frozen=True)
class Term:
    """One thing that is asked for: words that follow each other."""

    tokens: tuple[tuple[str, bool], ...]  # folded; whether each is a run of unspaced characters
    is_start: bool  # the last word may go on

    @cached_property
    def match(self) -> str:
        """What SQLite's full-text search takes."""
        last, unspaced = self.tokens[-1]
        words = [pairs(token) if is_run else token for token, is_run in self.tokens[:-1]]
        # Within a longer run, the last character alone is not there.
        words.append(pairs(last).rpartition(" ")[0] if unspaced and len(last) > 1 else last)
        goes_on = self.is_start or (unspaced and len(last) == 1)
        return f'"{" ".join(words)}"{" *" if goes_on else ""}'

    @cached_property
    def pattern(self) -> str:
        """A regular expression that finds it in a folded text, also within longer words."""
        parts = [re.escape(self.tokens[0][0])]
        for (_, was_run), (token, is_run) in pairwise(self.tokens):
            parts += [r"[\W_]*" if was_run or is_run else r"[\W_]+", re.escape(token)]
        return "".join(parts)


@dataclass(frozen=True)
class Query:
    """What is asked for, and what must not be there."""

    wanted: tuple[Term, ...]
    unwanted: tuple[Term, ...]

    @cached_property
    def match(self) -> str:
        """What SQLite's full-text search takes for all of it."""
        every = " AND ".join(term.match for term in self.wanted)
        return f"({every}) NOT ({' OR '.join(term.match for term in self.unwanted)})" if self.unwanted else every

    @cached_property
    def matches(self) -> tuple[str, ...]:
        """The same in two parts: with its words as they stand, then what holds words that only begin so."""
        whole = Query(tuple(replace(term, is_start=False) for term in self.wanted), self.unwanted).match
        return (whole,) if whole == self.match else (whole, f"({self.match}) NOT ({whole})")


def parse(text: str) -> Query:
    """Read a query, whatever it holds. The last word may be the start of one, unless a space follows it."""
    text = text[:_LOOKED_AT]
    wanted: dict[Term, None] = {}
    unwanted: dict[Term, None] = {}
    for found in _PART.finditer(text):
        open_end = found.end() == len(text)
        word = found["word"]
        goes_on = (open_end and not found["close"]) or (word is not None and word.endswith("*"))
        if term := _term(word or found["phrase"], goes_on=goes_on):
            (unwanted if found[1] or found[4] else wanted)[term] = None
    return Query(tuple(wanted)[:_MOST_TERMS], tuple(unwanted)[:_MOST_TERMS])


def _term(words: str, *, goes_on: bool) -> Term | None:
    found = tokens(fold(words))
    if not found:
        return None
    last, is_run = found[-1]
    # Starts of one letter would be nearly everything.
    return Term(tuple(found), goes_on and not is_run and len(last) > 1)
