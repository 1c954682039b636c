"""Files whose kind is to be told."""

from pathlib import Path

import pytest

from studybuddy.kinds import FileType, detect
from tests import samples

EVERY_KIND = samples.every_kind()


@pytest.fixture
def put(tmp_path: Path) -> Path:
    return tmp_path / "file"


def found(path: Path, name: str, content: bytes) -> FileType:
    path.write_bytes(content)
    return detect(path, name)
