"""What storage costs: each class with its smallest sizes, its overhead and its tiers."""

from collections.abc import Iterator
from decimal import Decimal

from studybuddy.costs.bill import Biller, Component
from studybuddy.costs.classes import (
    DEEP_ARCHIVE,
    GLACIER,
    INTELLIGENT,
    MONITORED_BYTES,
    STANDARD,
    STORAGE_TIERS,
)
from studybuddy.costs.money import GB, ZERO, divided, minus, times, total
from studybuddy.costs.usage import ClassUsage, Usage

_FREE_GB = Decimal(5)
_FREQUENT = f"storage.{INTELLIGENT.code}.frequent"


def storage_lines(biller: Biller, usage: Usage) -> Iterator[Component]:
    """Yield the lines of everything that was held."""
    for used in usage.classes:
        if used.storage_class is INTELLIGENT:
            yield from _intelligent(biller, used, usage)
        elif not used.storage_class.tiered:
            yield from _flat(biller, used, usage)
        yield from _early(biller, used, usage)
    yield from _at_standard_rate(biller, usage)


def _flat(biller: Biller, used: ClassUsage, usage: Usage) -> Iterator[Component]:
    kind = used.storage_class
    name = f"storage.{kind.code}"
    held = usage.gb_months(used)
    yield from biller.line(kind.title, name, held)
    small = _missing_gb(used, held)
    least = "Objects smaller than 128 KB are billed as 128 KB"
    yield from biller.line(f"{kind.title}, small objects", name, small, note=least)
    overhead = _gb(_objects(used), kind.overhead_bytes)
    yield from biller.line(f"{kind.title}, 32 KB more for each object", name, overhead)
    yield from biller.line(f"{kind.title}, older versions", name, used.noncurrent_gb)
    if not kind.staged:
        yield from biller.line(f"{kind.title}, unfinished parts", name, used.unfinished_gb)


def _intelligent(biller: Biller, used: ClassUsage, usage: Usage) -> Iterator[Component]:
    code, title = f"storage.{INTELLIGENT.code}", INTELLIGENT.title
    before = ZERO
    for label, held in (
        ("Frequent Access", usage.gb_months(used)),
        ("older versions", used.noncurrent_gb),
        ("unfinished parts", used.unfinished_gb),
    ):
        yield from biller.tiers(f"{title}, {label}", _FREQUENT, held, STORAGE_TIERS, after=before)
        before = total((before, held))
    yield from biller.line(f"{title}, Infrequent Access", f"{code}.infrequent", used.int_infrequent_gb)
    yield from biller.line(f"{title}, Archive Instant Access", f"{code}.archive_instant", used.int_archive_instant_gb)
    yield from biller.line(f"{title}, Archive Access", f"{code}.archive", used.int_archive_gb)
    yield from biller.line(f"{title}, Deep Archive Access", f"{code}.deep_archive", used.int_deep_archive_gb)
    for kind, objects in ((GLACIER, used.int_archive_objects), (DEEP_ARCHIVE, used.int_deep_archive_objects)):
        more = _gb(objects, kind.overhead_bytes)
        yield from biller.line(f"{title}, 32 KB more for each archived object", f"storage.{kind.code}", more)
    yield from biller.line(
        f"{title}, Monitoring and Automation", f"monitoring.{INTELLIGENT.code}", _monitored(used, usage.gb_months(used))
    )


def _early(biller: Biller, used: ClassUsage, usage: Usage) -> Iterator[Component]:
    kind = used.storage_class
    days_left = max(ZERO, minus(Decimal(kind.least_days), used.early_delete_days))
    least = _gb(used.early_delete_objects, kind.least_object_bytes)
    more = _gb(used.early_delete_objects, kind.overhead_bytes)
    gb = total((max(used.early_delete_gb, least), more))
    quantity = divided(times(gb, days_left), usage.days_in_month)
    note = f"Billed for {days_left:f} days more: objects stay at least {kind.least_days} days"
    yield from biller.line(f"{kind.title}, early delete", f"storage.{kind.code}", quantity, note=note)


def _at_standard_rate(biller: Biller, usage: Usage) -> Iterator[Component]:
    """Yield all that is billed at Standard's rate: it fills Standard's tiers together."""
    left = _FREE_GB if usage.free_tier == "legacy" else ZERO
    before = ZERO
    for label, held in _standard_parts(usage):
        free = min(left, held)
        left = minus(left, free)
        yield from biller.free(label, "storage", "GB-month", free, note="Free tier: 5 GB a month")
        paid = minus(held, free)
        yield from biller.tiers(label, f"storage.{STANDARD.code}", paid, STORAGE_TIERS, after=before)
        before = total((before, paid))


def _standard_parts(usage: Usage) -> Iterator[tuple[str, Decimal]]:
    for used in usage.classes:
        kind = used.storage_class
        if kind is STANDARD:
            yield kind.title, usage.gb_months(used)
            yield f"{kind.title}, older versions", used.noncurrent_gb
        if kind is STANDARD or kind.staged:
            yield f"{kind.title}, unfinished parts", used.unfinished_gb
        yield f"{kind.title}, 8 KB more for each object", _gb(_objects(used), kind.overhead_standard_bytes)
        archived = total((used.int_archive_objects, used.int_deep_archive_objects))
        yield f"{kind.title}, 8 KB more for each archived object", _gb(archived, GLACIER.overhead_standard_bytes)
        yield f"{kind.title}, restored copies", used.restored_gb


def _objects(used: ClassUsage) -> Decimal:
    return used.objects or total(one.count for one in used.sizes)


def _missing_gb(used: ClassUsage, held: Decimal) -> Decimal:
    """Return what small objects lack of the least size that is billed."""
    least = Decimal(used.storage_class.least_object_bytes)
    if used.sizes:
        lacking = total(times(max(ZERO, minus(least, one.bytes)), one.count) for one in used.sizes)
    else:
        lacking = max(ZERO, minus(times(least, used.objects), times(held, GB)))
    return divided(lacking, GB)


def _monitored(used: ClassUsage, held: Decimal) -> Decimal:
    if used.monitored_objects is not None:
        return used.monitored_objects
    if used.sizes:
        return total(one.count for one in used.sizes if one.bytes >= MONITORED_BYTES)
    large = times(total((held, used.colder_gb)), GB) >= times(used.objects, Decimal(MONITORED_BYTES))
    return used.objects if large else ZERO


def _gb(objects: Decimal, each_bytes: int) -> Decimal:
    return divided(times(objects, Decimal(each_bytes)), GB)
