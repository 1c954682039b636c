"""Finding rows by their words: those that a full-text query and a filter leave, newest first, none of the trash.

A common word stands in very many rows: only so many of the newest are ranked. The schema step of `find_texts` says what
its rowids are.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from sqlite_utils import Database

from studybuddy.catalog.search_filter import ALIVE, Narrowed, Where, marks

MOST_SESSIONS, MOST_NAMES, MOST_TEXTS, MOST_MARKS = 300, 400, 2000, 900
_BELOW_FILE = 21  # bits of a rowid
_PASSAGE = 1 << 20

_Mark = tuple[int, int, int | None, int | None, str]  # row, session, file, at_ms, text
MarkWhat = Literal["notes", "note", "bookmark"]
_MARKS: dict[int, MarkWhat] = {1: "notes", 2: "note", 3: "bookmark"}


class SessionFound(NamedTuple):
    """A session by its title, subject or tags."""

    id: int
    title: str


class NameFound(NamedTuple):
    """A file by its name, or by the title of the lecture whose recording it is."""

    file_id: int
    text: str
    is_lecture: bool


class TextFound(NamedTuple):
    """A page or a passage; the lower the rank, the better."""

    row: int
    rank: float

    @property
    def file_id(self) -> int:
        """Whose text it is."""
        return self.row >> _BELOW_FILE

    @property
    def page(self) -> int | None:
        """The page's number; None: it is a passage."""
        number = self.row & ((1 << _BELOW_FILE) - 1)
        return None if number & _PASSAGE else number


class MarkFound(NamedTuple):
    """Notes on a session, or a note or bookmark in a recording."""

    row: int
    rank: float
    what: MarkWhat
    session_id: int
    file_id: int | None
    at_ms: int | None
    text: str


class Finder:
    """Asks one catalog within one filter."""

    def __init__(self, db: Database, narrowed: Narrowed) -> None:
        self._db = db
        self._where = Where(db, narrowed)

    def sessions(self, match: str) -> list[SessionFound]:
        """Return sessions by their titles, subjects and tags."""
        if not self._where.takes_sessions:
            return []
        wanted = self._where.sessions
        rows = self._db.execute(
            f"""SELECT sessions.id, sessions.title
            FROM find_sessions CROSS JOIN sessions ON sessions.id = find_sessions.rowid
            WHERE find_sessions MATCH ? AND sessions.trashed_at IS NULL {wanted.text}
            ORDER BY find_sessions.rowid DESC LIMIT ?""",
            [match, *wanted.values, MOST_SESSIONS],
        )
        return [SessionFound(*row) for row in rows.fetchall()]

    def names(self, match: str) -> list[NameFound]:
        """Return files by their names, and recordings by the titles of their lectures."""
        wanted, among = self._where.files, self._where.among("files.id")
        in_order = f"AND {ALIVE} {wanted.text} {among.text} ORDER BY find_names.rowid DESC LIMIT ?"
        values = [match, *wanted.values, *among.values, MOST_NAMES]
        by_name = self._db.execute(
            f"""SELECT files.id, files.name FROM find_names CROSS JOIN files ON files.id = find_names.rowid >> 1
            CROSS JOIN sessions ON sessions.id = files.session_id
            WHERE find_names MATCH ? AND find_names.rowid & 1 = 0 {in_order}""",
            values,
        ).fetchall()
        by_lecture = self._db.execute(
            f"""SELECT files.id, lectures.title
            FROM find_names CROSS JOIN lectures ON lectures.id = find_names.rowid >> 1
            CROSS JOIN files ON files.id = lectures.audio_file_id CROSS JOIN sessions ON sessions.id = files.session_id
            WHERE find_names MATCH ? AND find_names.rowid & 1 = 1 {in_order}""",
            values,
        ).fetchall()
        by_both = ((rows, rows is by_lecture) for rows in (by_name, by_lecture))
        return [NameFound(file_id, text, is_lecture) for rows, is_lecture in by_both for file_id, text in rows]

    def texts(self, match: str) -> list[TextFound]:
        """Return pages and passages, the newest files' first."""
        wanted, among = self._where.files, self._where.among(f"find_texts.rowid >> {_BELOW_FILE}")
        rows = self._db.execute(
            f"""SELECT find_texts.rowid, bm25(find_texts)
            FROM find_texts CROSS JOIN files ON files.id = find_texts.rowid >> {_BELOW_FILE}
            CROSS JOIN sessions ON sessions.id = files.session_id
            WHERE find_texts MATCH ? AND find_texts.rowid > 0 {among.text} AND {ALIVE} {wanted.text}
            ORDER BY find_texts.rowid DESC LIMIT ?""",
            [match, *among.values, *wanted.values, MOST_TEXTS],
        )
        return [TextFound(*row) for row in rows.fetchall()]

    def marks(self, match: str) -> list[MarkFound]:
        """Return the notes on sessions, and notes and bookmarks in recordings."""
        below = "FROM find_texts WHERE find_texts MATCH ? AND find_texts.rowid < 0"
        # Ranking counts all that match, also above zero: not worth it where there is nothing below.
        if not self._db.execute(f"SELECT 1 {below} LIMIT 1", [match]).fetchone():
            return []
        rows = self._db.execute(
            f"SELECT find_texts.rowid, bm25(find_texts) {below} ORDER BY find_texts.rowid LIMIT ?", [match, MOST_MARKS]
        )
        ranks: dict[int, float] = dict(rows.fetchall())
        found: list[_Mark] = [
            *self._descriptions(_of_kind(ranks, 1)),
            *self._in_recordings("notes", 2, _of_kind(ranks, 2)),
            *self._in_recordings("bookmarks", 3, _of_kind(ranks, 3)),
        ]
        return [
            MarkFound(row, ranks[row], _MARKS[-row & 3], session_id, file_id, at_ms, text)
            for row, session_id, file_id, at_ms, text in found
        ]

    def _descriptions(self, ids: list[int]) -> list[_Mark]:
        if not ids or not self._where.takes_sessions:
            return []
        wanted = self._where.sessions
        rows: list[_Mark] = self._db.execute(
            f"""SELECT -(4 * id + 1), id, NULL, NULL, description FROM sessions
            WHERE id IN ({marks(ids)}) AND trashed_at IS NULL {wanted.text}""",
            [*ids, *wanted.values],
        ).fetchall()
        return rows

    def _in_recordings(self, table: str, number: int, ids: list[int]) -> list[_Mark]:
        if not ids:
            return []
        wanted = self._where.files
        rows: list[_Mark] = self._db.execute(
            f"""SELECT -(4 * {table}.id + {number}), sessions.id, files.id, at_ms, text
            FROM {table} JOIN files ON files.id = file_id JOIN sessions ON sessions.id = files.session_id
            WHERE {table}.id IN ({marks(ids)}) AND {ALIVE} {wanted.text}""",
            [*ids, *wanted.values],
        ).fetchall()
        return rows


def _of_kind(rows: Iterable[int], number: int) -> list[int]:
    return [-row >> 2 for row in rows if -row & 3 == number]
