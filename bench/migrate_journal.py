"""Time the plan and the journal of a large migration to a storage that stores nothing.

`python bench/migrate_journal.py [--items N]`
"""

import argparse
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import cast

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.catalog_rows import Maker
from bench.migrate_tools import memory_text, peak_bytes
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.migrations import Scope
from studybuddy.claims import Claim
from studybuddy.drivers.driver import Driver, ObjectInfo, Written
from studybuddy.errors import ObjectNotFoundError
from studybuddy.migration.migrations import Migrations
from studybuddy.settings.places import LocalSettings, S3Settings
from studybuddy.storage import Storage
from studybuddy.storages import Storages

_IN_FIRST = 0.6  # of the made rows are in the first storage
_PLAN_SECONDS = 60


class Nothing:
    """A storage that has taken whatever it is given."""

    def check(self) -> None:
        return

    def stat(self, key: str) -> ObjectInfo:
        raise ObjectNotFoundError("nothing there", key=key)

    def copy_from(self, source: Driver, source_key: str, key: str, *, size: int) -> Written:
        return Written(0, verified=True)


def main() -> int:
    """Run the benchmark; return 1 when the plan takes too long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=60, help="how long to run the planned migration")
    parser.add_argument("--folder", type=Path, help="where to work (the disk that the journal waits for)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        folder = Path(name)
        catalog = Catalog(folder / "catalog.db")
        catalog.prepare()
        files = int(asked.items / _IN_FIRST)
        Maker(files=files, sessions=max(files // 10, 1000)).fill(catalog)
        print(f"made, {memory_text(peak_bytes())} MiB", flush=True)
        return measure(Migrations(catalog, lambda: storages(folder), Claim(folder / "claims")), asked.seconds)


def storages(folder: Path) -> Storages:
    """Return two storages that hold nothing."""
    driver = cast(Driver, Nothing())
    one = Storage(1, "one", "local:one", driver, "one", LocalSettings(folder))
    two = Storage(2, "two", "s3://two", driver, "two", S3Settings("two", "us-east-1"))
    return Storages({1: one, 2: two}, {}, target=one, local=one, default=one)


def measure(migrations: Migrations, seconds: float) -> int:
    """Plan, then run for some time; print what it took."""
    begun = time.perf_counter()
    plan = migrations.plan("one", "two", Scope())
    planned = time.perf_counter() - begun
    migration_id = plan.migration.id
    print(f"planned {plan.migration.planned_files:,} items in {planned:.1f} s, peak {memory_text(peak_bytes())} MiB")
    stop = threading.Timer(seconds, migrations.pause, [migration_id])
    stop.start()
    begun = time.perf_counter()
    moved = migrations.run(migration_id).count("switched").files
    took = time.perf_counter() - begun
    stop.cancel()
    print(f"moved {moved:,} in {took:.1f} s: {moved / took:,.0f} items/s, peak {memory_text(peak_bytes())} MiB")
    return 0 if planned < _PLAN_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
