"""How texts are folded to be searched: no case, no accents, and what is written without spaces in pairs of characters.

`find_sessions`, `find_names` and `find_texts` hold what `index_text` made of their texts: where that changes, a new
schema step must build them anew.
"""

import re
import sqlite3
import unicodedata
from functools import lru_cache

# Pictures, and where they go: the tokenizer takes them for letters there.
_PICTURES = (range(0x2600, 0x27C0), range(0x1F000, 0x1FB00))
_PRIVATE = 0xE000
_AS_LETTERS = {code: _PRIVATE + place for place, code in enumerate(code for codes in _PICTURES for code in codes)}
# Written without spaces between words: Thai to Myanmar, Khmer, kana, Han, Hangul (with spaces, but not within
# compounds), and pictures.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
    "\ue000-\uecbf\uf900-\ufaff\U00020000-\U0003ffff"
)
_RUN = f"[{UNSPACED}]+"  # large: compiled at its first use, not at the start
NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_VOICING = "\u3099\u309a"  # marks that make another letter of a kana
_SHORT = 8


def fold(text: str) -> str:
    """Return a text without case and accents."""
    return text.lower() if text.isascii() else NOT_ASCII.sub(lambda found: folded(found[0]), text).lower()


def folded(piece: str) -> str:
    """Return a text that holds no ASCII, folded."""
    return _short(piece) if len(piece) <= _SHORT else _fold(piece)


def index_text(text: str) -> str:
    """Return what is indexed of a text: folded, each run of unspaced characters as its pairs and its last character.

    Any part of two or more characters of a run is then a phrase of pairs, and a single one the start of some pair.
    """
    return text if text.isascii() else re.sub(_RUN, lambda run: f" {pairs(run[0])} ", fold(text))


def pairs(run: str) -> str:
    """Return each two neighbours of a run, and its last character."""
    return " ".join(run[at : at + 2] for at in range(len(run)))


def register(connection: sqlite3.Connection) -> None:
    """Make `index_text` known to the triggers that use it."""
    connection.create_function("index_text", 1, index_text, deterministic=True)


@lru_cache(maxsize=4096)
def _short(piece: str) -> str:
    return _fold(piece)


def _fold(piece: str) -> str:
    split = unicodedata.normalize("NFKD", piece.casefold())
    kept = "".join(one for one in split if one in _VOICING or not unicodedata.combining(one))
    return unicodedata.normalize("NFC", kept).casefold().translate(_AS_LETTERS)
