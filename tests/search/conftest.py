"""A catalog with a little of everything that can be found, and a search box over it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from studybuddy.catalog import storages
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.search_filter import Narrowed
from studybuddy.kinds import Kind
from studybuddy.search.searching import Found, Results, find
from studybuddy.search.snippets import Piece
from tests.catalog import rows


@dataclass(frozen=True, slots=True)
class Box:
    """Asks a catalog, and writes what is to be found there."""

    catalog: Catalog

    def find(self, query: str, *, limit: int = 20, after: str | None = None, **narrowed: Any) -> Results:
        with self.catalog.read() as db:
            return find(db, query, Narrowed(**narrowed), limit=limit, after=after)

    def titles(self, query: str, **narrowed: Any) -> list[str]:
        """Return the names of files and titles of sessions that are found, in their order."""
        return [name(found) for found in self.find(query, **narrowed).found]

    def text(self, query: str) -> str:
        """Return the first place that is found, with what was asked for in brackets."""
        return marked(self.find(query).found[0].hits[0].pieces)

    def session(self, title: str, **about: Any) -> int:
        with self.catalog.write() as db:
            return rows.session(db, title, **about)

    def file(self, session_id: int, file_name: str, *pages: str, kind: Kind = "document") -> int:
        with self.catalog.write() as db:
            file_id = rows.file(db, session_id, file_name, kind=kind)
            write_pages(db, file_id, pages)
            return file_id

    def recording(self, session_id: int, file_name: str, *cues: str) -> int:
        with self.catalog.write() as db:
            file_id = rows.file(db, session_id, file_name, kind="audio")
            speak(db, file_id, cues)
            return file_id

    def mark(self, table: str, file_id: int, at_ms: int, text: str) -> None:
        """Write a note or a bookmark."""
        with self.catalog.write() as db:
            write_mark(db, table, file_id, at_ms, text)

    def run(self, statement: str, *values: object) -> None:
        with self.catalog.write() as db:
            db.execute(statement, list(values))


def write_pages(db: Database, file_id: int, pages: Iterable[str]) -> None:
    """Give a file these pages, and no others."""
    db.execute("DELETE FROM pages WHERE file_id = ?", [file_id])
    for number, text in enumerate(pages, start=1):
        db.execute("INSERT INTO pages VALUES (?, ?, ?)", [file_id, number, text])


def speak(db: Database, file_id: int, cues: Iterable[str]) -> None:
    """Give a recording these cues, and no others, each of four seconds."""
    db.execute("DELETE FROM cues WHERE file_id = ?", [file_id])
    for number, text in enumerate(cues):
        times = [4000 * number, 4000 * number + 4000]
        db.execute("INSERT INTO cues (file_id, start_ms, end_ms, text) VALUES (?, ?, ?, ?)", [file_id, *times, text])


def write_mark(db: Database, table: str, file_id: int, at_ms: int, text: str) -> None:
    db.execute(
        f"INSERT INTO {table} (file_id, at_ms, text, created_at, updated_at) VALUES (?, ?, ?, '', '')",
        [file_id, at_ms, text],
    )


def name(found: Found) -> str:
    return found.file.name if found.file else found.session.title


def marked(pieces: tuple[Piece, ...]) -> str:
    return "".join(f"[{piece.text}]" if piece.found else piece.text for piece in pieces)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    catalog = Catalog(tmp_path / "catalog.db")
    catalog.prepare()
    with catalog.write() as db:
        storages.register(db, url="local:a", label="this computer", base_url="file:///uploads/")
    yield Box(catalog)
    catalog.close()
