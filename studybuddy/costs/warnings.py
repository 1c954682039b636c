"""What in a bill surprises people, each with what to do: read out of its numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from studybuddy.costs.bill import Estimate
from studybuddy.costs.classes import STANDARD
from studybuddy.costs.elsewhere import in_class
from studybuddy.costs.estimate import estimate
from studybuddy.costs.money import ZERO, divided, minus, plain, to_cents, total, usd_text
from studybuddy.costs.prices import Prices
from studybuddy.costs.usage import Usage

_LEAST_USD = Decimal("0.05")  # a month; less is not worth a warning
_TENTH = Decimal(10)


@dataclass(frozen=True, slots=True)
class Warned:
    """One thing to know, what to do, and how much money it is about."""

    code: str
    text: str
    fix: str
    usd: Decimal  # a month


@dataclass(frozen=True, slots=True)
class _Bill:
    """What the rules read."""

    usage: Usage
    made: Estimate
    prices: Prices

    def cost(self, *groups: str, saying: str = "") -> Decimal:
        """Sum what is known of the lines of some groups whose names say so."""
        lines = (one for one in self.made.components if one.group in groups and saying in one.name)
        return total(one.cost for one in lines if one.cost is not None)


def warnings(usage: Usage, made: Estimate, prices: Prices) -> tuple[Warned, ...]:
    """Return what to know of a bill, the dearest first; what is about less than 5 cents a month is left out."""
    bill = _Bill(usage, made, prices)
    found = (one for rule in _RULES for one in rule(bill) if one.usd >= _LEAST_USD)
    return (*sorted(found, key=lambda one: one.usd, reverse=True), *_unknown(bill))


def _transfer(bill: _Bill) -> Iterator[Warned]:
    out, kept = bill.cost("transfer", "acceleration"), bill.cost("storage")
    if out > kept:
        yield Warned(
            "transfer",
            f"What is downloaded costs {usd_text(out)} a month, more than keeping it: {usd_text(kept)}",
            "Keep what is played often where transfer is free (look at the providers), or make recordings smaller:"
            " 30 to 60 MB an hour are enough for speech.",
            out,
        )


def _small(bill: _Bill) -> Iterator[Warned]:
    spent = bill.cost("storage", saying=", small objects")
    yield Warned(
        "small-files",
        f"{usd_text(spent)} a month are for files smaller than 128 KB, which are billed here as 128 KB",
        "Keep small files in S3 Standard; move only files of 128 KB and more.",
        spent,
    )


def _overhead(bill: _Bill) -> Iterator[Warned]:
    spent = bill.cost("storage", saying=" KB more for each ")
    if spent > divided(bill.cost("storage"), _TENTH):
        yield Warned(
            "overhead",
            f"{usd_text(spent)} a month are for the 40 KB that an archive adds to each object",
            "Archive a few large files instead of many small ones.",
            spent,
        )


def _early(bill: _Bill) -> Iterator[Warned]:
    spent = bill.cost("storage", saying=", early delete")
    least = max((used.storage_class.least_days for used in bill.usage.classes), default=0)
    yield Warned(
        "early-delete",
        f"{usd_text(spent)} are for what was deleted, overwritten or moved before its {least} days",
        "Keep what changes soon in S3 Standard, which has no least time.",
        spent,
    )


def _unfinished(bill: _Bill) -> Iterator[Warned]:
    spent = bill.cost("storage", saying=", unfinished parts")
    held = total(used.unfinished_gb for used in bill.usage.classes)
    yield Warned(
        "unfinished",
        f"{usd_text(spent)} a month are for {plain(to_cents(held))} GB of parts that were never joined to an object",
        "Set the bucket up (page Storage, or `python -m studybuddy setup-bucket`): such parts go after 7 days.",
        spent,
    )


def _versions(bill: _Bill) -> Iterator[Warned]:
    spent, kept = bill.cost("storage", saying=", older versions"), bill.cost("storage")
    if spent > divided(kept, _TENTH):
        yield Warned(
            "versions",
            f"{usd_text(spent)} a month are for older versions of what was deleted or overwritten",
            "Set the bucket up (page Storage, or `python -m studybuddy setup-bucket`): they go after 30 days.",
            spent,
        )


def _requests(bill: _Bill) -> Iterator[Warned]:
    spent, kept = bill.cost("request", "transition"), bill.cost("storage")
    if spent > kept:
        yield Warned(
            "requests",
            f"Requests cost {usd_text(spent)} a month, more than keeping the files: {usd_text(kept)}",
            "Look for a program that lists the bucket again and again, or puts many small files.",
            spent,
        )


def _dearer(bill: _Bill) -> Iterator[Warned]:
    classes = bill.usage.classes
    if len(classes) != 1 or classes[0].storage_class is STANDARD:
        return
    saved = minus(bill.made.total, estimate(in_class(bill.usage, STANDARD), bill.prices).total)
    yield Warned(
        "class",
        f"{STANDARD.title} would cost {usd_text(max(ZERO, saved))} less for this use",
        f"Keep these files in {STANDARD.title}.",
        saved,
    )


def _keys(bill: _Bill) -> Iterator[Warned]:
    spent = bill.cost("kms", saying="KMS requests")
    yield Warned(
        "kms",
        f"{usd_text(spent)} a month are for requests to KMS: one for each object that is read or written",
        "Turn on the bucket's own key (S3 Bucket Keys): it spares nearly all of them.",
        spent,
    )


def _unknown(bill: _Bill) -> Iterator[Warned]:
    missing = [one.name for one in bill.made.components if one.cost is None]
    if missing:
        yield Warned(
            "unknown",
            f"The sum is too low: there is no price for {', '.join(missing)}",
            f"Read AWS's prices anew: `python -m studybuddy prices refresh {bill.usage.region}`.",
            ZERO,
        )


_RULES = (_transfer, _small, _overhead, _early, _unfinished, _versions, _requests, _dearer, _keys)
