"""What a planned move costs: once for moving, and a month for what is then at the target."""

from dataclasses import dataclass
from decimal import Decimal

from studybuddy.catalog import migration_items
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.migrations import Migration
from studybuddy.costs import prices
from studybuddy.costs.bill import Estimate
from studybuddy.costs.money import minus, total
from studybuddy.costs.move import TARGET, price_of_move
from studybuddy.costs.usage import Sized
from studybuddy.storage import Storage

_STORAGE = "storage"


@dataclass(frozen=True, slots=True)
class MovePrice:
    """The price of a move at AWS's prices, both sides."""

    bill: Estimate  # of the move and the first month at the target

    @property
    def monthly(self) -> Decimal:
        """USD a month for storage at the target."""
        kept = (one for one in self.bill.components if one.group == _STORAGE and one.name.startswith(TARGET))
        return total(one.cost for one in kept if one.cost is not None)

    @property
    def once(self) -> Decimal:
        """USD for requests and transfer."""
        return minus(self.bill.total, self.monthly)


def look_up(catalog: Catalog, migration: Migration, source: Storage, target: Storage) -> MovePrice | None:
    """Return what the files that are still to be copied cost; None where neither storage's prices are known."""
    with catalog.read() as db:
        sizes = migration_items.sizes(db, migration.id)
    files = [Sized(Decimal(count.bytes) / count.files, Decimal(count.files)) for count in sizes]
    book = prices.load(catalog.path.parent / prices.FILE_NAME)
    bill = price_of_move(files, source.place, target.place, book) if files else None
    return None if bill is None else MovePrice(bill)
