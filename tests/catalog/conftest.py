"""A catalog of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from studybuddy.catalog import storages
from studybuddy.catalog.connection import Catalog


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """An empty catalog that knows two storages: 1 is local, 2 is in S3."""
    catalog = Catalog(tmp_path / "catalog.db")
    catalog.prepare()
    with catalog.write() as db:
        storages.register(db, url="local:a", label="this computer", base_url="file:///uploads/")
        storages.register(
            db, url="s3://b", label="S3", base_url="https://b.s3.eu-west-1.amazonaws.com/", region="eu-west-1"
        )
    yield catalog
    catalog.close()
