"""The same use in another storage class or another region."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from studybuddy.costs.classes import EXPRESS, StorageClass
from studybuddy.costs.money import GB, ZERO, divided, times, total
from studybuddy.costs.usage import ClassUsage, Sized, Usage

_SUMS = (
    "objects", "noncurrent_gb", "unfinished_gb", "put", "list", "get", "delete", "multipart_uploads", "multipart_parts",
    "early_delete_gb", "early_delete_objects",
)  # fmt: skip


def in_class(usage: Usage, kind: StorageClass) -> Usage:
    """Return the same use with everything in one class.

    What leaves the storage is read there, where that costs. In an archive it is restored once, and kept for the month.
    """
    same = len(usage.classes) == 1 and usage.classes[0].storage_class is kind
    used = usage.classes[0] if same else _together(usage, kind)
    return replace(usage, classes=(_with_reading(used, usage),))


def in_region(usage: Usage, region: str) -> Usage:
    """Return the same use in another region."""
    if usage.egress_region != region:
        return replace(usage, region=region)
    within = total((usage.egress_same_region_gb, usage.egress_region_gb))
    return replace(usage, region=region, egress_same_region_gb=within, egress_region_gb=ZERO, egress_region="")


def read_gb(usage: Usage) -> Decimal:
    """Return how much is read: as it is given, or what leaves the storage."""
    given = total(amount for used in usage.classes for amount in (used.retrieval_gb, *used.restore_gb.values()))
    return given or usage.out_gb


def _together(usage: Usage, kind: StorageClass) -> ClassUsage:
    """Put all classes into one, without what only their own classes know."""
    parts = usage.classes
    ages = [used.early_delete_days for used in parts if used.early_delete_gb or used.early_delete_objects]
    merged = ClassUsage(
        kind,
        gb=total(total((usage.gb_months(used), used.colder_gb)) for used in parts),
        sizes=parts[0].sizes if len(parts) == 1 else tuple(one for used in parts for one in _sizes(usage, used)),
        early_delete_days=min(ages, default=ZERO),
    )
    sums: dict[str, Any] = {name: total(getattr(used, name) for used in parts) for name in _SUMS}
    return replace(merged, **sums)


def _sizes(usage: Usage, used: ClassUsage) -> tuple[Sized, ...]:
    if used.sizes or not used.objects:
        return used.sizes
    return (Sized(_mean_bytes(usage, used), used.objects),)


def _mean_bytes(usage: Usage, used: ClassUsage) -> Decimal:
    objects = used.objects or total(one.count for one in used.sizes)
    held = total((usage.gb_months(used), used.colder_gb))
    return divided(times(held, GB), objects) if objects else ZERO


def _with_reading(used: ClassUsage, usage: Usage) -> ClassUsage:
    kind, read = used.storage_class, read_gb(usage)
    if kind.restored and not any((*used.restore_gb.values(), *used.restore_requests.values(), used.restored_gb)):
        return _restoring(used, min(read, total((usage.gb_months(used), used.colder_gb))))
    if kind.retrieval:
        used = replace(used, retrieval_gb=used.retrieval_gb or read)
    if kind is EXPRESS:
        used = replace(used, upload_gb=used.upload_gb or _written_gb(used, usage))
    return used


def _restoring(used: ClassUsage, restored: Decimal) -> ClassUsage:
    objects = used.objects or total(one.count for one in used.sizes)
    asked = min(used.get, objects) if objects else used.get
    return replace(used, restore_requests={"standard": asked}, restore_gb={"standard": restored}, restored_gb=restored)


def _written_gb(used: ClassUsage, usage: Usage) -> Decimal:
    sent = times(_mean_bytes(usage, used), total((used.put, used.multipart_uploads)))
    return usage.ingress_gb or divided(sent, GB)
