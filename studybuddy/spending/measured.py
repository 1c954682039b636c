"""What each storage really held and was asked: from the catalog's sums, by day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from studybuddy.catalog import Database, usage
from studybuddy.catalog.usage import Band, Day
from studybuddy.costs.money import HOURS_A_DAY, ZERO, divided, minus, times, total
from studybuddy.drivers.counters import Counted

WINDOW_DAYS = 30  # what the rates are measured over
_LEAST_DAYS = 7  # of a young library: else its first day, when everything came, would say how it goes on
T = TypeVar("T", Band, Day)


@dataclass(frozen=True, slots=True)
class Measured:
    """One storage: what it holds now, what it held and was asked this month so far, and how that goes on."""

    now: datetime  # UTC
    bands: tuple[Band, ...] = ()
    byte_hours: Decimal = ZERO  # this month so far
    counts: Mapping[str, Decimal] = field(default_factory=dict)  # this month so far, by `Counted`
    counts_a_day: Mapping[str, Decimal] = field(default_factory=dict)  # by `Counted`
    growth_bytes: Decimal = ZERO  # a day; below zero where more went than came
    unfinished_bytes: int = 0  # as the doctor last saw them
    old_bytes: int = 0  # versions of what was deleted, in a bucket that is known to keep them
    since: date | None = None  # nothing is known of earlier days

    @property
    def objects(self) -> int:
        """How many objects it holds, those in the trash and spare copies with them."""
        return sum(band.objects for band in self.bands)

    @property
    def bytes(self) -> int:
        """How large they are together."""
        return sum(band.bytes for band in self.bands)

    @property
    def is_used(self) -> bool:
        """Whether there is anything that could cost."""
        return bool(self.is_kept or self.counts or self.byte_hours)

    @property
    def is_kept(self) -> bool:
        """Whether anything is there now."""
        return bool(self.bands or self.old_bytes or self.unfinished_bytes)

    def count(self, *what: Counted) -> Decimal:
        """Return how often these were asked this month so far."""
        return total(self.counts.get(one, ZERO) for one in what)


def measure(db: Database, *, now: datetime | None = None) -> dict[int, Measured]:
    """Return what is known of every storage, by its id."""
    now = (now or datetime.now(UTC)).astimezone(UTC)
    return _Sums(db, now).measured()


class _Sums:
    """The catalog's sums of this month and of the last days."""

    def __init__(self, db: Database, now: datetime) -> None:
        self._now = now
        self._month = now.date().replace(day=1)
        self._window = now.date() - timedelta(days=WINDOW_DAYS - 1)
        self._bands = _by_storage(usage.bands(db))
        self._days = _by_storage(usage.days(db, since=min(self._month, self._window)))
        self._month_counts = usage.counts(db, since=self._month)
        self._window_counts = usage.counts(db, since=self._window)
        self._first_days = usage.first_days(db)
        self._seen = usage.sightings(db)

    def measured(self) -> dict[int, Measured]:
        return {storage_id: self._of(storage_id) for storage_id in self._first_days.keys() | self._seen.keys()}

    def _of(self, storage_id: int) -> Measured:
        bands, days = self._bands.get(storage_id, []), self._days.get(storage_id, [])
        since, seen = self._first_days.get(storage_id), self._seen.get(storage_id, {})
        length = self._window_length(since)
        lately = [day for day in days if day.day >= self._window]
        gone = sum(day.gone_bytes for day in lately)
        return Measured(
            self._now,
            tuple(bands),
            byte_hours=self._byte_hours(sum(band.bytes for band in bands), days),
            counts=_decimals(self._month_counts.get(storage_id, {})),
            counts_a_day={
                what: divided(amount, length)
                for what, amount in _decimals(self._window_counts.get(storage_id, {})).items()
            },
            growth_bytes=divided(Decimal(sum(day.bytes for day in lately)), length),
            unfinished_bytes=seen.get("unfinished_bytes", 0),
            old_bytes=gone if seen.get("versioning") else 0,
            since=since,
        )

    def _window_length(self, since: date | None) -> Decimal:
        known = (self._now.date() - since).days + 1 if since else 0
        return Decimal(min(WINDOW_DAYS, max(_LEAST_DAYS, known)))

    def _byte_hours(self, held_now: int, days: Iterable[Day]) -> Decimal:
        """Return what was held this month so far: what was there when it began, and what came and went since."""
        this_month = [day for day in days if day.day >= self._month]
        gone = hours_gone(self._now)
        parts = [times(Decimal(held_now - sum(day.bytes for day in this_month)), gone)]
        for day in this_month:
            # `byte_hours` counts until that day's end, which for today is still to come.
            until_then = Decimal(HOURS_A_DAY * day.day.day)
            parts += [Decimal(day.byte_hours), times(Decimal(day.bytes), minus(gone, until_then))]
        return max(ZERO, total(parts))


def hours_gone(now: datetime) -> Decimal:
    """Return how much of its month is over."""
    seconds = (now.minute * 60) + now.second
    return total((Decimal((now.day - 1) * HOURS_A_DAY + now.hour), divided(Decimal(seconds), Decimal(3600))))


def _by_storage(rows: Iterable[T]) -> dict[int, list[T]]:
    found: dict[int, list[T]] = {}
    for row in rows:
        found.setdefault(row.storage_id, []).append(row)
    return found


def _decimals(amounts: Mapping[str, int]) -> dict[str, Decimal]:
    return {what: Decimal(amount) for what, amount in amounts.items()}
