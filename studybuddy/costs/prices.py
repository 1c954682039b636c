"""What AWS asks for: each price with its unit, its source and its date."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from studybuddy.errors import InvalidInputError, NotFoundError

SHIPPED = Path(__file__).with_name("prices.json")
FILE_NAME = "prices.json"  # of what `prices refresh` keeps beside the catalog
_PLACES = 15  # more digits than any price has


@dataclass(frozen=True, slots=True)
class Unit:
    """What a price is for: `of` single requests, objects or GB."""

    name: str
    of: Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """One figure of a price list."""

    name: str
    usd: Decimal
    unit: str
    source: str
    as_of: str  # a date, or what is known of it


@dataclass(frozen=True, slots=True)
class Prices:
    """The prices of one region."""

    region: str
    title: str
    by_name: Mapping[str, Price]
    units: Mapping[str, Unit]

    def get(self, name: str) -> Price | None:
        """Return a price, or None when it is not known."""
        return self.by_name.get(name)

    def unit(self, name: str) -> Unit:
        return self.units.get(name) or self.units[name.partition(".")[0]]


@dataclass(frozen=True, slots=True)
class PriceBook:
    """The prices of all regions that are known."""

    regions: Mapping[str, Prices]
    made_on: str

    def of(self, region: str) -> Prices:
        """Return a region's prices; raise NotFoundError where none are known."""
        found = self.regions.get(region)
        if found is None:
            raise NotFoundError(
                f"The prices of the region {region!r} are not known", fix=f"Known are: {', '.join(self.regions)}."
            )
        return found


def load(newer: Path | None = None) -> PriceBook:
    """Return the shipped prices, and over them those that `newer` has, where it is there."""
    shipped = read(SHIPPED)
    if newer is None or not newer.is_file():
        return shipped
    return _over(shipped, read(newer))


def parse(document: Any, *, where: str) -> PriceBook:
    """Read a document of prices; raise InvalidInputError with what is wrong in it."""
    try:
        units = {name: _unit(text) for name, text in document["units"].items()}
        everywhere = dict(_prices(document["everywhere"], document["sources"], units))
        regions = {
            code: Prices(
                code, region["name"], everywhere | dict(_prices(region["prices"], document["sources"], units)), units
            )
            for code, region in sorted(document["regions"].items())
        }
        return PriceBook(regions, str(document["made_on"]))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise InvalidInputError(
            f"The prices in {where} cannot be read", fix="Remove the file: those that came with the program count then."
        ) from error


@cache
def _read_version(path: Path, _: int) -> PriceBook:
    try:
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInputError(
            f"The prices in {path} cannot be read", fix="Remove the file: those that came with the program count then."
        ) from error
    return parse(document, where=str(path))


def read(path: Path) -> PriceBook:
    """Return the prices of one file; it is read again only when it has changed."""
    return _read_version(path, path.stat().st_mtime_ns)


def _over(older: PriceBook, newer: PriceBook) -> PriceBook:
    regions = dict(older.regions)
    for code, prices in newer.regions.items():
        known = regions.get(code)
        by_name = {**(known.by_name if known else {}), **prices.by_name}
        title = prices.title if prices.title != code or known is None else known.title
        regions[code] = Prices(code, title, by_name, {**(known.units if known else {}), **prices.units})
    return PriceBook(dict(sorted(regions.items())), max(older.made_on, newer.made_on))


def _prices(
    by_source: Mapping[str, Any], sources: Mapping[str, Any], units: Mapping[str, Unit]
) -> Iterator[tuple[str, Price]]:
    for source, prices in by_source.items():
        for name, usd in prices.items():
            unit = units.get(name) or units[name.partition(".")[0]]
            yield name, Price(name, _usd(usd), unit.name, sources[source]["what"], sources[source]["as_of"])


def _usd(text: Any) -> Decimal:
    if not isinstance(text, str):
        raise ValueError("a number in JSON is no exact price")
    try:
        usd = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is no price") from error
    if not usd.is_finite() or usd < 0 or usd > 10**6 or -int(usd.as_tuple().exponent) > _PLACES:
        raise ValueError(f"{text!r} is no price")
    return usd


def _unit(text: str) -> Unit:
    number = text.split(maxsplit=1)[0].replace(",", "")
    return Unit(text, Decimal(number) if number.isdigit() else Decimal(1))
