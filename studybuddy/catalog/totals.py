"""What the library holds, from counts that triggers keep."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlite_utils import Database

from studybuddy.kinds import Kind

_WEEKS = 26


@dataclass(frozen=True, slots=True)
class Holding:
    """The files of one kind in one storage."""

    storage_id: int
    kind: Kind
    files: int
    bytes: int
    duration_ms: int  # of those whose length is known


@dataclass(frozen=True, slots=True)
class Week:
    """What was added in a week and is not in the trash."""

    monday: date  # UTC
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What the library holds outside the trash."""

    sessions: int
    holdings: tuple[Holding, ...]  # by storage, then kind; none is empty
    weeks: tuple[Week, ...]  # the last 26, this one last, also those in which nothing was added

    @property
    def files(self) -> int:
        """How many files there are."""
        return sum(holding.files for holding in self.holdings)

    @property
    def bytes(self) -> int:
        """How large they are together."""
        return sum(holding.bytes for holding in self.holdings)

    @property
    def recording_ms(self) -> int:
        """How long the recordings are together."""
        return sum(holding.duration_ms for holding in self.holdings if holding.kind == "audio")


def read(db: Database, *, today: date | None = None) -> Totals:
    """Return the totals, with the weeks up to `today` (UTC)."""
    sessions = db.execute("SELECT sessions FROM session_totals").fetchone()[0]
    rows = db.execute(
        "SELECT storage_id, kind, files, bytes, duration_ms FROM totals WHERE files > 0 ORDER BY storage_id, kind"
    ).fetchall()
    return Totals(sessions, tuple(Holding(*row) for row in rows), _weeks(db, today or datetime.now(UTC).date()))


def _weeks(db: Database, today: date) -> tuple[Week, ...]:
    this_monday = today - timedelta(days=today.weekday())
    mondays = [this_monday - timedelta(weeks=back) for back in reversed(range(_WEEKS))]
    sums = dict.fromkeys(mondays, (0, 0))
    rows = db.execute("SELECT day, files, bytes FROM days WHERE day BETWEEN ? AND ?", [str(mondays[0]), str(today)])
    for text, files, size in rows.fetchall():
        day = date.fromisoformat(text)
        monday = day - timedelta(days=day.weekday())
        sums[monday] = (sums[monday][0] + files, sums[monday][1] + size)
    return tuple(Week(monday, *sums[monday]) for monday in mondays)
