"""A library with two storages on disk, and its migrations."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest

from studybuddy.migration.migrations import Migrations
from studybuddy.newfiles import NewFile
from studybuddy.settings import load_settings
from studybuddy.wiring import Wiring, open_all


@dataclass(frozen=True, slots=True)
class Place:
    """What a test moves things in."""

    wiring: Wiring
    migrations: Migrations

    def add(self, content: bytes, name: str = "a.txt", *, session: str = "Waves") -> int:
        session_id = self.wiring.library.session_titled(session).id
        return self.wiring.library.add(BytesIO(content), NewFile(name, session_id)).file.id

    def content(self, file_id: int) -> bytes:
        with self.wiring.library.open(file_id) as stream:
            return stream.read()

    def where(self, file_id: int) -> str:
        """Return the name of the storage of a file's current copy."""
        return self.wiring.storages().opened[self.wiring.library.file(file_id).storage_id or 0].name

    def objects(self, storage: str) -> list[str]:
        return [info.key for info in self.wiring.storages().named(storage).driver.list()]


def opened(folder: Path) -> Place:
    (folder / "usb").mkdir(exist_ok=True)
    (folder / "storages.toml").write_text(f'[usb]\nkind = "local"\nfolder = "{folder}/usb"')
    environ = {"UPLOADS_DIR": f"{folder}/uploads", "STUDY_BUDDY_DATA": f"{folder}/data"}
    wiring = open_all(load_settings(environ, env_file=folder / ".env"))
    return Place(wiring, wiring.migrations)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    found = opened(tmp_path)
    yield found
    found.wiring.close()
