"""A library with three storages on disk, and its migrations."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import pytest

from studybuddy.adding.new_files import NewFile
from studybuddy.catalog.migrations import Scope
from studybuddy.drivers.driver import Driver
from studybuddy.library import Library
from studybuddy.migration.migrations import Migrations
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

    def move(self, source: str, target: str) -> int:
        """Plan and run a migration of everything; return its id."""
        migration = self.migrations.plan(source, target, Scope()).migration
        self.migrations.run(migration.id)
        return migration.id

    def objects(self, storage: str) -> list[str]:
        return [info.key for info in self.wiring.storages().named(storage).driver.list()]


def opened(folder: Path) -> Place:
    tables = []
    for name in ("usb", "stick"):
        (folder / name).mkdir(exist_ok=True)
        tables.append(f'[{name}]\nkind = "local"\nfolder = "{folder}/{name}"\n')
    (folder / "storages.toml").write_text("".join(tables))
    environ = {"UPLOADS_DIR": f"{folder}/uploads", "STUDY_BUDDY_DATA": f"{folder}/data"}
    wiring = open_all(load_settings(environ, env_file=folder / ".env"))
    return Place(wiring, wiring.migrations)


def with_drivers(place: Place, drivers: Mapping[str, Driver]) -> Place:
    """Return the same library, with other drivers for the storages of these names."""
    now = place.wiring.storages()
    others = {now.named(name).id: replace(now.named(name), driver=driver) for name, driver in drivers.items()}
    storages = replace(now, opened={**now.opened, **others})
    wiring = place.wiring
    library = Library(
        wiring.catalog, lambda: storages, wiring.spool, wiring.pauses, writer=wiring.claim.id, max_file_bytes=10**9
    )
    migrations = Migrations(wiring.catalog, lambda: storages, wiring.claim)
    return Place(replace(wiring, library=library), migrations)


def with_driver(place: Place, name: str, driver: Driver) -> Place:
    """Return the same library, one of whose storages has another driver."""
    return with_drivers(place, {name: driver})


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    found = opened(tmp_path)
    yield found
    found.wiring.close()
