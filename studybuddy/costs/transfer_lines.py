"""What transfer and encryption cost."""

from collections.abc import Iterator
from decimal import Decimal

from studybuddy.costs.bill import Biller, Component
from studybuddy.costs.classes import FREE_INTERNET_GB, INTERNET_TIERS
from studybuddy.costs.money import ZERO, minus
from studybuddy.costs.usage import Usage

_ACCELERATED = {
    "acceleration.in.near": ("in at edges in the US, Europe and Japan", "accelerated_in_gb"),
    "acceleration.in.far": ("in at all other edges", "accelerated_in_far_gb"),
    "acceleration.out": ("out to the internet", "accelerated_out_gb"),
    "acceleration.region": ("to another region", "accelerated_region_gb"),
}


def transfer_lines(biller: Biller, usage: Usage) -> Iterator[Component]:
    """Yield the lines of everything that went out or was sped up."""
    yield from _internet(biller, usage)
    for name, gb in (
        ("Data transfer in", usage.ingress_gb),
        ("Data transfer to CloudFront", usage.egress_cloudfront_gb),
        ("Data transfer within the region", usage.egress_same_region_gb),
    ):
        yield from biller.free(name, "transfer", "GB", gb, note="Free of charge")
    yield from _to_region(biller, usage)
    for price_name, (where, field) in _ACCELERATED.items():
        yield from biller.line(f"Transfer Acceleration, {where}", price_name, getattr(usage, field))


def kms_lines(biller: Biller, usage: Usage) -> Iterator[Component]:
    """Yield the lines of KMS."""
    free = min(usage.free_kms_requests, usage.kms_requests)
    note = f"{usage.free_kms_requests:,f} requests a month are free"
    yield from biller.free("KMS requests", "kms", "requests", free, note=note)
    yield from biller.line("KMS requests", "kms.requests", minus(usage.kms_requests, free))
    yield from biller.line("KMS keys", "kms.keys", usage.kms_keys)


def _internet(biller: Biller, usage: Usage) -> Iterator[Component]:
    name = "Data transfer out to the internet"
    allowed = Decimal(FREE_INTERNET_GB) if usage.free_egress_gb is None else usage.free_egress_gb
    # Neither the public regions' allowance nor their sum holds there.
    allowed = ZERO if usage.region.startswith(("us-gov-", "cn-")) else allowed
    free = min(allowed, usage.egress_gb)
    note = f"{FREE_INTERNET_GB} GB a month are free, over all services and regions"
    yield from biller.free(name, "transfer", "GB", free, note=note)
    yield from biller.tiers(name, "transfer.internet", minus(usage.egress_gb, free), INTERNET_TIERS)


def _to_region(biller: Biller, usage: Usage) -> Iterator[Component]:
    own = f"transfer.region.{usage.egress_region}"
    price_name = own if biller.prices.get(own) else "transfer.region.default"
    where = usage.egress_region or "another region"
    note = "" if price_name == own else "The price to most regions; to some it is another"
    yield from biller.line(f"Data transfer to {where}", price_name, usage.egress_region_gb, note=note)
