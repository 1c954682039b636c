"""What a move of files costs: reading them at the source, transfer, writing them, and the first month at the target."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from studybuddy.costs.bill import Estimate
from studybuddy.costs.estimate import estimate
from studybuddy.costs.money import GB, divided, times, total
from studybuddy.costs.prices import PriceBook, Prices
from studybuddy.costs.sending import Sent, copied_by_provider, sent
from studybuddy.costs.usage import ClassUsage, Sized, Usage
from studybuddy.settings.places import PlaceSettings, S3Settings
from studybuddy.settings.providers import is_aws

TARGET = "Target, first month"
_SIDES = {"source": "Source", "target": TARGET}


def price_of_move(
    files: Sequence[Sized], source: PlaceSettings, target: PlaceSettings, book: PriceBook
) -> Estimate | None:
    """Return what AWS asks for a move, both sides; None where neither end is known to be priced.

    What stays at the source costs there what it did until it is cleaned up. The 100 free GB are taken to be unused.
    """
    within = _same_service(source, target)
    moved = divided(total(times(one.bytes, one.count) for one in files), GB)
    objects = total(one.count for one in files)
    parts: list[tuple[str, Estimate]] = []
    if (prices := _prices(source, book)) is not None:
        parts.append(("source", _source(moved, objects, prices, target if within else None)))
    if (prices := _prices(target, book)) is not None:
        how = copied_by_provider(files) if within else sent(files)
        parts.append(("target", _target(moved, objects, how, prices)))
    return _joined(parts) if parts else None


def _source(moved: Decimal, objects: Decimal, prices: Prices, target: PlaceSettings | None) -> Estimate:
    read = (ClassUsage(get=objects),)
    if not isinstance(target, S3Settings):
        return estimate(Usage(prices.region, read, egress_gb=moved), prices)
    if target.region == prices.region:
        return estimate(Usage(prices.region, read, egress_same_region_gb=moved), prices)
    return estimate(Usage(prices.region, read, egress_region_gb=moved, egress_region=target.region), prices)


def _target(moved: Decimal, objects: Decimal, how: Sent, prices: Prices) -> Estimate:
    written = ClassUsage(
        gb=moved,
        objects=objects,
        put=how.single,
        multipart_uploads=how.in_parts,
        multipart_parts=how.parts,
    )
    return estimate(Usage(prices.region, (written,)), prices)


def _joined(parts: Iterable[tuple[str, Estimate]]) -> Estimate:
    return Estimate(
        tuple(replace(line, name=f"{_SIDES[side]}: {line.name}") for side, one in parts for line in one.components)
    )


def _same_service(source: PlaceSettings, target: PlaceSettings) -> bool:
    if not isinstance(source, S3Settings) or not isinstance(target, S3Settings):
        return False
    return source.endpoint_url == target.endpoint_url


def _prices(place: PlaceSettings, book: PriceBook) -> Prices | None:
    return book.regions.get(place.region) if isinstance(place, S3Settings) and is_aws(place.endpoint_url) else None
