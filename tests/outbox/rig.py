"""A library whose new files go to a storage that fails on demand, with its outbox."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

from studybuddy import keys
from studybuddy.adding.new_files import Added, NewFile
from studybuddy.catalog import copies
from studybuddy.catalog import storages as catalog_storages
from studybuddy.drivers.driver import Driver, Written
from studybuddy.drivers.local.driver import LocalDriver
from studybuddy.errors import StorageError, UnavailableError
from studybuddy.library import Library
from studybuddy.outbox.outbox import Outbox
from studybuddy.recovery import Recovery
from studybuddy.settings.places import LocalSettings
from studybuddy.storage import Storage
from studybuddy.storages import Storages
from studybuddy.streams import Readable
from studybuddy.wiring import Wiring

SILENT = UnavailableError("my-bucket does not answer", fix="Wait.")


class Bucket(LocalDriver):
    """A storage that fails with `failure` while that is set, and counts how often it was asked."""

    failure: StorageError | None = None
    asked = 0
    breaks_after: int | None = None  # how many bytes of an object are read before `breaks_with` comes, and stays
    breaks_with: StorageError = SILENT
    meanwhile: Callable[[], object] = staticmethod(lambda: None)  # what happens while an object is copied

    def write(self, key: str, source: Readable, *, size: int, content_type: str) -> Written:
        self._ask()
        return super().write(key, source, size=size, content_type=content_type)

    def take(self, key: str, path: Path, *, size: int) -> Written:
        self._ask()
        return super().take(key, path, size=size)

    def copy_from(self, source: Driver, source_key: str, key: str, *, size: int) -> Written:
        self._ask()
        written = super().copy_from(source, source_key, key, size=size)
        self.meanwhile()
        return written

    @contextmanager
    def read(self, key: str, *, start: int = 0, stop: int | None = None) -> Iterator[Readable]:
        self._ask()
        with super().read(key, start=start, stop=stop) as stream:
            yield _Breaking(stream, self)

    def file_at(self, key: str) -> Path:
        """Its objects are not on this computer."""
        return self.root / "elsewhere" / key

    def delete(self, key: str) -> None:
        self._ask()
        super().delete(key)

    def _ask(self) -> None:
        self.asked += 1
        if self.failure is not None:
            raise self.failure


class _Breaking:
    """A stream that breaks when its bucket says so."""

    def __init__(self, stream: Readable, bucket: Bucket) -> None:
        self._stream = stream
        self._bucket = bucket
        self._given = 0

    def read(self, size: int = -1, /) -> bytes:
        limit = self._bucket.breaks_after
        if limit is not None and self._given >= limit:
            self._bucket.failure = self._bucket.breaks_with
            raise self._bucket.breaks_with
        piece = self._stream.read(size if limit is None else min(size, limit - self._given))
        self._given += len(piece)
        return piece


@dataclass
class Rig:
    """What is open."""

    wiring: Wiring
    bucket: Bucket
    storages: Storages
    library: Library
    outbox: Outbox
    recovery: Recovery

    def add(self, content: bytes = b"bytes", name: str = "a.txt") -> Added:
        session = self.library.session_titled("Waves")
        return self.library.add(BytesIO(content), NewFile(name, session.id))

    def add_twice(self, content: bytes) -> int:
        """Add a file to the bucket, with a second good copy on this computer; return its id."""
        file, local = self.add(content).file, self.storages.local
        key = keys.file_key(file.session_id, "txt")
        local.write(key, BytesIO(content), size=len(content), sha256=file.sha256, content_type="text/plain")
        with self.wiring.catalog.write() as db:
            copies.confirm(db, copies.insert(db, file_id=file.id, storage_id=local.id, key=key, writer="test"))
        return file.id

    def places(self) -> list[str]:
        """Return where each file is, and `waits` for those in the outbox."""
        with self.wiring.catalog.read() as db:
            rows = db.execute("SELECT storage_id, wanted_storage_id FROM files ORDER BY id").fetchall()
        return [self.storages.opened[place].name + (" waits" if wanted else "") for place, wanted in rows]


def rig(wiring: Wiring, folder: Path) -> Rig:
    """Return a library over `wiring`'s catalog whose bucket lies in `folder`."""
    bucket = Bucket(folder)
    with wiring.catalog.write() as db:
        row = catalog_storages.register(db, url="s3://my-bucket", label="S3 · my-bucket", base_url="https://x/")
    target = Storage(row.id, "s3", row.url, bucket, row.label, LocalSettings(folder))
    now = wiring.storages()
    storages = replace(
        now, opened={**now.opened, row.id: target}, known={**now.known, row.id: row}, target=target, default=target
    )
    pauses = wiring.pauses
    library = Library(
        wiring.catalog, lambda: storages, wiring.spool, pauses, writer=wiring.claim.id, max_file_bytes=10**9
    )
    outbox = Outbox(wiring.catalog, lambda: storages, pauses, wiring.claim)
    recovery = Recovery(
        wiring.catalog, lambda: storages, wiring.spool, wiring.claim,
        is_writing=lambda: library.is_adding() or outbox.is_draining(),
    )  # fmt: skip
    return Rig(wiring, bucket, storages, library, outbox, recovery)


def let_time_pass(wiring: Wiring, passed: timedelta) -> None:
    """Move the outbox's clocks."""
    with wiring.catalog.write() as db:
        for table in ("outbox_storages", "outbox_files"):
            db.execute(
                f"""UPDATE {table} SET next_try_at =
                strftime('%Y-%m-%dT%H:%M:%f000Z', next_try_at, '-{passed.total_seconds()} seconds')"""
            )
