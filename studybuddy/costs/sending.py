"""The requests by which our S3 driver sends objects of given sizes."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from studybuddy.costs.money import ZERO, times, total
from studybuddy.costs.usage import Sized
from studybuddy.drivers.s3.bodies import COPY_PART_BYTES, SINGLE_BYTES, SINGLE_COPY_BYTES, part_bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """How objects are sent: so many in one request, so many in parts."""

    single: Decimal = ZERO
    in_parts: Decimal = ZERO
    parts: Decimal = ZERO


def sent(files: Iterable[Sized]) -> Sent:
    """Return how objects go up from here."""
    return _sum(files, largest=SINGLE_BYTES, step=None)


def copied_by_provider(files: Iterable[Sized]) -> Sent:
    """Return how objects go from bucket to bucket of one provider."""
    return _sum(files, largest=SINGLE_COPY_BYTES - 1, step=COPY_PART_BYTES)


def _sum(files: Iterable[Sized], *, largest: int, step: int | None) -> Sent:
    known = list(files)
    large = [one for one in known if one.bytes > largest]
    return Sent(
        single=total(one.count for one in known if one.bytes <= largest),
        in_parts=total(one.count for one in large),
        parts=total(times(_parts(int(one.bytes), step), one.count) for one in large),
    )


def _parts(size: int, step: int | None) -> Decimal:
    return Decimal(-(-size // (step or part_bytes(size))))
