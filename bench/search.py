"""Time the search in 100,000 pages of text beside plain FTS5 in the same run: `python bench/search.py [--pages N]`."""

import argparse
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from studybuddy.catalog import copies, files, sessions, storages, tags
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.search_filter import Narrowed
from studybuddy.search.query import parse
from studybuddy.search.searching import find
from studybuddy.units import size_text

_BOUND_MS = 50.0
_IN_FILE, _IN_SESSION, _WORDS_ON_PAGE = 50, 10, 450
_WORDS = 60_000
_SHOWN = 20
_CJK = "数学力量光子理化生物史地文語線形代方程式微積分統計電磁気熱波動原核"
# What a search in SQLite's own words would be: the best of all that match, each with its snippet.
_PLAIN = "SELECT rowid, snippet(plain, 0, '[', ']', '…', 30) FROM plain WHERE plain MATCH ? ORDER BY rank LIMIT 20"


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of query, with other words at each call."""

    name: str
    ask: Callable[[], str]
    narrowed: Callable[[], Narrowed] = Narrowed


class Language:
    """Made-up words, a few of them very common, and texts of them."""

    def __init__(self, seed: int = 1) -> None:
        self.pick = random.Random(seed)
        made: set[str] = set()
        while len(made) < _WORDS:
            made.add(self._word())
        # The short ones are the common ones, as in real languages.
        self.words = sorted(sorted(made), key=lambda word: len(word) + 4 * self.pick.random())
        self._weights = list(accumulate(1 / (place + 3) ** 1.05 for place in range(_WORDS)))

    def page(self) -> str:
        """Return the text of a page."""
        words = self.pick.choices(self.words, cum_weights=self._weights, k=_WORDS_ON_PAGE)
        words[100] = "".join(self.pick.choices(_CJK, k=6))
        return " ".join(words)

    def among(self, first: int, last: int) -> str:
        """Return a word whose place among the most common is within [first, last)."""
        return self.words[self.pick.randrange(first, last)]

    def _word(self) -> str:
        syllables = self.pick.choice((1, 2, 2, 3, 3, 4))
        parts = (self.pick.choice("bcdfghklmnprstvw") + self.pick.choice("aeiouéü") for _ in range(syllables))
        return "".join(parts) + self.pick.choice(("", "n", "s", "r", "t"))


def cases(language: Language, pages: Sequence[str]) -> Iterator[Case]:
    """Yield every kind of query."""
    among, pick = language.among, language.pick

    def phrase(length: int) -> str:
        words = pick.choice(pages).split()
        begin = pick.randrange(len(words) - length)
        return f'"{" ".join(words[begin : begin + length])}"'

    yield Case("the five commonest words", lambda: f"{among(0, 5)} ")
    yield Case("a common word", lambda: f"{among(5, 200)} ")
    yield Case("a word of some pages", lambda: f"{among(500, 3000)} ")
    yield Case("a rare word", lambda: f"{among(30_000, _WORDS)} ")
    yield Case("two common words", lambda: f"{among(0, 50)} {among(0, 50)} ")
    yield Case("a common and a rare word", lambda: f"{among(0, 50)} {among(30_000, _WORDS)} ")
    yield Case("a phrase of two words", lambda: phrase(2))
    yield Case("a phrase of three words", lambda: phrase(3))
    yield Case("a phrase of two common words", lambda: f'"{among(0, 20)} {among(0, 20)}"')
    yield Case("one common word without another", lambda: f"{among(0, 50)} -{among(0, 50)} ")
    yield Case("the start of a word: 2 letters", lambda: among(0, 3000)[:2])
    yield Case("the start of a word: 3 letters", lambda: among(0, 3000)[:3])
    yield Case("the start of a word: 4 letters", lambda: among(500, 5000)[:4])
    yield Case("a word and the start of another", lambda: f"{among(0, 200)} {among(0, 3000)[:3]}")
    yield Case("two CJK characters", lambda: "".join(pick.choices(_CJK, k=2)))
    yield Case("a common word in one session", lambda: f"{among(0, 50)} ", lambda: Narrowed(session_id=1))
    yield Case("a common word with a tag", lambda: f"{among(0, 50)} ", lambda: Narrowed(tag="exam"))
    yield Case("a common word in recordings", lambda: f"{among(0, 50)} ", lambda: Narrowed(kind="audio"))


def fill(catalog: Catalog, language: Language, count: int) -> tuple[list[str], float]:
    """Write pages into a catalog, file by file; return some of them and how long it took without making them."""
    some: list[str] = []
    seconds = 0.0
    with catalog.write() as db:
        storages.register(db, url="local:bench", label="here", base_url="/")
    for number in range(count // _IN_FILE):
        pages = [language.page() for _ in range(_IN_FILE)]
        some += pages[:1]
        begun = time.perf_counter()
        with catalog.write() as db:
            if number % _IN_SESSION == 0:
                session_id = sessions.insert(db, title=f"Session {number}", subject="Bench", description="")
                tags.add(db, session_id, ["exam"] if number % 100 == 0 else ["other"])
            name = f"{language.among(0, 3000)} {number}.pdf"
            row = files.FileRow(session_id, "document", name, "application/pdf", 1, f"{number:064x}", None, None, None)
            file_id = files.insert(db, row)
            copies.settle_all(db, [copies.insert(db, file_id=file_id, storage_id=1, key=f"k/{number}", writer="w")])
            rows = ((file_id, place, text) for place, text in enumerate(pages, start=1))
            db.conn.executemany("INSERT INTO pages VALUES (?, ?, ?)", rows)
        seconds += time.perf_counter() - begun
    return some, seconds


def fill_plain(path: Path, catalog: Catalog) -> float:
    """Write the same pages into plain FTS5; return how long it took."""
    with closing(sqlite3.connect(path)) as plain, catalog.read() as db:
        plain.execute("PRAGMA journal_mode = WAL").fetchall()
        plain.execute("""CREATE VIRTUAL TABLE plain USING fts5 (text, tokenize = "unicode61 remove_diacritics 2")""")
        begun = time.perf_counter()
        for file_id, text in db.conn.execute("SELECT file_id, text FROM pages ORDER BY file_id, number"):
            plain.execute("INSERT INTO plain (text) VALUES (?)", [text])
            if file_id % 1000 == 0:
                plain.commit()
        plain.commit()
        return time.perf_counter() - begun


def timed(calls: int, ask: Callable[[], object]) -> list[float]:
    """Return how many milliseconds each call took, the shortest first."""
    taken = []
    for _ in range(calls):
        begun = time.perf_counter()
        ask()
        taken.append(1000 * (time.perf_counter() - begun))
    return sorted(taken)


def ours(catalog: Catalog, case: Case) -> None:
    with catalog.read() as db:
        find(db, case.ask(), case.narrowed(), limit=_SHOWN)


def theirs(path: Path, case: Case) -> None:
    with closing(sqlite3.connect(path)) as plain:
        plain.execute("PRAGMA cache_size = -16384").fetchall()
        plain.execute(_PLAIN, [parse(case.ask()).match]).fetchall()


def index_bytes(catalog: Catalog) -> int:
    with catalog.read() as db:
        row = db.execute("SELECT sum(length(block)) FROM find_texts_data").fetchone()
        return int(row[0])


def run(folder: Path, *, pages: int, calls: int) -> bool:
    """Make both, ask both, tell; return whether the bound holds for every kind of query."""
    catalog = Catalog(folder / "catalog.db")
    catalog.prepare()
    language = Language()
    some, seconds = fill(catalog, language, pages)
    with catalog.read() as db:
        text = int(db.execute("SELECT sum(length(CAST(text AS BLOB))) FROM pages").fetchone()[0])
    plain = folder / "plain.db"
    plain_seconds = fill_plain(plain, catalog)
    print(f"{pages:,} pages, {size_text(text)} of text")
    print(f"ours:  kept and indexed in {seconds:.0f} s, {pages / seconds:,.0f} pages/s; "
          f"the index takes {size_text(index_bytes(catalog))}")  # fmt: skip
    print(f"plain: indexed in {plain_seconds:.0f} s, {pages / plain_seconds:,.0f} pages/s; "
          f"with the text it takes {size_text(plain.stat().st_size)}")  # fmt: skip
    print(f"{'milliseconds':34}  ours p50     p95     max   plain p50     p95")
    holds = [compared(catalog, plain, case, calls) for case in cases(language, some)]
    catalog.close()
    return all(holds)


def compared(catalog: Catalog, plain: Path, case: Case, calls: int) -> bool:
    """Print a line of the table; return whether the bound holds."""
    mine = timed(calls, lambda: ours(catalog, case))
    other = timed(max(5, calls // 5), lambda: theirs(plain, case))
    p95 = mine[int(0.95 * len(mine))]
    told = f"{mine[len(mine) // 2]:10.1f}{p95:8.1f}{mine[-1]:8.1f}"
    beside = f"{other[len(other) // 2]:12.1f}{other[int(0.95 * len(other))]:8.1f}"
    print(f"{case.name:34}{told}{beside}{'' if p95 < _BOUND_MS else '  TOO SLOW'}", flush=True)
    return p95 < _BOUND_MS


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=100_000)
    parser.add_argument("--calls", type=int, default=100, help="calls of each kind of query")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="work in this empty folder and leave it")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        return 0 if run(asked.keep or Path(temporary), pages=asked.pages, calls=asked.calls) else 1


if __name__ == "__main__":
    sys.exit(main())
