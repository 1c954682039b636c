"""What a text is found by: its words, folded; and the key that it is sorted by."""

import json
import re
import sqlite3
import unicodedata
from functools import lru_cache

MAX_WORDS = 2000  # of one text; more are not indexed
_MAX_WORD = 40  # characters
# Scripts that put no spaces between words (Thai to Myanmar, Khmer, kana, Han), and pictures: each character counts.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2600-\u27bf\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U0001f000-\U0001faff\U00020000-\U0003ffff"
)
_RUN = rf"([{_UNSPACED}]+)|(?:(?![{_UNSPACED}_])\w)+"  # large: compiled at its first use, not at the start
_NUMBER = re.compile(r"\d+")


def words(text: str) -> tuple[str, ...]:
    """Return the different words of a text without case and accents, in their order.

    A run of unspaced characters gives each pair of neighbours and its last character: any part of it is found by
    the start of one of them.
    """
    found: dict[str, None] = {}
    for run in re.finditer(_RUN, _folded(text)):
        if run[1]:
            found.update(dict.fromkeys(run[1][at : at + 2] for at in range(len(run[1]))))
        else:
            found[run[0][:_MAX_WORD]] = None
        if len(found) >= MAX_WORDS:
            break
    return tuple(found)


def wanted_words(query: str, *, limit: int = 10) -> tuple[str, ...]:
    """Return the starts of words that a query asks for, without those that another one implies."""
    asked: list[str] = []
    for run in re.finditer(_RUN, _folded(query)):
        pairs = [run[1][at : at + 2] for at in range(max(1, len(run[1]) - 1))] if run[1] else [run[0][:_MAX_WORD]]
        asked += pairs
    longest_first = sorted(dict.fromkeys(asked), key=len, reverse=True)
    kept = [
        word for place, word in enumerate(longest_first)
        if not any(longer.startswith(word) for longer in longest_first[:place])
    ]  # fmt: skip
    return tuple(kept[:limit])


def sort_key(text: str) -> str:
    """Return a key that sorts texts as people do: no case, no accents, 2 before 10."""
    return _NUMBER.sub(lambda number: number[0].lstrip("0").rjust(12, "0"), _folded(text))[:120]


def storable(text: str) -> str:
    """Return a text without lone surrogates, which SQLite refuses."""
    return text.encode("utf-8", "replace").decode()


def register(connection: sqlite3.Connection) -> None:
    """Make `words_of` (a JSON list) and `sort_key` known to the triggers that use them."""
    connection.create_function("words_of", 1, _words_of, deterministic=True)
    connection.create_function("sort_key", 1, sort_key, deterministic=True)


@lru_cache(maxsize=256)
def _words_of(text: str) -> str:
    return json.dumps(words(text))


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in split if not unicodedata.combining(character))
