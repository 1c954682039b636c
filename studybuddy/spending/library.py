"""What the library costs: a month as it is, this month so far, at this rate, and in the months to come."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

from studybuddy.catalog import Database
from studybuddy.costs import providers
from studybuddy.costs.bill import Estimate
from studybuddy.costs.classes import FREE_INTERNET_GB
from studybuddy.costs.estimate import estimate
from studybuddy.costs.money import ZERO, minus, total
from studybuddy.costs.prices import PriceBook
from studybuddy.costs.usage import FreeTier, Usage
from studybuddy.settings.providers import PROVIDERS, provider_of
from studybuddy.spending import monthly_use
from studybuddy.spending.measured import Measured, measure
from studybuddy.status import StorageStatus, overview
from studybuddy.storages import Storages

MONTHS_AHEAD = 12
_NOTHING = Estimate(())
_LOCAL, _AWS, _UNKNOWN = "", provider_of(None).name, PROVIDERS[-1].name
_CODES = {"Cloudflare R2": "r2", "Backblaze B2": "b2", "Wasabi": "wasabi", "Supabase": "supabase"}


@dataclass(frozen=True, slots=True)
class StorageCost:
    """What one storage costs. Without estimates it is not known, and `note` says why."""

    status: StorageStatus
    estimate: Estimate | None  # a month in which what is there stays there, and nothing is asked
    region: str = ""
    note: str = ""
    measured: Measured | None = None  # None: nothing was ever there
    so_far: Estimate | None = None  # this month until now
    at_this_rate: Estimate | None = None  # this month, when the rest goes on as the last days went
    ahead: tuple[Estimate, ...] = ()  # each of the months to come


@dataclass(frozen=True, slots=True)
class Sum:
    """USD of all storages together; `at_least` where a price is not known."""

    usd: Decimal
    at_least: bool


@dataclass(frozen=True, slots=True)
class LibraryCost:
    """What all storages cost together."""

    storages: tuple[StorageCost, ...]
    months: tuple[date, ...]  # the first days of those that `ahead` is about

    @property
    def total(self) -> Decimal:
        """USD a month to keep what is there, of what is known."""
        return _sum(one.estimate for one in self.storages).usd

    @property
    def at_least(self) -> bool:
        return _sum(one.estimate for one in self.storages).at_least

    @property
    def so_far(self) -> Sum:
        return _sum(one.so_far for one in self.storages)

    @property
    def at_this_rate(self) -> Sum:
        return _sum(one.at_this_rate for one in self.storages)

    @property
    def ahead(self) -> tuple[Sum, ...]:
        """Return the sum of each month to come."""
        return tuple(
            _sum(one.ahead[number] if one.ahead else None for one in self.storages)
            for number in range(len(self.months))
        )


def of_library(
    db: Database, storages: Storages, book: PriceBook, *, free_tier: FreeTier = "none", now: datetime | None = None
) -> LibraryCost:
    """Return what the library costs, also the trash and spare copies: they are paid for like the rest.

    Of older versions and unfinished parts, what is known. What browsers read by links that lead to the storage itself
    is not known here.
    """
    now = now or datetime.now(UTC)
    months = tuple(monthly_use.months_ahead(now, MONTHS_AHEAD))
    measured = measure(db, now=now)
    bills = [_Bill(book, free_tier) for _ in range(3 + MONTHS_AHEAD)]
    costs = tuple(_of_storage(one, measured.get(one.row.id), months, bills) for one in overview(db, storages))
    return LibraryCost(costs, months)


class _Bill:
    """The bill of one month, storage by storage. What is free is free once, not for each of them."""

    def __init__(self, book: PriceBook, free_tier: FreeTier) -> None:
        self._book = book
        self._free_tier = free_tier
        self._free_egress_gb = Decimal(FREE_INTERNET_GB)

    def at_aws(self, usage: Usage) -> Estimate | None:
        """Return what AWS asks; None where the region's prices are not known."""
        prices = self._book.regions.get(usage.region)
        if prices is None:
            return None
        usage = replace(usage, free_tier=self._free_tier, free_egress_gb=self._free_egress_gb)
        made = estimate(usage, prices)
        self._free_egress_gb = max(ZERO, minus(self._free_egress_gb, usage.egress_gb))
        if made.components and self._free_tier == "legacy":
            self._free_tier = "none"
        return made


def _of_storage(
    status: StorageStatus, measured: Measured | None, months: Iterable[date], bills: list[_Bill]
) -> StorageCost:
    provider, region = _place(status)
    if provider == _LOCAL:
        return _all_of(status, measured, [_NOTHING] * len(bills), note="Your own disk: nothing to pay")
    usages = _usages(measured, region, months) if measured else [Usage(region)] * len(bills)
    if provider != _AWS:
        return _elsewhere(status, measured, usages, provider)
    made = [bill.at_aws(usage) for bill, usage in zip(bills, usages, strict=True)]
    note = "" if made[0] else f"The prices of the region {region} are not known"
    return _all_of(status, measured, made, region=region, note=note)


def _place(status: StorageStatus) -> tuple[str, str]:
    """Return whose storage it is and its region: also of one that the settings no longer name, for it costs as well."""
    url = urlsplit(status.row.url)
    if url.scheme != "s3":
        return _LOCAL if url.scheme == "local" else "Supabase", ""
    return provider_of(dict(parse_qsl(url.query)).get("endpoint")).name, status.row.region


def _elsewhere(status: StorageStatus, measured: Measured | None, usages: list[Usage], provider: str) -> StorageCost:
    if measured is None or not measured.is_used:
        return _all_of(status, measured, [_NOTHING] * len(usages), note="Nothing of this library is there")
    if provider not in _CODES:
        kept = None if measured.is_kept else _NOTHING
        whose = "this service" if provider == _UNKNOWN else provider
        return StorageCost(status, kept, note=f"The prices of {whose} are not known", measured=measured)
    rows = [next(row for row in providers.bills(usage) if row.code == _CODES[provider]) for usage in usages]
    return _all_of(status, measured, [row.estimate for row in rows], note="; ".join(rows[0].remarks))


def _all_of(
    status: StorageStatus,
    measured: Measured | None,
    made: list[Estimate] | list[Estimate | None],
    *,
    region: str = "",
    note: str,
) -> StorageCost:
    now, so_far, at_this_rate, *ahead = made
    known = tuple(one for one in ahead if one)
    return StorageCost(status, now, region, note, measured, so_far, at_this_rate, known)


def _usages(found: Measured, region: str, months: Iterable[date]) -> list[Usage]:
    now = [make(found, region) for make in (monthly_use.kept, monthly_use.so_far, monthly_use.at_this_rate)]
    return [*now, *(monthly_use.in_month(found, region, month) for month in months)]


def _sum(made: Iterable[Estimate | None]) -> Sum:
    known = list(made)
    usd = total(one.total for one in known if one)
    return Sum(usd, any(one is None or one.at_least for one in known))
