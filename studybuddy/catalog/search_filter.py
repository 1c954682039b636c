"""Where a search looks: conditions on the rows of `files` and `sessions`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlite_utils import Database

from studybuddy.catalog import tags
from studybuddy.catalog.words import storable
from studybuddy.kinds import Kind

ALIVE = "files.trashed_at IS NULL AND files.current_copy_id IS NOT NULL AND sessions.trashed_at IS NULL"
_FEW_FILES = 5000  # so many that a filter leaves are gathered first; where there are more, each row is probed

Value = str | int


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Where to look; all that is given must hold."""

    kind: Kind | None = None
    session_id: int | None = None  # also what is linked into it
    file_id: int | None = None
    tag: str | None = None
    subject: str | None = None
    since: date | None = None  # added on this day (UTC) or later
    until: date | None = None  # added on this day or earlier


@dataclass(frozen=True, slots=True)
class Condition:
    """A part of a WHERE clause, with what it asks for."""

    text: str
    values: tuple[Value, ...]


class Where:
    """A filter as conditions."""

    def __init__(self, db: Database, narrowed: Narrowed) -> None:
        self._narrowed = narrowed
        self._tag_id = 0 if narrowed.tag is None else tags.id_of(db, narrowed.tag) or 0
        self._few = next((query for query in self._gathers() if _holds_few(db, query)), None)
        self.sessions = _all(self._of_sessions())
        self.files = _all(self._of_files())

    def among(self, file_id: str) -> Condition:
        """Return the condition that a file is one of those that the filter leaves, where these are few."""
        return Condition(f"AND {file_id} IN ({self._few.text})", self._few.values) if self._few else Condition("", ())

    @property
    def takes_sessions(self) -> bool:
        """Whether a session itself can be found."""
        return self._narrowed.kind is None and self._narrowed.file_id is None

    def _gathers(self) -> Iterator[Condition]:
        narrowed = self._narrowed
        if narrowed.file_id is not None:
            yield Condition("SELECT id FROM files WHERE id = ?", (narrowed.file_id,))
        if narrowed.session_id is not None:
            yield Condition(
                "SELECT id FROM files WHERE session_id = ? UNION ALL SELECT file_id FROM links WHERE session_id = ?",
                (narrowed.session_id,) * 2,
            )
        if narrowed.tag is not None:
            yield Condition(
                """SELECT files.id FROM session_tags CROSS JOIN files ON files.session_id = session_tags.session_id
                WHERE tag_id = ?""",
                (self._tag_id,),
            )
        if narrowed.subject is not None:
            yield Condition(
                """SELECT files.id FROM sessions CROSS JOIN files ON files.session_id = sessions.id
                WHERE sessions.subject = ? AND sessions.trashed_at IS NULL""",
                (storable(narrowed.subject),),
            )

    def _of_sessions(self) -> Iterator[Condition]:
        narrowed = self._narrowed
        if narrowed.session_id is not None:
            yield Condition("sessions.id = ?", (narrowed.session_id,))
        yield from self._about()
        yield from self._added("sessions")

    def _of_files(self) -> Iterator[Condition]:
        narrowed = self._narrowed
        if narrowed.kind is not None:
            yield Condition("files.kind = ?", (narrowed.kind,))
        if narrowed.file_id is not None:
            yield Condition("files.id = ?", (narrowed.file_id,))
        if narrowed.session_id is not None:
            yield Condition(
                """(files.session_id = ?
                OR EXISTS (SELECT 1 FROM links WHERE links.file_id = files.id AND links.session_id = ?))""",
                (narrowed.session_id,) * 2,
            )
        yield from self._about()
        yield from self._added("files")

    def _about(self) -> Iterator[Condition]:
        if self._narrowed.tag is not None:
            yield Condition(
                "EXISTS (SELECT 1 FROM session_tags WHERE session_tags.session_id = sessions.id AND tag_id = ?)",
                (self._tag_id,),
            )
        if self._narrowed.subject is not None:
            yield Condition("sessions.subject = ?", (storable(self._narrowed.subject),))

    def _added(self, table: str) -> Iterator[Condition]:
        if self._narrowed.since is not None:
            yield Condition(f"{table}.created_at >= ?", (str(self._narrowed.since),))
        if self._narrowed.until is not None:
            # "U" follows the "T" that stands between day and time: the end of that day.
            yield Condition(f"{table}.created_at < ?", (f"{self._narrowed.until}U",))


def marks(values: Sequence[object]) -> str:
    """Return a question mark for each value."""
    return ", ".join("?" * len(values))


def _all(conditions: Iterable[Condition]) -> Condition:
    found = list(conditions)
    text = "".join(f" AND {condition.text}" for condition in found)
    return Condition(text, tuple(value for condition in found for value in condition.values))


def _holds_few(db: Database, query: Condition) -> bool:
    counted = f"SELECT count(*) FROM ({query.text} LIMIT {_FEW_FILES + 1})"
    return bool(db.execute(counted, query.values).fetchone()[0] <= _FEW_FILES)
