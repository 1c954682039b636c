"""What looking at a storage must not be misled by: listings that end early, silence, the wrong place."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studybuddy.drivers.driver import Driver, ObjectInfo
from studybuddy.drivers.local.driver import LocalDriver
from studybuddy.drivers.s3.clients import Deadlines
from studybuddy.drivers.s3.driver import S3Driver
from studybuddy.errors import ConflictError, PermissionDeniedError, UnavailableError
from studybuddy.scan.scans import Scans
from studybuddy.settings.places import S3Settings
from studybuddy.wiring import Wiring
from tests.scan.damage import Damaged, with_driver
from tests.scan.outcome import findings_of, states


class Ending:
    """A storage whose listing ends behind some objects: told, or untold."""

    def __init__(self, driver: Driver, after: int, error: Exception | None) -> None:
        self._driver = driver
        self._after = after
        self._error = error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._driver, name)

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        for number, found in enumerate(self._driver.list(prefix)):
            if number == self._after:
                if self._error is not None:
                    raise self._error
                return
            yield found


def test_a_listing_that_breaks_ends_the_scan_with_the_reason_and_nothing_is_taken_for_missing(
    scans: Scans, damaged: Damaged, wiring: Wiring
) -> None:
    for _ in range(6):
        damaged.add()
    failing = with_driver(damaged.here, Ending(damaged.here.driver, 3, UnavailableError("it fell asleep")))
    result = scans.run(failing, depth="sizes")
    assert (result.scan.state, result.scan.error, result.counts) == ("failed", "it fell asleep", ())
    assert states(wiring) == {"verified"}
    with pytest.raises(ConflictError, match="did not reach its end"):
        scans.repair(result.scan.id)


def test_a_listing_that_ends_too_early_without_a_word_misleads_nobody(scans: Scans, damaged: Damaged) -> None:
    for _ in range(6):
        damaged.add()
    result = scans.run(with_driver(damaged.here, Ending(damaged.here.driver, 3, None)), depth="sizes")
    assert (result.scan.state, result.scan.objects, result.scan.copies) == ("done", 3, 6)
    assert result.counts == ()


def test_a_storage_that_does_not_answer_is_told_and_nothing_is_marked(
    scans: Scans, damaged: Damaged, wiring: Wiring
) -> None:
    damaged.add(places=("s3",))
    place = damaged.there.place
    assert isinstance(place, S3Settings)
    dead = with_driver(
        damaged.there, S3Driver(replace(place, endpoint_url="http://127.0.0.1:9"), deadlines=Deadlines(retry=0.2))
    )
    result = scans.run(dead, depth="deep")
    assert (result.scan.state, result.counts) == ("failed", ())
    assert result.scan.error
    assert states(wiring) == {"verified"}


def test_a_folder_whose_disk_is_away_has_lost_nothing(
    scans: Scans, damaged: Damaged, wiring: Wiring, tmp_path: Path
) -> None:
    damaged.add()
    uploads = wiring.settings.uploads_dir
    uploads.rename(tmp_path / "away")
    uploads.mkdir()
    result = scans.run(damaged.here)
    assert (result.scan.state, result.counts) == ("failed", ())
    assert "is not the storage that the catalog knows" in result.scan.error


def test_a_folder_that_may_not_be_read_is_told_as_that_and_nothing_is_missing(scans: Scans, damaged: Damaged) -> None:
    class Refusing(LocalDriver):
        def read(self, key: str, *, start: int = 0, stop: int | None = None) -> Any:
            raise PermissionDeniedError(f"this user may not read {key}")

    for _ in range(25):
        damaged.add(size=10)
    assert isinstance(damaged.here.driver, LocalDriver)
    result = scans.run(with_driver(damaged.here, Refusing(damaged.here.driver.root)), depth="deep")
    assert result.scan.state == "failed"
    assert "lets none of its objects be read" in result.scan.error


def test_kept_checksums_tell_of_objects_that_were_swapped(scans: Scans, damaged: Damaged) -> None:
    place = damaged.there.place
    assert isinstance(place, S3Settings)
    there = with_driver(damaged.there, S3Driver(place, checksums=True))
    one, other = (damaged.key(damaged.add(places=("s3",)), damaged.there) for _ in range(2))
    swap_with_checksums(damaged, one, other)
    assert scans.run(there, depth="sizes").counts == ()
    result = scans.run(there, depth="checksums")
    assert {(row.kind, row.key) for row in findings_of(scans, result)} == {("damaged", one), ("damaged", other)}
    assert scans.repair(result.scan.id).damaged == 0


def swap_with_checksums(damaged: Damaged, one: str, other: str) -> None:
    contents = [damaged.read(damaged.there, key) for key in (one, other)]
    for key, content in zip((other, one), contents, strict=True):
        damaged.client.put_object(Bucket=damaged.bucket, Key=f"school/{key}", Body=content, ChecksumAlgorithm="SHA256")
