"""What drivers count reaches the catalog: after a while, at the end, and when the catalog can be written again."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from studybuddy.catalog import storages, usage
from studybuddy.catalog.connection import Catalog
from studybuddy.errors import CatalogError
from studybuddy.spending.metering import Metering
from tests.waiting import awaited

URL = "s3://bucket"


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog(tmp_path / "catalog.db")
    catalog.prepare()
    with catalog.write() as db:
        storages.register(db, url=URL, label="a bucket", base_url="")
    yield catalog
    catalog.close()


def kept(catalog: Catalog) -> dict[str, int]:
    with catalog.read() as db:
        return usage.counts(db, since=date(2000, 1, 1)).get(1, {})


def test_counts_are_written_once_a_while_and_at_the_end(catalog: Catalog) -> None:
    metering = Metering(catalog, keep_after_s=0.05)
    counter = metering.counter(URL)
    for _ in range(100):
        counter.count("get")
    awaited(lambda: kept(catalog), lambda counts: counts.get("get") == 100)
    metering.close()
    late = Metering(catalog, keep_after_s=3600)
    late.counter(URL).request("put", 77)
    assert "put" not in kept(catalog)
    late.close()
    assert kept(catalog) == {"get": 100, "put": 1, "sent": 77}
    with catalog.read() as db:
        assert datetime.now(UTC).date() - usage.first_days(db)[1] <= timedelta(days=1)


def test_what_cannot_be_written_now_is_written_later(tmp_path: Path, catalog: Catalog) -> None:
    metering = Metering(catalog, keep_after_s=3600)
    metering.counter(URL).count("get", 5)
    (tmp_path / "catalog.db").rename(tmp_path / "away.db")
    (tmp_path / "catalog.db").mkdir()
    with pytest.raises(CatalogError):
        metering.flush()
    (tmp_path / "catalog.db").rmdir()
    (tmp_path / "away.db").rename(tmp_path / "catalog.db")
    metering.flush()
    metering.close()
    assert kept(catalog) == {"get": 5}


def test_several_threads_and_storages_lose_nothing(catalog: Catalog) -> None:
    metering = Metering(catalog, keep_after_s=0.001)
    names = (URL, "s3://nobody-knows")

    def ask() -> None:
        for number in range(2000):
            metering.counter(names[number % 2]).count("head")

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    metering.close()
    assert kept(catalog) == {"head": 8 * 1000}
