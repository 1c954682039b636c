"""AWS's public price lists, in the shape in which they are published for each service and region."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from studybuddy.costs.classes import INTERNET_TIERS, STORAGE_TIERS
from studybuddy.errors import InvalidInputError

S3, DEEP, TRANSFER = "AmazonS3", "AmazonS3GlacierDeepArchive", "AWSDataTransfer"
OFFERS = (S3, DEEP, TRANSFER)

# Regions have their own prefix (`EU-`, `APS3-`), us-east-1 has none. `Global-`, `Tables-` are other things.
_USAGE = re.compile(r"(?:[A-Z]{2,4}[0-9]?-)?(.+)")
_ONE, _THOUSAND = Decimal(1), Decimal(1000)
_PART_OPERATIONS = ("UploadPart", "InitiateMultipartUpload", "CreateMultipartUpload")


@dataclass(frozen=True, slots=True)
class Rate:
    """Where a price of ours stands. `tiers`: where each of its tiers begins, in GB."""

    name: str
    usage: str  # the usage type behind the region's prefix
    offer: str = S3
    of: Decimal = _ONE  # ours is for so many
    operations: tuple[str, ...] = ()  # only these; none: all but `without`
    without: tuple[str, ...] = ()
    tiers: tuple[int, ...] = ()


def _requests(code: str, short: str) -> tuple[Rate, ...]:
    infix = f"{short}-" if short else ""
    return (
        Rate(f"request.{code}.put", f"Requests-{infix}Tier1", of=_THOUSAND, without=_PART_OPERATIONS),
        Rate(f"request.{code}.get", f"Requests-{infix}Tier2", of=_THOUSAND),
    )


def _infrequent(code: str, short: str) -> tuple[Rate, ...]:
    moved = Rate(f"transition.{code}", "Requests-Tier4", of=_THOUSAND, operations=(f"S3-{short}Transition",))
    held = Rate(f"storage.{code}", f"TimedStorage-{short}-ByteHrs")
    return (held, *_requests(code, short), moved, Rate(f"retrieval.{code}", f"Retrieval-{short}"))


_INT = "INTELLIGENT_TIERING"
RATES: tuple[Rate, ...] = (
    Rate("storage.STANDARD", "TimedStorage-ByteHrs", tiers=STORAGE_TIERS),
    *_requests("STANDARD", ""),
    Rate(f"storage.{_INT}.frequent", "TimedStorage-INT-FA-ByteHrs", tiers=STORAGE_TIERS),
    Rate(f"storage.{_INT}.infrequent", "TimedStorage-INT-IA-ByteHrs"),
    Rate(f"storage.{_INT}.archive_instant", "TimedStorage-INT-AIA-ByteHrs"),
    Rate(f"storage.{_INT}.archive", "TimedStorage-INT-AA-ByteHrs"),
    Rate(f"storage.{_INT}.deep_archive", "TimedStorage-INT-DAA-ByteHrs"),
    Rate(f"monitoring.{_INT}", "Monitoring-Automation-INT", of=_THOUSAND),
    *_requests(_INT, "INT"),
    Rate(f"transition.{_INT}", "Requests-Tier4", of=_THOUSAND, operations=("S3-INTTransition",)),
    *_infrequent("STANDARD_IA", "SIA"),
    *_infrequent("ONEZONE_IA", "ZIA"),
    *_infrequent("GLACIER_IR", "GIR"),
    Rate("storage.GLACIER", "TimedStorage-GlacierByteHrs"),
    *_requests("GLACIER", "GLACIER"),
    # One usage type for moving there and for bringing back.
    Rate("transition.GLACIER", "Requests-Tier3", of=_THOUSAND, operations=("S3-GlacierTransition",)),
    Rate("restore.GLACIER.standard", "Requests-Tier3", of=_THOUSAND, operations=("RestoreObject",)),
    Rate("restore.GLACIER.bulk", "Requests-Tier5", of=_THOUSAND),
    Rate("restore.GLACIER.expedited", "Requests-Tier6", of=_THOUSAND),
    Rate("retrieval.GLACIER.standard", "Standard-Retrieval-Bytes"),
    Rate("retrieval.GLACIER.bulk", "Bulk-Retrieval-Bytes"),
    Rate("retrieval.GLACIER.expedited", "Expedited-Retrieval-Bytes"),
    Rate("storage.DEEP_ARCHIVE", "TimedStorage-GDA-ByteHrs", DEEP),
    Rate("request.DEEP_ARCHIVE.put", "Requests-GDA-Tier1", DEEP, of=_THOUSAND, without=_PART_OPERATIONS),
    Rate("request.DEEP_ARCHIVE.part", "Requests-GDA-Tier1", DEEP, of=_THOUSAND, operations=_PART_OPERATIONS),
    Rate("request.DEEP_ARCHIVE.get", "Requests-GDA-Tier2", of=_THOUSAND),
    Rate("transition.DEEP_ARCHIVE", "Requests-Tier3", of=_THOUSAND, operations=("S3-GDATransition",)),
    Rate("restore.DEEP_ARCHIVE.standard", "Requests-GDA-Tier3", DEEP, of=_THOUSAND),
    Rate("restore.DEEP_ARCHIVE.bulk", "Requests-GDA-Tier5", DEEP, of=_THOUSAND),
    Rate("retrieval.DEEP_ARCHIVE.standard", "Standard-Retrieval-Bytes", DEEP),
    Rate("retrieval.DEEP_ARCHIVE.bulk", "Bulk-Retrieval-Bytes", DEEP),
    Rate("storage.EXPRESS_ONEZONE", "TimedStorage-XZ-ByteHrs"),
    *_requests("EXPRESS_ONEZONE", "XZ"),
    Rate("retrieval.EXPRESS_ONEZONE", "Retrieval-XZ"),
    Rate("upload.EXPRESS_ONEZONE", "Upload-XZ"),
    Rate("transfer.internet", "DataTransfer-Out-Bytes", TRANSFER, tiers=INTERNET_TIERS),
)
_BY_USAGE: dict[tuple[str, str], list[Rate]] = {}
for _rate in RATES:
    _BY_USAGE.setdefault((_rate.offer, _rate.usage), []).append(_rate)


@dataclass(frozen=True, slots=True)
class Offer:
    """What one price list says of one region: USD by the names of our prices."""

    source: str
    as_of: str
    usd: Mapping[str, Decimal]


def read_offer(document: Any, *, offer: str, region: str) -> Offer:
    """Read one list. Raises InvalidInputError when it has another shape or says two things of one price."""
    try:
        found: dict[str, Decimal] = {}
        for sku, product in document["products"].items():
            for name, usd in _rows(document, sku, product["attributes"], offer, region):
                if found.setdefault(name, usd) != usd:
                    raise InvalidInputError(f"AWS's price list of {offer} for {region} has two prices for {name}")
        version, as_of = str(document["version"]), str(document["publicationDate"])[:10]
    except (KeyError, TypeError, AttributeError, InvalidOperation) as error:
        raise InvalidInputError(f"AWS's price list of {offer} for {region} has a shape that is not known") from error
    return Offer(f"AWS's price list of {offer}, {region}, version {version}", as_of, found)


def _rows(
    document: Any, sku: str, attributes: Mapping[str, str], offer: str, region: str
) -> Iterator[tuple[str, Decimal]]:
    usage = attributes.get("usagetype", "")
    if offer == TRANSFER and usage.endswith("-AWS-Out-Bytes"):
        if attributes.get("fromRegionCode") == region and (target := attributes.get("toRegionCode")):
            yield from ((f"transfer.region.{target}", usd) for _, usd in _tiers(document, sku))
        return
    match = _USAGE.fullmatch(usage)
    operation = attributes.get("operation", "")
    for rate in _BY_USAGE.get((offer, match[1]), ()) if match else ():
        wanted = operation in rate.operations if rate.operations else operation not in rate.without
        if wanted:
            yield from ((_tier_name(rate, start), usd * rate.of) for start, usd in _tiers(document, sku))


def _tier_name(rate: Rate, start: Decimal) -> str:
    if not rate.tiers:
        return rate.name
    if start not in rate.tiers:
        raise InvalidInputError(f"AWS's price list has a tier of {rate.name} that begins at {start:f} GB")
    return f"{rate.name}.{rate.tiers.index(int(start)) + 1}"


def _tiers(document: Any, sku: str) -> Iterator[tuple[Decimal, Decimal]]:
    for term in document["terms"]["OnDemand"].get(sku, {}).values():
        for row in term["priceDimensions"].values():
            if "USD" in row["pricePerUnit"]:
                yield Decimal(row["beginRange"]), Decimal(row["pricePerUnit"]["USD"])
