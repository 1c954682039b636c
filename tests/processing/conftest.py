"""A library whose files are read by the tests' own extractor."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from studybuddy.processing.children import Limits
from tests.processing.rig import Rig, open_rig


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = open_rig(tmp_path, limits=Limits(cpu_s=1, cpu_s_per_mib=0))
    yield rig
    rig.close()
