"""Objects and copies side by side, however the parts fall."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from studybuddy.catalog import copies
from studybuddy.catalog.connection import Catalog
from studybuddy.drivers.driver import Driver, ObjectInfo
from studybuddy.errors import StorageError
from studybuddy.scan.pairing import pairs
from studybuddy.settings.places import LocalSettings
from studybuddy.storage import Storage
from tests.catalog import rows
from tests.catalog.conftest import catalog

__all__ = ["catalog"]
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Listing:
    """Lists these keys as they stand."""

    keys: list[str]

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        return (ObjectInfo(key, 1, NOW) for key in self.keys if key.startswith(prefix))


def storage_of(keys: list[str]) -> Storage:
    place = LocalSettings(Path("/nowhere"))
    return Storage(rows.LOCAL, "local", "local:a", cast(Driver, Listing(keys)), "this computer", place)


def fill(catalog: Catalog, keys: set[str]) -> None:
    with catalog.write() as db:
        file_id = rows.begun(db, rows.session(db, "A"), "a.txt")
        for key in keys:
            copies.insert(db, file_id=file_id, storage_id=rows.LOCAL, key=key, writer="w")
        # Another storage's are no part of it.
        copies.insert(db, file_id=file_id, storage_id=rows.S3, key="study-sessions/1/theirs.txt", writer="w")


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("objects", "copied"), [(0, 0), (2500, 0), (0, 2500), (2000, 2000), (999, 2999), (2999, 40)])
def test_every_object_and_every_copy_comes_once_beside_its_like(
    catalog: Catalog, seed: int, objects: int, copied: int
) -> None:
    chance = random.Random(seed)
    folders = ("audio", "images", "study-sessions/1", "study-sessions/10", "study-sessions/2", "ünder/our")
    every = [f"{chance.choice(folders)}/{chance.getrandbits(64):016x}" for _ in range(3000)]
    listed = {key for key in chance.sample(every, objects) if not key.startswith("ü")}
    known = set(chance.sample(every, copied))
    fill(catalog, known)
    found = list(pairs(catalog, storage_of(sorted(listed))))
    assert [pair.object.key for pair in found if pair.object] == sorted(listed)
    assert [pair.copy.key for pair in found if pair.copy] == sorted(known)
    assert {pair.object.key for pair in found if pair.object and pair.copy} == listed & known
    assert all(pair.object.key == pair.copy.key for pair in found if pair.object and pair.copy)


def test_a_name_that_is_no_text_is_told_as_an_object_that_nobody_knows(catalog: Catalog) -> None:
    strange = "audio/caf\udce9.mp3"
    fill(catalog, {"audio/a", "audio/z"})
    found = list(pairs(catalog, storage_of(["audio/a", strange, "audio/z"])))
    assert {(pair.object.key, pair.copy is None) for pair in found if pair.object} == {
        ("audio/a", False), (strange, True), ("audio/z", False),
    }  # fmt: skip


def test_a_listing_out_of_order_is_refused_and_nothing_is_taken_for_missing(catalog: Catalog) -> None:
    fill(catalog, {"audio/a", "audio/b"})
    with pytest.raises(StorageError, match="does not list its objects in order"):
        list(pairs(catalog, storage_of(["audio/b", "audio/a"])))


def test_only_our_folders_are_listed(catalog: Catalog) -> None:
    keys = ["audio/a", "backups/x", "images/b", "mine/c", "study-buddy-check/d", "study-sessions/e", "video/f"]
    found = [pair.object.key for pair in pairs(catalog, storage_of(keys)) if pair.object]
    assert found == ["audio/a", "images/b", "study-buddy-check/d", "study-sessions/e"]
