"""Finding the sessions that a filter leaves, without ever looking through all of them.

A need can be met from two sides: `gather` gives all sessions that have a thing, `probe` asks whether one has it. When
few sessions meet one need, those are gathered and probed for the others. Else a stretch of the list is walked in its
order and probed for all; only when that does not fill the page is the smallest need gathered, however large.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

Value = str | int

_FEW = 2_000
_STRETCH = 3_000
_MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that a session must have."""

    gather: str  # a query for the ids of the sessions that have it; an id may come more than once
    probe: str  # a condition on `sessions`
    values: tuple[Value, ...]  # of either


@dataclass(frozen=True, slots=True)
class Order:
    """How a list of sessions is sorted: by a column, then by id."""

    column: str
    index: str
    descending: bool

    @property
    def by(self) -> str:
        """The ORDER BY terms."""
        way = "DESC" if self.descending else "ASC"
        return f"sessions.{self.column} {way}, sessions.id {way}"

    @property
    def later(self) -> str:
        """The sign between a row and one that it comes behind."""
        return "<" if self.descending else ">"

    @property
    def earlier(self) -> str:
        """The sign between a row and one that it comes before."""
        return ">" if self.descending else "<"


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a list of sessions is wanted."""

    order: Order
    after: Sequence[Value] | None  # the (sort value, id) that it begins behind
    limit: int

    @property
    def begin(self) -> str:
        """The condition that it begins behind `after`."""
        if self.after is None:
            return ""
        return f"AND (sessions.{self.order.column}, sessions.id) {self.order.later} (?, ?)"

    @property
    def begin_values(self) -> Sequence[Value]:
        """What `begin` asks for."""
        return self.after or ()


Found = tuple[Value, int]  # (sort value, id)


def word(start: str) -> Need:
    """Need a word that begins like this."""
    return Need(
        gather="SELECT session_id AS id FROM words WHERE word BETWEEN ? AND ?",
        probe="""EXISTS (SELECT 1 FROM words NOT INDEXED
            WHERE words.session_id = sessions.id AND words.word BETWEEN ? AND ?)""",
        values=(start, start + "\U0010ffff"),
    )


def tag(tag_id: int) -> Need:
    """Need a tag."""
    return Need(
        gather="SELECT session_id AS id FROM session_tags WHERE tag_id = ?",
        probe="EXISTS (SELECT 1 FROM session_tags WHERE session_tags.session_id = sessions.id AND tag_id = ?)",
        values=(tag_id,),
    )


def subject(name: str) -> Need:
    """Need to be of a subject."""
    return Need(
        gather="SELECT id FROM sessions WHERE subject = ? AND trashed_at IS NULL",
        probe="sessions.subject = ?",
        values=(name,),
    )


def holding(**columns: Value) -> Need:
    """Need live files of one kind, in one storage, or both at once."""
    condition = " AND ".join(f"holdings.{name} = ?" for name in columns)
    return Need(
        gather=f"SELECT session_id AS id FROM holdings WHERE {condition}",
        probe=f"EXISTS (SELECT 1 FROM holdings NOT INDEXED WHERE holdings.session_id = sessions.id AND {condition})",
        values=tuple(columns.values()),
    )


def updated(first: str, end: str) -> Need:
    """Need to have been changed in [first, end)."""
    return Need(
        gather="SELECT id FROM sessions WHERE updated_at >= ? AND updated_at < ? AND trashed_at IS NULL",
        probe="sessions.updated_at >= ? AND sessions.updated_at < ?",
        values=(first, end),
    )


def find(db: Database, needs: Sequence[Need], part: Part) -> list[Found]:
    """Return the sessions of a part of the list that are not in the trash and meet all needs."""
    if not needs:
        return _walk(db, needs, part, until=None)
    smallest, count = _smallest(db, needs, most=_FEW)
    if count == _FEW:
        end = _end_of_stretch(db, part)
        found = _walk(db, needs, part, until=end)
        if end is None or len(found) == part.limit:
            return found
        smallest, _ = _smallest(db, needs, most=_MANY)
    return _gather(db, smallest, needs, part) if count else []


def _smallest(db: Database, needs: Sequence[Need], *, most: int) -> tuple[Need, int]:
    counts = {need: _count(db, need, most=most) for need in needs}
    smallest = min(counts, key=lambda need: counts[need])
    return smallest, counts[smallest]


def _count(db: Database, need: Need, *, most: int) -> int:
    row = db.execute(f"SELECT count(*) FROM ({need.gather} LIMIT ?)", [*need.values, most]).fetchone()
    return int(row[0])


def _end_of_stretch(db: Database, part: Part) -> Found | None:
    found: Found | None = db.execute(
        f"""SELECT {part.order.column}, id FROM sessions INDEXED BY {part.order.index}
        WHERE trashed_at IS NULL {part.begin} ORDER BY {part.order.by} LIMIT 1 OFFSET {_STRETCH}""",
        part.begin_values,
    ).fetchone()
    return found


def _walk(db: Database, needs: Sequence[Need], part: Part, *, until: Found | None) -> list[Found]:
    order = part.order
    end = f"AND (sessions.{order.column}, sessions.id) {order.earlier}= (?, ?)" if until else ""
    found: list[Found] = db.execute(
        f"""SELECT {order.column}, id FROM sessions INDEXED BY {order.index}
        WHERE trashed_at IS NULL {part.begin} {end} {_probes(needs)} ORDER BY {order.by} LIMIT ?""",
        [*part.begin_values, *(until or ()), *_values(needs), part.limit],
    ).fetchall()
    return found


def _gather(db: Database, smallest: Need, needs: Sequence[Need], part: Part) -> list[Found]:
    others = [need for need in needs if need != smallest]
    found: list[Found] = db.execute(
        f"""SELECT sessions.{part.order.column}, sessions.id
        FROM (SELECT DISTINCT id FROM ({smallest.gather})) AS chosen CROSS JOIN sessions ON sessions.id = chosen.id
        WHERE sessions.trashed_at IS NULL {part.begin} {_probes(others)} ORDER BY {part.order.by} LIMIT ?""",
        [*smallest.values, *part.begin_values, *_values(others), part.limit],
    ).fetchall()
    return found


def _probes(needs: Sequence[Need]) -> str:
    return "".join(f" AND {need.probe}" for need in needs)


def _values(needs: Sequence[Need]) -> list[Value]:
    return [value for need in needs for value in need.values]
