"""How many objects are copied at once: few where the storages are near, many where each answer takes long."""

import time
from pathlib import Path

import pytest

from studybuddy.drivers.driver import ObjectInfo
from studybuddy.drivers.local.driver import LocalDriver
from studybuddy.migration.pace import workers_for
from studybuddy.settings.places import LocalSettings
from studybuddy.storage import Storage


class Far(LocalDriver):
    """A storage whose answers take a while."""

    def __init__(self, root: Path, seconds: float) -> None:
        super().__init__(root)
        self._seconds = seconds

    def stat(self, key: str) -> ObjectInfo:
        time.sleep(self._seconds)
        return super().stat(key)


def storage(folder: Path, *, seconds: float) -> Storage:
    driver = Far(folder, seconds)
    return Storage(1, folder.name, driver.identity(), driver, folder.name, LocalSettings(folder))


@pytest.mark.parametrize(("seconds", "fewest", "most"), [(0.0, 8, 40), (0.06, 200, 256), (0.3, 256, 256)])
def test_the_farther_of_two_storages_decides_how_many_are_copied_at_once(
    tmp_path: Path, seconds: float, fewest: int, most: int
) -> None:
    near, far = storage(tmp_path / "near", seconds=0.0), storage(tmp_path / "far", seconds=seconds)
    assert fewest <= workers_for(near, far) <= most
    assert fewest <= workers_for(far, near) <= most
