"""A limit for what a month may cost: it warns and, if asked, keeps new files on this computer while it is exceeded."""

import json
import logging
import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import cast

from studybuddy.catalog import Database, choices
from studybuddy.catalog.connection import Catalog
from studybuddy.costs import prices
from studybuddy.costs.money import plain, usd_text
from studybuddy.costs.usage import FreeTier
from studybuddy.errors import InvalidInputError
from studybuddy.spending.library import Sum, of_library
from studybuddy.storages import ChosenStorages
from studybuddy.units import utc_now

log = logging.getLogger(__name__)

_USD = re.compile(r"\$?([0-9]{1,6}(?:\.[0-9]{1,2})?)")


@dataclass(frozen=True, slots=True)
class Budget:
    """What a month may cost, and what is done when it would cost more."""

    limit_usd: Decimal
    local: bool = False  # new files stay on this computer then
    free_tier: FreeTier = "none"  # what the bill is made with


@dataclass(frozen=True, slots=True)
class BudgetStatus:
    """How this month stands beside its limit."""

    budget: Budget
    so_far: Sum
    at_this_rate: Sum
    held: bool  # new files stay on this computer because of it

    @property
    def over(self) -> bool:
        """Whether this month will cost more, if it goes on as the last days went."""
        return self.at_this_rate.usd > self.budget.limit_usd

    @property
    def text(self) -> str:
        """Say it in a sentence without a full stop."""
        least = "at least " if self.at_this_rate.at_least else ""
        told = f"This month has cost {usd_text(self.so_far.usd)} so far, and will cost {least}"
        return f"{told}{usd_text(self.at_this_rate.usd)} at this rate; your limit is {usd_text(self.budget.limit_usd)}"


def parse_limit(text: str) -> Decimal:
    """Read a limit in dollars; raise InvalidInputError for what is none."""
    match = _USD.fullmatch(text.strip())
    if match is None or not Decimal(match[1]):
        raise InvalidInputError(
            f"{text[:20]!r} is no limit", fix="Write dollars a month, like 5 or 2.50; `none` for no limit."
        )
    return Decimal(match[1])


class Budgets:
    """The limit of this library."""

    def __init__(self, catalog: Catalog, storages: ChosenStorages) -> None:
        self._catalog = catalog
        self._storages = storages

    def status(self, *, now: datetime | None = None) -> BudgetStatus | None:
        """Return how this month stands; None where there is no limit."""
        with self._catalog.read() as db:
            return self._status(db, now)

    def set(self, budget: Budget | None, *, now: datetime | None = None) -> BudgetStatus | None:
        """Keep another limit, or none, and act on it at once."""
        value = None
        if budget:
            value = json.dumps([plain(budget.limit_usd), budget.local, budget.free_tier])
        with self._catalog.write() as db:
            choices.choose(db, choices.BUDGET, value)
            choices.choose(db, choices.OVERRULED, None)
        self.review(now=now)
        return self.status(now=now)

    def review(self, *, now: datetime | None = None) -> None:
        """Keep new files on this computer where the limit says so, and no longer than that."""
        with self._catalog.read() as db:
            status = self._status(db, now)
            overruled = choices.get(db, choices.OVERRULED)
        storages = self._storages()
        reason = _reason(status) if status else None
        if overruled and overruled.value == (now.isoformat() if now else utc_now())[:7]:
            reason = None
        kept = storages.held.value if storages.held else None
        if reason == kept or (not kept and storages.target is storages.local):
            return
        self._storages.hold(reason)
        log.info("new files %s", f"stay on this computer {reason}" if reason else "go where they went")

    def _status(self, db: Database, now: datetime | None) -> BudgetStatus | None:
        chosen = choices.get(db, choices.BUDGET)
        if chosen is None:
            return None
        limit, local, free_tier = json.loads(chosen.value)
        budget = Budget(Decimal(limit), local, cast(FreeTier, free_tier))
        storages = self._storages()
        book = prices.load(self._catalog.path.parent / prices.FILE_NAME)
        found = of_library(db, storages, book, free_tier=budget.free_tier, now=now)
        return BudgetStatus(budget, found.so_far, found.at_this_rate, held=bool(storages.held))


def _reason(status: BudgetStatus) -> str | None:
    """Say why new files are to stay on this computer; None: they are not."""
    if not (status.budget.local and status.over):
        return None
    return f"to keep to your limit of {usd_text(status.budget.limit_usd)} a month"
