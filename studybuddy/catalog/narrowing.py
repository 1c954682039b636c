"""Finding the sessions that a filter leaves, without ever looking through all of them.

A need can be met from two sides: `gather` gives all sessions that have a thing, `probe` asks whether one has it. Where
enough sessions meet all needs, the list is walked in its order and each session probed, for a stretch of it. Where too
few do, or the stretch does not fill the page, those that meet the rarest need are gathered and probed for the others.
"""

import json
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from sqlite_utils import Database

Value = str | int

_STRETCH = 1_000  # sessions: what a walk may cost before gathering is tried
_MANY = 30_000  # sessions: not counted any further
_DENSE = 5_000  # sessions: among so many, a page is found sooner in the order of the list than by sorting them
_ALL = 2**62
_PROBES_PER_ROW = 10  # so many rows of an index are read in the time of one probe


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that a session must have."""

    gather: str  # a query for the ids of the sessions that have it; an id may come more than once
    probe: str  # a condition on `sessions`
    values: tuple[Value, ...]  # of either
    column: str = ""  # of `sessions`, when it is a span of one: a list that is sorted by it is walked within that


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
        column="subject",
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
        column="updated_at",
    )


def created_before(end: str) -> Need:
    """Need to have been made before a moment."""
    return Need(
        gather="SELECT id FROM sessions WHERE created_at < ? AND trashed_at IS NULL",
        probe="sessions.created_at < ?",
        values=(end,),
        column="created_at",
    )


def find(db: Database, needs: Sequence[Need], part: Part) -> list[Found]:
    """Return the sessions of a part of the list that are not in the trash and meet all needs."""
    if all(need.column == part.order.column for need in needs):
        return _walk(db, needs, part, until=None)
    counted = {need: _count(db, need) for need in needs}
    counts = dict(sorted(counted.items(), key=lambda item: item[1]))
    fewest = min(counts.values())
    if fewest and _likely_walk(db, counts.values(), part.limit) <= _STRETCH:
        end = _end_of_stretch(db, needs, part, _STRETCH)
        found = _walk(db, list(counts), part, until=end)
        if end is None or len(found) == part.limit:
            return found
    return _gather(db, counts, part) if fewest else []


def _count(db: Database, need: Need) -> int:
    row = db.execute(f"SELECT count(*) FROM ({need.gather} LIMIT {_MANY})", need.values).fetchone()
    return int(row[0])


def _likely_walk(db: Database, counts: Iterable[int], limit: int) -> float:
    # How many sessions fill a page, were the needs independent of each other and of the order.
    sessions = int(db.execute("SELECT sessions FROM session_totals").fetchone()[0])
    steps = float(limit)
    for count in counts:
        steps *= max(1.0, sessions / count) if count < _MANY else 1.0
    return steps


def _end_of_stretch(db: Database, needs: Sequence[Need], part: Part, length: int) -> Found | None:
    order = part.order
    spans = [need for need in needs if need.column == order.column]
    found: Found | None = db.execute(
        f"""SELECT {order.column}, id FROM sessions INDEXED BY {order.index}
        WHERE trashed_at IS NULL {part.begin} {_probes(spans)} ORDER BY {order.by} LIMIT 1 OFFSET {length}""",
        [*part.begin_values, *_values(spans)],
    ).fetchone()
    return found


def _walk(
    db: Database, needs: Sequence[Need], part: Part, *, until: Found | None, among: Set[int] | None = None
) -> list[Found]:
    order = part.order
    end = f"AND (sessions.{order.column}, sessions.id) {order.earlier}= (?, ?)" if until else ""
    chosen = "AND sessions.id IN (SELECT value FROM json_each(?))" if among is not None else ""
    ids = [json.dumps(sorted(among))] if among is not None else []
    found: list[Found] = db.execute(
        f"""SELECT {order.column}, id FROM sessions INDEXED BY {order.index}
        WHERE trashed_at IS NULL {part.begin} {end} {chosen} {_probes(needs)} ORDER BY {order.by} LIMIT ?""",
        [*part.begin_values, *(until or ()), *ids, *_values(needs), part.limit],
    ).fetchall()
    return found


def _gather(db: Database, counts: Mapping[Need, int], part: Part) -> list[Found]:
    most = min(_MANY - 1, _PROBES_PER_ROW * min(counts.values()))
    gathered = [need for need, count in counts.items() if count <= most] or list(counts)[:2]
    probed = [need for need in counts if need not in gathered]
    ids = _meeting_all(db, gathered)
    if len(ids) > _DENSE:
        return _walk(db, probed, part, until=None, among=ids)
    column = part.order.column
    columns = "".join(f"sessions.{name}, " for name in {column, *(need.column for need in probed if need.column)})
    # Sorted first, within a LIMIT of its own that keeps it so, then probed only until the page is full.
    found: list[Found] = db.execute(
        f"""SELECT {column}, id FROM (
            SELECT {columns} sessions.id
            FROM json_each(?) AS chosen CROSS JOIN sessions ON sessions.id = chosen.value
            WHERE sessions.trashed_at IS NULL {part.begin} ORDER BY {part.order.by} LIMIT {_ALL}
        ) AS sessions WHERE true {_probes(probed)} LIMIT ?""",
        [json.dumps(sorted(ids)), *part.begin_values, *_values(probed), part.limit],
    ).fetchall()
    return found


def _meeting_all(db: Database, needs: Sequence[Need]) -> set[int]:
    # Here and not by SQL: sets of numbers meet ten times faster than rows are looked up.
    rarest, *others = needs
    ids = _ids(db, rarest)
    for need in others:
        if ids:
            ids &= _ids(db, need)
    return ids


def _ids(db: Database, need: Need) -> set[int]:
    # As one text: three times faster than row by row.
    text = db.execute(f"SELECT json_group_array(id) FROM ({need.gather})", need.values).fetchone()[0]
    return set(json.loads(text))


def _probes(needs: Sequence[Need]) -> str:
    return "".join(f" AND {need.probe}" for need in needs)


def _values(needs: Sequence[Need]) -> list[Value]:
    return [value for need in needs for value in need.values]
