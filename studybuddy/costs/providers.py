"""What the same use costs at other providers, with their free amounts, least amounts and rounding.

Read in November 2026 where the prices were: R2 rounds up to the next unit that it bills; Wasabi bills 1 TB (1,024 GB)
and 90 days at least (its articles "How does Wasabi's monthly minimum storage charge work" and "... minimum storage
duration policy work"). Cloudflare and Backblaze are taken to count 10^9 bytes as a GB, which costs more than 2^30.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from pathlib import Path

from studybuddy.costs.bill import Biller, Component, Estimate, Row
from studybuddy.costs.money import GB, ZERO, divided, minus, times, total
from studybuddy.costs.prices import PriceBook, read
from studybuddy.costs.usage import Usage

_SHIPPED = Path(__file__).with_name("providers.json")
_MILLION = Decimal(10**6)
_R2_FREE_GB, _R2_FREE_A, _R2_FREE_B = Decimal(10), _MILLION, 10 * _MILLION
_B2_FREE_GB, _B2_FREE_OUT = Decimal(10), Decimal(3)  # out: so many times what is stored
_WASABI_LEAST_GB, _WASABI_LEAST_DAYS = Decimal(1024), Decimal(90)
_SUPABASE_FREE_GB, _SUPABASE_FREE_OUT_GB = Decimal(100), Decimal(250)
_SUPABASE_SMALL_GB, _SUPABASE_SMALL_OUT_GB = Decimal(1), Decimal(5)


@dataclass(frozen=True, slots=True)
class _Use:
    """What every provider bills by: GB are of 2^30 bytes."""

    gb: Decimal
    writes: Decimal  # with LIST and all requests of a multipart upload
    reads: Decimal
    out_gb: Decimal
    early_gb: Decimal  # GB-months left of what was deleted before Wasabi's least time


def book() -> PriceBook:
    """Return the providers' prices; they take the place of regions."""
    return read(_SHIPPED)


def bills(usage: Usage) -> Iterator[Row]:
    """Yield what each provider asks for the same use."""
    use, prices = _use(usage), book()
    for code, (lines, remarks) in _PROVIDERS.items():
        of_provider = prices.of(code)
        bill = Estimate(tuple(lines(Biller(of_provider), use)))
        yield Row(code, of_provider.title, bill, tuple(remarks(use)))


def _r2(biller: Biller, use: _Use) -> Iterator[Component]:
    for name, price_name, used, free in (
        ("Storage", "storage.r2", _decimal_gb(use.gb), _R2_FREE_GB),
        ("Class A: PUT, COPY, POST, LIST, parts", "request.a", use.writes, _R2_FREE_A),
        ("Class B: GET and all others", "request.b", use.reads, _R2_FREE_B),
    ):
        rounded = _up(used, biller.prices.unit(price_name).of)
        yield from biller.beyond(name, price_name, rounded, free=free)
    yield from biller.free("Data transfer out", "transfer", "GB", use.out_gb, note="Free of charge")


def _b2(biller: Biller, use: _Use) -> Iterator[Component]:
    stored, out = _decimal_gb(use.gb), _decimal_gb(use.out_gb)
    yield from biller.beyond("Storage", "storage.b2", stored, free=_B2_FREE_GB)
    yield from biller.free("Requests", "request", "requests", total((use.writes, use.reads)), note="Free of charge")
    free = times(stored, _B2_FREE_OUT)
    note = "Three times what is stored is free"
    yield from biller.beyond("Data transfer out", "transfer.internet", out, free=free, note=note)


def _wasabi(biller: Biller, use: _Use) -> Iterator[Component]:
    yield from biller.line("Storage", "storage.wasabi", use.gb)
    missing = max(ZERO, minus(_WASABI_LEAST_GB, use.gb))
    note = "At least 1,024 GB are billed"
    yield from biller.line("Storage, up to the least amount", "storage.wasabi", missing, note=note)
    note = "What is deleted earlier is billed for 90 days"
    yield from biller.line("Storage, early delete", "storage.wasabi", use.early_gb, note=note)
    yield from biller.free("Requests", "request", "requests", total((use.writes, use.reads)), note="Free of charge")
    free = min(use.out_gb, use.gb)
    note = "As much as is stored is free"
    yield from biller.free("Data transfer out", "transfer", "GB", free, note=note)
    # No price: Wasabi limits or ends such accounts.
    yield from biller.line("Data transfer out beyond what is stored", "transfer.internet", minus(use.out_gb, free))


def _supabase(biller: Biller, use: _Use) -> Iterator[Component]:
    note = "One project on the smallest computer is in it"
    yield from biller.line("Pro plan", "plan.pro", Decimal(1), note=note)
    yield from biller.beyond("Storage", "storage.supabase", use.gb, free=_SUPABASE_FREE_GB)
    yield from biller.free("Requests", "request", "requests", total((use.writes, use.reads)), note="Free of charge")
    out = "Data transfer out, uncached"
    yield from biller.beyond(out, "transfer.internet", use.out_gb, free=_SUPABASE_FREE_OUT_GB)


def _r2_remarks(_: _Use) -> Iterator[str]:
    yield "In GB of 10^9 bytes, rounded up to the next GB and the next million requests"


def _b2_remarks(use: _Use) -> Iterator[str]:
    yield "In GB of 10^9 bytes"
    if _decimal_gb(use.out_gb) > times(_decimal_gb(use.gb), _B2_FREE_OUT):
        yield "More goes out than three times what is stored"


def _wasabi_remarks(use: _Use) -> Iterator[str]:
    yield "1 TB and 90 days at least"
    if use.out_gb > use.gb:
        yield "Not for this use: more goes out than is stored, and Wasabi may limit or end such accounts"


def _supabase_remarks(use: _Use) -> Iterator[str]:
    if use.gb <= _SUPABASE_SMALL_GB and use.out_gb <= _SUPABASE_SMALL_OUT_GB:
        yield "Fits into the free plan: 1 GB, and 5 GB out a month"


_PROVIDERS: dict[
    str, tuple[Callable[[Biller, _Use], Iterator[Component]], Callable[[_Use], Iterator[str]]]
] = {
    "r2": (_r2, _r2_remarks),
    "b2": (_b2, _b2_remarks),
    "wasabi": (_wasabi, _wasabi_remarks),
    "supabase": (_supabase, _supabase_remarks),
}  # fmt: skip


def _use(usage: Usage) -> _Use:
    parts = usage.classes
    stored = (
        amount
        for used in parts
        for amount in (usage.gb_months(used), used.colder_gb, used.noncurrent_gb, used.unfinished_gb)
    )

    early_gb_days = (
        times(used.early_delete_gb, max(ZERO, minus(_WASABI_LEAST_DAYS, used.early_delete_days))) for used in parts
    )
    return _Use(
        gb=total(stored),
        writes=total(total((used.put, used.list, used.multipart_requests)) for used in parts),
        reads=total(used.get for used in parts),
        out_gb=usage.out_gb,
        early_gb=divided(total(early_gb_days), usage.days_in_month),
    )


def _decimal_gb(gb: Decimal) -> Decimal:
    return divided(times(gb, GB), Decimal(10**9))


def _up(amount: Decimal, step: Decimal) -> Decimal:
    return times(divided(amount, step).to_integral_value(ROUND_CEILING), step)
