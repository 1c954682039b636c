"""A library beside a Supabase bucket, with a folder as a second storage."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from studybuddy.catalog.imports import Import, ItemState
from studybuddy.catalog.records import File
from studybuddy.importing.sources import Source, TableOptions
from studybuddy.settings import load_settings
from studybuddy.wiring import Wiring, open_all
from tests.servers.supabase import Supabase
from tests.servers.supabase_keys import signed_key


@dataclass(frozen=True, slots=True)
class Place:
    """What a test imports into, and the bucket that it imports from."""

    wiring: Wiring
    server: Supabase
    bucket: str
    folder: Path

    def put(self, key: str, content: bytes | None, *, content_type: str | None = "audio/mp4") -> None:
        self.server.put(self.bucket, key, content, content_type=content_type)

    def url(self, key: str, *, route: str = "object/public") -> str:
        return f"{self.server.url}/storage/v1/{route}/{self.bucket.replace(' ', '%20')}/{key}"

    def run(self, source: Source | None = None, *, target: str | None = None) -> Import:
        imports = self.wiring.imports
        return imports.run(imports.begin(source or imports.bucket("supabase"), target=target).id)

    def table(self, name: str, text: str, **options: tuple[str, ...]) -> Source:
        path = self.folder / name
        path.write_text(text)
        return self.wiring.imports.table(TableOptions(str(path), **options))  # type: ignore[arg-type]

    def all_files(self) -> list[File]:
        with self.wiring.catalog.read() as db:
            ids = [row[0] for row in db.execute("SELECT id FROM files ORDER BY id").fetchall()]
        return [self.wiring.library.file(file_id) for file_id in ids]

    def files(self) -> dict[str, File]:
        """Return every file by its name."""
        found = {file.name: file for file in self.all_files()}
        assert len(found) == len(self.all_files())
        return found

    def content(self, file: File) -> bytes:
        with self.wiring.library.open(file.id) as stream:
            return stream.read()

    def session_of(self, file: File) -> str:
        return self.wiring.library.session(file.session_id).title

    def problems(self, one: Import, *states: ItemState) -> dict[str, str]:
        """Return why items failed, by what they were called."""
        items = self.wiring.imports.items(one.id, states=states or ["failed"], limit=500)
        return {item.wanted.place or item.wanted.address: item.error for item in items}


def opened(folder: Path, server: Supabase, bucket: str, **settings: str) -> Wiring:
    (folder / "usb").mkdir(exist_ok=True)
    (folder / "storages.toml").write_text(f'[usb]\nkind = "local"\nfolder = "{folder}/usb"')
    environ = {
        "UPLOADS_DIR": f"{folder}/uploads", "STUDY_BUDDY_DATA": f"{folder}/data", "SUPABASE_URL": server.url,
        "SUPABASE_SERVICE_KEY": signed_key(), "SUPABASE_BUCKET": bucket, **settings,
    }  # fmt: skip
    return open_all(load_settings(environ, env_file=folder / ".env"))


@pytest.fixture
def place(tmp_path: Path, supabase_server: Supabase) -> Iterator[Place]:
    bucket = supabase_server.new_bucket()
    wiring = opened(tmp_path, supabase_server, bucket, STUDY_BUDDY_ALLOW_HOSTS="127.0.0.1")
    yield Place(wiring, supabase_server, bucket, tmp_path)
    wiring.close()
