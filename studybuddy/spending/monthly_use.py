"""A storage's month as the use that a bill is made from: as it is kept, so far, at this rate, and in months to come."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from studybuddy.costs.money import GB, HOURS_A_DAY, ZERO, divided, minus, times, total
from studybuddy.costs.usage import ClassUsage, Sized, Usage
from studybuddy.spending.measured import Measured, hours_gone

_HALF = Decimal("0.5")


def kept(found: Measured, region: str) -> Usage:
    """Return a month in which what there is stays there, and nothing is asked."""
    sizes = tuple(Sized(divided(Decimal(one.bytes), Decimal(one.objects)), Decimal(one.objects)) for one in found.bands)
    return _usage(found, region, found.now.date(), gb=_gb(Decimal(found.bytes)), sizes=sizes)


def typical(found: Measured, region: str) -> Usage:
    """Return a month in which what there is stays there, and is asked as it was in the last days."""
    usage = kept(found, region)
    return asked(usage, _times(found.counts_a_day, usage.days_in_month))


def so_far(found: Measured, region: str) -> Usage:
    """Return this month until now."""
    usage = _usage(found, region, found.now.date(), byte_hours=found.byte_hours)
    return _of_time(asked(usage, found.counts), hours_gone(found.now))


def at_this_rate(found: Measured, region: str) -> Usage:
    """Return this whole month, when the rest of it goes on as the last days went."""
    length = Decimal(_days_in(found.now.date()))
    hours = minus(times(length, Decimal(HOURS_A_DAY)), hours_gone(found.now))
    days = divided(hours, Decimal(HOURS_A_DAY))
    to_come = times(_level(found, times(days, _HALF)), hours)
    rest = _times(found.counts_a_day, days)
    counts = {what: total((found.counts.get(what, ZERO), rest.get(what, ZERO))) for what in {*found.counts, *rest}}
    usage = _usage(found, region, found.now.date(), byte_hours=total((found.byte_hours, to_come)))
    return asked(usage, counts)


def in_month(found: Measured, region: str, first: date) -> Usage:
    """Return the month to come that begins on `first`, when everything goes on as the last days went."""
    length = Decimal(_days_in(first))
    begin = datetime.combine(first, time(), UTC)
    until_middle = total((Decimal((begin - found.now) // timedelta(days=1)), times(length, _HALF)))
    usage = _usage(found, region, first, gb=_gb(_level(found, until_middle)))
    return asked(usage, _times(found.counts_a_day, length))


def months_ahead(now: datetime, count: int) -> list[date]:
    """Return the first days of the next months."""
    months = range(now.year * 12 + now.month, now.year * 12 + now.month + count)
    return [date(month // 12, month % 12 + 1, 1) for month in months]


def asked(usage: Usage, counts: Mapping[str, Decimal]) -> Usage:
    """Return a month's use with what was asked in it, by what the drivers count."""
    begun, joined = counts.get("begin", ZERO), counts.get("join", ZERO)
    whole = min(begun, joined)  # what was begun and never joined is one request by itself
    held = replace(
        usage.classes[0],
        put=total((_sum(counts, "put", "copy", "post"), minus(max(begun, joined), whole))),
        list=_sum(counts, "list"),
        get=_sum(counts, "get", "head"),
        delete=_sum(counts, "delete", "abort"),
        multipart_uploads=whole,
        multipart_parts=_sum(counts, "part"),
    )
    received, sent = counts.get("received", ZERO), counts.get("sent", ZERO)
    return replace(usage, classes=(held,), egress_gb=_gb(received), ingress_gb=_gb(sent))


def _usage(  # noqa: PLR0913
    found: Measured,
    region: str,
    month: date,
    *,
    gb: Decimal = ZERO,
    byte_hours: Decimal = ZERO,
    sizes: tuple[Sized, ...] = (),
) -> Usage:
    held = ClassUsage(
        gb=gb,
        byte_hours=byte_hours,
        objects=Decimal(found.objects),
        sizes=sizes,
        noncurrent_gb=_gb(Decimal(found.old_bytes)),
        unfinished_gb=_gb(Decimal(found.unfinished_bytes)),
    )
    return Usage(region, (held,), days_in_month=Decimal(_days_in(month)))


def _of_time(usage: Usage, hours: Decimal) -> Usage:
    """Let what is only known as it is now count for the hours that are over."""
    held, month = usage.classes[0], times(usage.days_in_month, Decimal(HOURS_A_DAY))
    share = divided(hours, month)
    part = replace(held, noncurrent_gb=times(held.noncurrent_gb, share), unfinished_gb=times(held.unfinished_gb, share))
    return replace(usage, classes=(part,))


def _level(found: Measured, days: Decimal) -> Decimal:
    """Return how many bytes there will be after so many days."""
    return max(ZERO, total((Decimal(found.bytes), times(found.growth_bytes, days))))


def _times(rates: Mapping[str, Decimal], days: Decimal) -> dict[str, Decimal]:
    return {what: times(rate, days) for what, rate in rates.items()}


def _sum(counts: Mapping[str, Decimal], *what: str) -> Decimal:
    return total(counts.get(one, ZERO) for one in what)


def _gb(size: Decimal) -> Decimal:
    return divided(size, GB)


def _days_in(month: date) -> int:
    return monthrange(month.year, month.month)[1]
