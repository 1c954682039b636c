"""The same use priced in every storage class, in every region and at other providers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from studybuddy.costs import providers
from studybuddy.costs.bill import Row
from studybuddy.costs.classes import CLASSES, DEEP_ARCHIVE, EXPRESS, INTELLIGENT, StorageClass
from studybuddy.costs.elsewhere import in_class, in_region, read_gb
from studybuddy.costs.estimate import estimate
from studybuddy.costs.prices import PriceBook
from studybuddy.costs.usage import Usage

_ONE_PLACE = ("ONEZONE_IA", EXPRESS.code)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Three lists, each with the cheapest first and those of which a price is not known last."""

    classes: tuple[Row, ...]  # in the usage's region
    regions: tuple[Row, ...]  # in the usage's classes
    providers: tuple[Row, ...]  # Amazon S3 as the usage has it among them


def compare(usage: Usage, book: PriceBook) -> Comparison:
    """Price the same use elsewhere; raise NotFoundError where no prices of its region are known."""
    here = Row("aws", f"Amazon S3, {usage.region}", estimate(usage, book.of(usage.region)))
    return Comparison(
        classes=_sorted(_in_class(usage, kind, book) for kind in CLASSES.values()),
        regions=_sorted(_in_region(usage, region, book) for region in book.regions),
        providers=_sorted((here, *providers.bills(usage))),
    )


def _in_class(usage: Usage, kind: StorageClass, book: PriceBook) -> Row:
    found = estimate(in_class(usage, kind), book.of(usage.region))
    return Row(kind.code, kind.title, found, tuple(_remarks(usage, kind)))


def _in_region(usage: Usage, region: str, book: PriceBook) -> Row:
    prices = book.of(region)
    remarks = ("Only for agencies of the US and their contractors",) if region.startswith("us-gov-") else ()
    return Row(region, prices.title, estimate(in_region(usage, region), prices), remarks)


def _remarks(usage: Usage, kind: StorageClass) -> Iterator[str]:
    if kind.restored:
        hours = "up to 12 hours" if kind is DEEP_ARCHIVE else "3 to 5 hours"
        yield f"Nothing opens at once: it is restored first, which takes {hours}"
    if kind is INTELLIGENT:
        yield "As if all were read often; what nobody reads for 30 days becomes cheaper by itself"
    if kind.code in _ONE_PLACE:
        yield "In one data centre: lost when that is lost"
    if kind.least_days:
        yield f"Billed for at least {kind.least_days} days"
    asked = any(used.get for used in usage.classes)
    if (kind.restored or kind.retrieval) and asked and not read_gb(usage):
        yield "Reading is billed by the GB here, and how much is read was not given"


def _sorted(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda row: (row.estimate.at_least, row.estimate.total)))
