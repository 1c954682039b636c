"""Thirty damages planted behind the library's back: all found, none invented, and nothing good touched."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from studybuddy.catalog.records import File
from studybuddy.scan.scans import Result, Scans
from studybuddy.storage import Storage
from studybuddy.wiring import Wiring
from tests.scan.damage import Damaged
from tests.scan.outcome import findings_of

BOTH, ALSO_HERE, HERE, THERE = ("local", "s3"), ("s3", "local"), ("local",), ("s3",)


@dataclass(slots=True)
class Planted:
    """What was done, by the name of the storage, and what must come of it."""

    expected: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: {"local": set(), "s3": set()})
    touched: set[tuple[str, str]] = field(default_factory=set)
    lost: list[File] = field(default_factory=list)
    strays: set[tuple[str, str]] = field(default_factory=set)

    def damage(self, storage: Storage, kind: str, key: str) -> None:
        self.expected[storage.name].add((kind, key))
        self.touched.add((storage.name, key))

    @property
    def count(self) -> int:
        return sum(map(len, self.expected.values()))


def plant(damaged: Damaged) -> Planted:
    planted = Planted()
    for storage, places in ((damaged.here, BOTH), (damaged.there, ALSO_HERE)):
        plant_bytes(planted, damaged, storage, places)
        plant_places(planted, damaged, storage, places)
    for storage, only in ((damaged.here, HERE), (damaged.there, THERE)):
        plant_losses(planted, damaged, storage, only)
    plant_rows(planted, damaged)
    plant_strays(planted, damaged)
    return planted


def plant_bytes(planted: Planted, damaged: Damaged, storage: Storage, places: tuple[str, ...]) -> None:
    """Damage copies of files that have another one elsewhere."""
    for size, at in ((3_000, 0), (3_001, -1), (1_200_000, 600_000)):
        key = damaged.key(damaged.add(places=places, size=size), storage)
        damaged.flip(storage, key, at)
        planted.damage(storage, "damaged", key)
    for cut in (1_500, 0):
        key = damaged.key(damaged.add(places=places), storage)
        damaged.put(storage, key, damaged.read(storage, key)[:cut])
        planted.damage(storage, "wrong_size", key)
    key = damaged.key(damaged.add(places=places), storage)
    damaged.put(storage, key, damaged.read(storage, key) + b"x")
    planted.damage(storage, "wrong_size", key)


def plant_places(planted: Planted, damaged: Damaged, storage: Storage, places: tuple[str, ...]) -> None:
    """Lose, move and swap copies of files that have another one elsewhere."""
    key = damaged.key(damaged.add(places=places), storage)
    storage.driver.delete(key)
    planted.damage(storage, "missing", key)
    key = damaged.key(damaged.add(places=places), storage)
    moved = damaged.move(storage, key, "images")
    planted.damage(storage, "missing", key)
    planted.damage(storage, "misplaced", moved)
    one, other = (damaged.key(damaged.add(places=places), storage) for _ in range(2))
    damaged.swap(storage, one, other)
    planted.damage(storage, "damaged", one)
    planted.damage(storage, "damaged", other)


def plant_losses(planted: Planted, damaged: Damaged, storage: Storage, places: tuple[str, ...]) -> None:
    """Damage the only copy of files."""
    file = damaged.add(places=places)
    damaged.flip(storage, damaged.key(file, storage), 17)
    planted.damage(storage, "damaged", damaged.key(file, storage))
    planted.lost.append(file)
    file = damaged.add(places=places)
    storage.driver.delete(damaged.key(file, storage))
    planted.damage(storage, "missing", damaged.key(file, storage))
    planted.lost.append(file)
    # These are not lost: their bytes lie somewhere else.
    key = damaged.key(damaged.add(places=places), storage)
    planted.damage(storage, "missing", key)
    planted.damage(storage, "misplaced", damaged.move(storage, key, "audio"))
    one, other = (damaged.key(damaged.add(places=places, size=5_000), storage) for _ in range(2))
    damaged.swap(storage, one, other)
    planted.damage(storage, "damaged", one)
    planted.damage(storage, "damaged", other)


def plant_rows(planted: Planted, damaged: Damaged) -> None:
    """Take rows out of the catalog."""
    file = damaged.add(size=7_000)
    key = damaged.key(file, damaged.here)
    damaged.sql("DELETE FROM copies WHERE file_id = ?", file.id)
    planted.damage(damaged.here, "unknown", key)
    planted.damage(damaged.here, "no_copy", "")
    file = damaged.add(size=8_000)
    key = damaged.key(file, damaged.here)
    damaged.sql("DELETE FROM jobs WHERE file_id = ?", file.id)
    damaged.sql("DELETE FROM files WHERE id = ?", file.id)
    planted.damage(damaged.here, "unknown", key)
    planted.strays.add(("local", key))


def plant_strays(planted: Planted, damaged: Damaged) -> None:
    for storage in (damaged.here, damaged.there):
        for folder in ("study-sessions/1", "study-buddy-check"):
            key = damaged.stray(storage, folder)
            planted.damage(storage, "unknown", key)
            planted.strays.add((storage.name, key))
    settings = damaged.wiring.settings
    for spool in (settings.data_dir / "spool/tmp", settings.uploads_dir / ".study-buddy/tmp"):
        spool.mkdir(parents=True, exist_ok=True)
        left = spool / "dead-0123456789abcdef"
        left.write_bytes(b"half a file")
        planted.expected["local"].add(("stale_temporary", str(left)))


def found(scans: Scans, result: Result) -> set[tuple[str, str]]:
    rows = findings_of(scans, result)
    assert len({(row.kind, row.key, row.file_id) for row in rows}) == len(rows)
    return {(row.kind, row.key) for row in rows}


@pytest.mark.parametrize("server", ["strict_s3_server", "rclone_server"], indirect=True)
def test_all_planted_damages_are_found_repaired_where_possible_and_nothing_good_is_touched(
    wiring: Wiring, scans: Scans, damaged: Damaged
) -> None:
    good = [damaged.add(places=places) for places in (BOTH, ALSO_HERE, HERE, THERE) for _ in range(3)]
    for theirs in ("other/theirs.txt", "school/theirs.txt"):
        damaged.client.put_object(Bucket=damaged.bucket, Key=theirs, Body=b"not ours")
    planted = plant(damaged)
    assert planted.count >= 30
    before = damaged.everything()
    untouched = {place: sha256 for place, sha256 in before.items() if place not in planted.touched}

    results = all_are_found(scans, damaged, planted)
    assert damaged.everything() == before
    for result in results.values():
        assert scans.repair(result.scan.id).scan.error == ""
    objects = damaged.everything()
    assert {file.id for file in good} <= whole_but_for(planted.lost, wiring, objects)
    assert untouched.items() <= objects.items()
    only_strays_go(scans, damaged, planted)
    assert_settled(wiring)
    assert not any(Path(key).exists() for kind, key in planted.expected["local"] if kind == "stale_temporary")


def all_are_found(scans: Scans, damaged: Damaged, planted: Planted) -> dict[str, Result]:
    results = scanned(scans, damaged)
    for name, result in results.items():
        assert (result.scan.state, result.scan.error) == ("done", "")
        assert found(scans, result) == planted.expected[name]
    return results


def scanned(scans: Scans, damaged: Damaged) -> dict[str, Result]:
    return {storage.name: scans.run(storage, depth="deep") for storage in (damaged.here, damaged.there)}


def whole_but_for(lost: list[File], wiring: Wiring, objects: dict[tuple[str, str], str]) -> set[int]:
    """Compare every file with its object; return the ids of all files."""
    with wiring.catalog.read() as db:
        rows = db.execute(
            """SELECT files.id, files.sha256, copies.state, copies.key, storages.url FROM files
            JOIN copies ON copies.id = files.current_copy_id JOIN storages ON storages.id = copies.storage_id"""
        ).fetchall()
    lost_ids = {file.id for file in lost}
    for file_id, sha256, state, key, url in rows:
        name = "local" if url.startswith("local:") else "s3"
        assert (state == "bad") == (file_id in lost_ids)
        if file_id not in lost_ids:
            assert objects[name, key] == sha256
    return {row[0] for row in rows}


def only_strays_go(scans: Scans, damaged: Damaged, planted: Planted) -> None:
    """Scan again: only what is lost is marked, and only what nobody knows is removed."""
    objects = damaged.everything()
    again = scanned(scans, damaged)
    kept = [(name, row) for name, result in again.items() for row in findings_of(scans, result)]
    assert {row.file_id for _, row in kept if row.kind != "unknown"} == {file.id for file in planted.lost}
    assert all(result.damaged == 2 for result in again.values())
    assert {(name, row.key) for name, row in kept if row.kind == "unknown"} == planted.strays

    for result in again.values():
        scans.remove_unknown(result.scan.id)
    left = damaged.everything()
    assert objects.keys() - left.keys() == planted.strays
    assert {place: objects[place] for place in left} == left
    assert damaged.client.head_object(Bucket=damaged.bucket, Key="other/theirs.txt")["ContentLength"] == 8


def assert_settled(wiring: Wiring) -> None:
    with wiring.catalog.read() as db:
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert db.execute("SELECT count(*) FROM copies WHERE state IN ('writing', 'doomed')").fetchone()[0] == 0


def test_what_the_repair_restores_can_be_read_through_the_library(
    wiring: Wiring, scans: Scans, damaged: Damaged
) -> None:
    file = damaged.add(places=BOTH)
    damaged.flip(damaged.here, damaged.key(file, damaged.here), 5)
    result = scans.run(damaged.here, depth="deep")
    assert result.damaged == 1
    assert scans.repair(result.scan.id).damaged == 0
    with wiring.library.open(file.id) as stream:
        assert hashlib.sha256(stream.read()).hexdigest() == file.sha256
    copy = damaged.copy_of(file, damaged.here)
    assert (copy.id, copy.state) == (wiring.library.file(file.id).current_copy_id, "verified")
