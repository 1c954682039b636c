"""Prices anew from AWS: fetched, looked at, and kept beside the catalog only when they can be believed."""

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

from urllib3 import BaseHTTPResponse, PoolManager, Timeout
from urllib3.exceptions import HTTPError

from studybuddy.costs.money import divided, minus, plain, times
from studybuddy.costs.price_list import OFFERS, RATES, Offer, read_offer
from studybuddy.costs.prices import SHIPPED, PriceBook, Prices
from studybuddy.errors import ConflictError, InvalidInputError, UnavailableError
from studybuddy.units import MIB, utc_now

AWS = "https://pricing.us-east-1.amazonaws.com"
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9]")
_MAX_BYTES = 512 * MIB
_TIMEOUT = Timeout(connect=10, read=60)
_MOST_MOVED = Decimal("0.5")

ReadList = Callable[[str, str], Any]  # an offer's list for a region, as JSON


@dataclass(frozen=True, slots=True)
class Change:
    """A price that is another than before."""

    name: str
    before: Decimal | None
    usd: Decimal


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What came of one region: its price lists, what they changed, and what they do not tell."""

    region: str
    offers: tuple[Offer, ...]
    changes: tuple[Change, ...]
    kept: tuple[str, ...]  # prices that were known and are not in the lists

    @property
    def found(self) -> int:
        """How many prices the lists have."""
        return sum(len(offer.usd) for offer in self.offers)


def public_lists(url: str = AWS) -> ReadList:
    """Return what reads the public price lists, for which no account is needed."""
    address = url.rstrip("/")
    return lambda offer, region: _fetch(f"{address}/offers/v1.0/aws/{offer}/current/{region}/index.json")


def refresh(book: PriceBook, regions: Sequence[str], store: Path, *, read: ReadList) -> list[Refreshed]:
    """Read the prices of regions and keep them in `store`; all of them or, when an error is raised, none.

    Raises UnavailableError when AWS does not answer, and ConflictError with what was found when it cannot be believed.
    """
    for region in regions:
        if not _REGION.fullmatch(region):
            raise InvalidInputError(f"{region[:40]!r} is no AWS region", fix="Name one like eu-west-1.")
    done = [_of_region(book, region, read) for region in dict.fromkeys(regions)]
    _store(store, book, done)
    return done


def _of_region(book: PriceBook, region: str, read: ReadList) -> Refreshed:
    known = book.regions.get(region)
    offers = tuple(read_offer(read(offer, region), offer=offer, region=region) for offer in OFFERS)
    found = {name: usd for offer in offers for name, usd in offer.usd.items()}
    if problems := list(_problems(known, found)):
        raise ConflictError(
            f"AWS's prices for {region} are not taken: {'; '.join(problems)}",
            fix="The prices of before stay in force. Look at AWS's pricing page.",
        )
    before = {name: price.usd for name, price in known.by_name.items()} if known else {}
    changes = [Change(name, before.get(name), usd) for name, usd in sorted(found.items()) if before.get(name) != usd]
    listed = {name for rate in RATES for name in _names(rate.name, len(rate.tiers))}
    kept = sorted(name for name in before if name in listed and name not in found)
    return Refreshed(region, offers, tuple(changes), tuple(kept))


def _problems(known: Prices | None, found: Mapping[str, Decimal]) -> Iterator[str]:
    """Say what is not to be believed."""
    for rate in RATES:
        missing = [name for name in _names(rate.name, len(rate.tiers)) if name not in found]
        if rate.tiers and missing:
            yield f"there is no {', '.join(missing)}"
    for name, usd in sorted(found.items()):
        price = known.get(name) if known else None
        if usd < 0:
            yield f"{name} is below zero"
        elif price and abs(minus(usd, price.usd)) > times(price.usd, _MOST_MOVED):
            # A zero where none was is such a move as well.
            yield f"{name} is {plain(usd)}, it was {plain(price.usd)}{_percent(price.usd, usd)}"


def _percent(before: Decimal, now: Decimal) -> str:
    return f" ({divided(minus(now, before), before):+.0%})" if before else ""


def _names(name: str, tiers: int) -> list[str]:
    return [f"{name}.{number}" for number in range(1, tiers + 1)] if tiers else [name]


def _fetch(url: str) -> Any:
    try:
        with PoolManager(retries=2) as pool:
            answer = pool.request("GET", url, timeout=_TIMEOUT, preload_content=False)
            body = _body(answer, url)
    except HTTPError as error:
        raise UnavailableError(f"{url} does not answer", fix="Try again when this computer is online.") from error
    try:
        return json.loads(body, parse_float=Decimal)
    except ValueError as error:
        raise InvalidInputError(f"What {url} sent is no price list") from error


def _body(answer: BaseHTTPResponse, url: str) -> bytes:
    try:
        if answer.status != 200:
            raise UnavailableError(f"{url} answered {answer.status}", fix="Look whether AWS has S3 in this region.")
        body = answer.read(_MAX_BYTES + 1, decode_content=True)
    finally:
        answer.release_conn()
    if len(body) > _MAX_BYTES:
        raise InvalidInputError(f"What {url} sent is larger than {_MAX_BYTES // MIB} MiB")
    return body


def _store(store: Path, book: PriceBook, done: Sequence[Refreshed]) -> None:
    """Write the prices of these regions, beside those of other regions that are there; whole or not at all."""
    shipped = json.loads(SHIPPED.read_text("utf-8"))
    document = {"made_on": utc_now()[:10], "units": shipped["units"], "sources": {}, "everywhere": {}, "regions": {}}
    if store.is_file():
        document |= {key: value for key, value in json.loads(store.read_text("utf-8")).items() if key != "made_on"}
    for one in done:
        title = book.regions[one.region].title if one.region in book.regions else one.region
        document["regions"][one.region] = {
            "name": title,
            "prices": {offer.source: {name: plain(usd) for name, usd in offer.usd.items()} for offer in one.offers},
        }
        document["sources"] |= {offer.source: {"what": offer.source, "as_of": offer.as_of} for offer in one.offers}
    temporary = store.with_name(f"{store.name}.{uuid4().hex}")
    try:
        with temporary.open("x", encoding="utf-8") as stream:
            json.dump(document, stream, indent=1, ensure_ascii=False)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(store)
    finally:
        temporary.unlink(missing_ok=True)
