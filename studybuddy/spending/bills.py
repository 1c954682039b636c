"""The bills of a library's storages as one, and what follows from them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from functools import partial

from studybuddy.costs.bill import Component, Estimate, Row
from studybuddy.costs.classes import STANDARD
from studybuddy.costs.elsewhere import in_class
from studybuddy.costs.money import total
from studybuddy.costs.prices import PriceBook
from studybuddy.costs.usage import FreeTier, Usage
from studybuddy.costs.warnings import Warned, warnings
from studybuddy.settings.places import S3Settings
from studybuddy.settings.providers import is_aws
from studybuddy.spending import monthly_use
from studybuddy.spending.library import LibraryCost, StorageCost
from studybuddy.storages import Storages

_ONE = Decimal(1)


def together(found: LibraryCost, which: Callable[[StorageCost], Estimate | None]) -> Estimate:
    """Return one bill of all storages. What is not known of a storage is a line without a price."""
    made = [(one, which(one)) for one in found.storages]
    named = sum(1 for _, bill in made if bill is None or bill.components) > 1
    return Estimate(tuple(line for one, bill in made for line in _lines(one, bill, named=named)))


def months(found: LibraryCost) -> tuple[Row, ...]:
    """Return the bill of each of the months to come, all storages together."""
    return tuple(
        Row(f"{month:%Y-%m}", f"{month:%B %Y}", together(found, partial(_ahead, number=number)))
        for number, month in enumerate(found.months)
    )


def _ahead(one: StorageCost, *, number: int) -> Estimate | None:
    return one.ahead[number] if one.ahead else None


def whole_use(found: LibraryCost, region: str) -> Usage | None:
    """Return the use of everything that is anywhere, as if it were in one bucket; None where nothing is."""
    known = [monthly_use.typical(one.measured, region) for one in found.storages if one.measured]
    used = [usage for usage in known if usage.classes[0].gb]
    if not used:
        return None
    both = replace(
        used[0],
        classes=tuple(part for usage in used for part in usage.classes),
        egress_gb=total(usage.egress_gb for usage in used),
        ingress_gb=total(usage.ingress_gb for usage in used),
    )
    return in_class(both, STANDARD)


def use_of_library(
    found: LibraryCost, storages: Storages, *, region: str | None = None, free_tier: FreeTier = "none"
) -> Usage:
    """Return the use of everything that is anywhere; without a region, in that of the first bucket at Amazon."""
    where = region or _region_of(storages)
    return replace(whole_use(found, where) or Usage(where), free_tier=free_tier)


def _region_of(storages: Storages) -> str:
    places = (one.place for one in (storages.target, storages.default, *storages.opened.values()))
    known = (place.region for place in places if isinstance(place, S3Settings) and is_aws(place.endpoint_url))
    return next(known, Usage().region)


def warned(found: LibraryCost, book: PriceBook) -> Iterator[tuple[StorageCost, Warned]]:
    """Yield what to know of this month's bills of Amazon S3 at this rate, storage by storage."""
    for one in found.storages:
        if one.measured is None or one.at_this_rate is None or one.region not in book.regions:
            continue
        usage = monthly_use.at_this_rate(one.measured, one.region)
        for each in warnings(usage, one.at_this_rate, book.of(one.region)):
            yield one, each


def _lines(one: StorageCost, bill: Estimate | None, *, named: bool) -> Iterator[Component]:
    label = f"{one.status.row.label}: " if named else ""
    if bill is None:
        yield Component(f"{label}what it costs", "storage", "month", _ONE, None, note=one.note)
        return
    for line in bill.components:
        yield replace(line, name=f"{label}{line.name}")
