"""Money and quantities: exact decimals, rounded only when they are shown."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal

ZERO = Decimal(0)
GB = Decimal(2**30)  # what S3 calls a GB, in bytes
HOURS_A_DAY = 24

# Large enough that sums and products of what can be given are exact; only divisions round.
_CONTEXT = Context(prec=200, rounding=ROUND_HALF_UP)
_CENT = Decimal("0.01")
_PLACES = 20
_LEAST = Decimal(1).scaleb(-_PLACES)


def times(one: Decimal, other: Decimal) -> Decimal:
    return _CONTEXT.multiply(one, other)


def divided(one: Decimal, other: Decimal) -> Decimal:
    return _CONTEXT.divide(one, other)


def minus(one: Decimal, other: Decimal) -> Decimal:
    return _CONTEXT.subtract(one, other)


def total(amounts: Iterable[Decimal]) -> Decimal:
    result = ZERO
    for amount in amounts:
        result = _CONTEXT.add(result, amount)
    return result


def to_cents(amount: Decimal) -> Decimal:
    """Round as a bill does."""
    return amount.quantize(_CENT, context=_CONTEXT)


def plain(amount: Decimal) -> str:
    """Write an amount without an exponent, without zeros that say nothing, with at most 20 places."""
    text = f"{amount if -int(amount.as_tuple().exponent) <= _PLACES else amount.quantize(_LEAST, context=_CONTEXT):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def usd_text(amount: Decimal) -> str:
    """Say an amount to the cent; what is less than a cent is not told to be nothing."""
    if 0 < amount < _CENT:
        return "less than $0.01"
    return f"${to_cents(amount):,}"
