"""What the library costs where it is."""

from decimal import Decimal
from pathlib import Path

from studybuddy.costs.prices import load
from studybuddy.library_costs import LibraryCost, of_library
from studybuddy.settings import load_settings
from studybuddy.units import GIB
from studybuddy.wiring import Wiring, open_all


def opened(tmp_path: Path, **settings: str) -> Wiring:
    folders = {"UPLOADS_DIR": str(tmp_path / "uploads"), "STUDY_BUDDY_DATA": str(tmp_path / "data")}
    return open_all(load_settings({**folders, **settings}, env_file=tmp_path / ".env"))


def cost(wiring: Wiring, holds: dict[str, int]) -> LibraryCost:
    storages = wiring.storages()
    with wiring.catalog.write() as db:
        for name, size in holds.items():
            values = [storages.named(name).id, "audio", 1000, size, 0]
            db.execute(
                "INSERT INTO totals (storage_id, kind, files, bytes, duration_ms) VALUES (?, ?, ?, ?, ?)", values
            )
        return of_library(db, storages, load())


def test_a_bucket_costs_what_its_files_do_and_this_computer_nothing(tmp_path: Path) -> None:
    wiring = opened(tmp_path, STUDY_BUDDY_BUCKET_NAME="mine", AWS_REGION="eu-central-1")
    found = cost(wiring, {"local": 50 * GIB, "s3": 100 * GIB})
    wiring.close()
    assert (found.total, found.at_least) == (100 * Decimal("0.0245"), False)
    notes = {one.status.storage.name: one.note for one in found.storages if one.status.storage}
    assert notes == {"local": "Your own disk: nothing to pay", "s3": ""}


def test_another_provider_is_not_known_never_free(tmp_path: Path) -> None:
    address = "https://x.r2.cloudflarestorage.com"
    wiring = opened(tmp_path, STUDY_BUDDY_BUCKET_NAME="mine", S3_ENDPOINT_URL=address)
    found = cost(wiring, {"s3": 100 * GIB})
    wiring.close()
    assert (found.total, found.at_least) == (Decimal(0), True)
    assert "The prices of Cloudflare R2 are not known" in [one.note for one in found.storages]


def test_a_region_without_prices_is_told(tmp_path: Path) -> None:
    wiring = opened(tmp_path, STUDY_BUDDY_BUCKET_NAME="mine", AWS_REGION="mx-central-1")
    found = cost(wiring, {"s3": GIB})
    wiring.close()
    assert found.at_least
    assert "The prices of the region mx-central-1 are not known" in [one.note for one in found.storages]
