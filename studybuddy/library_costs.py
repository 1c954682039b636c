"""What the library costs a month where it is now, from the catalog's sums."""

from dataclasses import dataclass
from decimal import Decimal

from studybuddy.catalog import Database
from studybuddy.costs.bill import Estimate
from studybuddy.costs.estimate import estimate
from studybuddy.costs.money import GB, divided, total
from studybuddy.costs.prices import PriceBook
from studybuddy.costs.usage import ClassUsage, FreeTier, Usage
from studybuddy.places import LocalSettings, S3Settings
from studybuddy.providers import is_aws, provider_of
from studybuddy.status import StorageStatus, overview
from studybuddy.storages import Storages


@dataclass(frozen=True, slots=True)
class StorageCost:
    """What one storage costs a month. Without an estimate it is not known, and `note` says why."""

    status: StorageStatus
    estimate: Estimate | None
    region: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class LibraryCost:
    """What all storages cost a month together."""

    storages: tuple[StorageCost, ...]

    @property
    def total(self) -> Decimal:
        """USD, of what is known."""
        return total(one.estimate.total for one in self.storages if one.estimate)

    @property
    def at_least(self) -> bool:
        return any(one.estimate is None or one.estimate.at_least for one in self.storages)


def of_library(db: Database, storages: Storages, book: PriceBook, *, free_tier: FreeTier = "none") -> LibraryCost:
    """Return what it costs a month to keep what is there: without requests, transfer, trash and older versions."""
    return LibraryCost(tuple(_of_storage(status, book, free_tier) for status in overview(db, storages)))


def _of_storage(status: StorageStatus, book: PriceBook, free_tier: FreeTier) -> StorageCost:
    if status.storage is None:
        return StorageCost(status, None, note="The settings no longer name it")
    match status.storage.place:
        case LocalSettings():
            return StorageCost(status, Estimate(()), note="Your own disk: nothing to pay")
        case S3Settings(region=region, endpoint_url=endpoint_url) if is_aws(endpoint_url):
            return _at_aws(status, region, book, free_tier)
        case S3Settings(endpoint_url=endpoint_url):
            return StorageCost(status, None, note=f"The prices of {provider_of(endpoint_url).name} are not known")
        case _:
            return StorageCost(status, None, note="The prices of Supabase are not known")


def _at_aws(status: StorageStatus, region: str, book: PriceBook, free_tier: FreeTier) -> StorageCost:
    prices = book.regions.get(region)
    if prices is None:
        return StorageCost(status, None, region, note=f"The prices of the region {region} are not known")
    held = ClassUsage(gb=divided(Decimal(status.bytes), GB), objects=Decimal(status.files))
    return StorageCost(status, estimate(Usage(region, (held,), free_tier), prices), region)
