"""Pages of the web: their words as one would read them, without scripts and styles."""

import io
import re
from collections.abc import Iterator

from studybuddy.processing.decoding import decoded
from studybuddy.processing.markup import Grammar, Words, html_words
from studybuddy.processing.parts import numbered, parts
from studybuddy.processing.results import Result
from studybuddy.processing.source import Source
from studybuddy.processing.texts import beginning, rest

_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([a-z0-9_-]{2,40})""", re.IGNORECASE)
_HEAD_BYTES = 4096
_BLOCKS = """
    address article aside blockquote body caption dd div dl dt fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 header hr li main nav ol option p pre section summary table textarea title tr ul
"""
_GRAMMAR = Grammar(
    text=frozenset(("title", "body")),
    starts={"br": "\n", "li": "\n", "p": "\n", "div": "\n", "table": "\n", "tr": "\n"},
    ends={**dict.fromkeys(_BLOCKS.split(), "\n"), "td": "\t", "th": "\t", "title": "\n\n"},
    skipped=frozenset(("script", "style", "noscript", "template", "svg", "object", "iframe")),
    collapse=True,
)
_INDENTS = re.compile(r"(?m)^ +")


def read(source: Source) -> Iterator[Result]:
    yield from numbered(parts(words(beginning(source))))
    yield from rest(source)


def words(content: bytes) -> str:
    """Return the words of a page."""
    found = _DECLARED.search(content[:_HEAD_BYTES])
    text = decoded(content, declared=found[1].decode("ascii") if found else "")
    # As UTF-8, whatever it declares: a parser that finds the encoding by itself takes most pages for Latin-1.
    stream = io.BytesIO(text.encode("utf-8", "replace"))
    return _INDENTS.sub("", html_words(stream, Words(_GRAMMAR), encoding="utf-8"))
