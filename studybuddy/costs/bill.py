"""The lines of a bill and their sum."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from studybuddy.costs.money import ZERO, divided, minus, times, total
from studybuddy.costs.prices import Price, Prices

Group = str  # "storage", "request", ...: the first word of the prices' names
_UNKNOWN = "The price is not known"


@dataclass(frozen=True, slots=True)
class Component:
    """One line of the bill."""

    name: str  # as AWS's page has it
    group: Group
    unit: str  # what `quantity` counts
    quantity: Decimal
    unit_price: Decimal | None  # USD; None: unknown, never zero
    price: Price | None = None  # where it comes from; None: free or unknown
    note: str = ""

    @property
    def cost(self) -> Decimal | None:
        """USD; None: unknown."""
        return None if self.unit_price is None else times(self.quantity, self.unit_price)


@dataclass(frozen=True)
class Estimate:
    """A bill. Where a price is not known it is `at_least` this much."""

    components: tuple[Component, ...]
    credits_usd: Decimal = ZERO

    @cached_property
    def total(self) -> Decimal:
        """USD, of all components whose price is known."""
        return total(part.cost for part in self.components if part.cost is not None)

    @property
    def at_least(self) -> bool:
        return any(part.cost is None for part in self.components)

    @property
    def to_pay(self) -> Decimal:
        """USD, when the credits are used."""
        return max(ZERO, minus(self.total, self.credits_usd))


@dataclass(frozen=True, slots=True)
class Row:
    """What the same use costs in one class, in one region or at one provider."""

    code: str
    title: str
    estimate: Estimate
    remarks: tuple[str, ...] = ()  # what to know besides the price


@dataclass(frozen=True, slots=True)
class Biller:
    """Makes lines from quantities and one region's prices; none for what is not used."""

    prices: Prices

    def line(self, name: str, price_name: str, quantity: Decimal, *, note: str = "") -> list[Component]:
        """Make a line of a quantity in single requests, objects or GB."""
        if not quantity:
            return []
        unit = self.prices.unit(price_name)
        price = self.prices.get(price_name)
        usd = price.usd if price else None
        group = price_name.partition(".")[0]
        return [Component(name, group, unit.name, divided(quantity, unit.of), usd, price, note if price else _UNKNOWN)]

    def free(self, name: str, group: Group, unit: str, quantity: Decimal, *, note: str) -> list[Component]:
        """Make a line of what costs nothing."""
        return [Component(name, group, unit, quantity, ZERO, note=note)] if quantity else []

    def beyond(
        self, name: str, price_name: str, quantity: Decimal, *, free: Decimal, note: str = ""
    ) -> list[Component]:
        """Make a line of what is free of a quantity, and one of what goes beyond it."""
        counted = self.prices.unit(price_name).name.split(" ", 1)[-1]
        given = min(quantity, free)
        group, said = price_name.partition(".")[0], note or f"{free:,f} {counted} a month are free"
        return [
            *self.free(f"{name}, free", group, counted, given, note=said),
            *self.line(name, price_name, minus(quantity, given)),
        ]

    def tiers(  # noqa: PLR0913
        self,
        name: str,
        price_name: str,
        quantity: Decimal,
        starts: Sequence[int],
        *,
        after: Decimal = ZERO,
        note: str = "",
    ) -> list[Component]:
        """Make a line of each tier that a quantity reaches, when `after` has gone before it."""
        lines: list[Component] = []
        end = total((after, quantity))
        for number, start in enumerate(starts, start=1):
            stop = Decimal(starts[number]) if number < len(starts) else end
            held = minus(min(end, stop), max(after, Decimal(start)))
            if held > 0:
                which = _tier_text(start, starts[number] if number < len(starts) else None)
                lines += self.line(f"{name}, {which}", f"{price_name}.{number}", held, note=note)
        return lines


def _tier_text(start: int, stop: int | None) -> str:
    if stop is None:
        return f"over {start:,} GB"
    return f"next {stop - start:,} GB" if start else f"first {stop:,} GB"
