"""What each storage holds, where it is, and whether it answers now."""

import json
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import uuid4

from studybuddy.catalog import Database, copies, totals
from studybuddy.catalog.records import StorageRow
from studybuddy.catalog.totals import Holding
from studybuddy.drivers.driver import MadeAtFirstUse, Marked
from studybuddy.errors import ObjectNotFoundError, StorageError, UnavailableError
from studybuddy.settings.places import LocalSettings
from studybuddy.storage import Storage
from studybuddy.storages import Storages


@dataclass(frozen=True, slots=True)
class StorageStatus:
    """One storage and what it holds outside the trash."""

    row: StorageRow
    storage: Storage | None  # None: the settings no longer name it
    takes_new_files: bool
    holdings: tuple[Holding, ...]  # by kind
    to_delete: int = 0  # objects that nobody needs any more, and that are still there

    @property
    def files(self) -> int:
        """How many files it holds."""
        return sum(holding.files for holding in self.holdings)

    @property
    def bytes(self) -> int:
        """How large they are together."""
        return sum(holding.bytes for holding in self.holdings)


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a storage answers."""

    seconds: float
    failure: StorageError | None = None
    to_be_made: str = ""  # what is missing there, and made by the first file: no reason to worry
    free_bytes: int | None = None  # on this computer's disk


def overview(db: Database, storages: Storages) -> tuple[StorageStatus, ...]:
    """Return every storage that is open or holds files: the one for new files first, those that are not open last."""
    holdings, to_delete = totals.read(db).holdings, copies.to_delete(db)
    found = [
        StorageStatus(
            row,
            storages.opened.get(row.id),
            takes_new_files=row.id == storages.target.id,
            holdings=tuple(holding for holding in holdings if holding.storage_id == row.id),
            to_delete=to_delete.get(row.id, 0),
        )
        for row in storages.known.values()
    ]
    shown = [status for status in found if status.storage or status.files]
    return tuple(sorted(shown, key=lambda status: (status.storage is None, not status.takes_new_files, status.row.id)))


def ask(storage: Storage) -> Answer:
    """Ask a storage for an object that is not there; that it says so is an answer. No error is raised."""
    probe = f"study-buddy-check/{uuid4().hex}.txt"
    began = time.monotonic()
    try:
        free_bytes = _free_bytes(storage)
        with suppress(ObjectNotFoundError):
            storage.stat(probe)
    except StorageError as error:
        # What was asked for says nothing to a person.
        error.args = (str(error).rpartition(f"{probe}: ")[2],)
        return Answer(time.monotonic() - began, failure=error, to_be_made=_to_be_made(storage, error))
    return Answer(time.monotonic() - began, free_bytes=free_bytes)


def _to_be_made(storage: Storage, failure: StorageError) -> str:
    if isinstance(failure, UnavailableError) or not isinstance(storage.driver, MadeAtFirstUse):
        return ""
    with suppress(StorageError):  # what keeps it from being used is told already
        return storage.driver.will_be_made()
    return ""


def expect_there(storage: Storage) -> None:
    """Raise UnavailableError when another folder lies where a storage was: its disk is away, not its objects."""
    if isinstance(storage.driver, Marked) and not storage.driver.is_storage(storage.identity):
        raise UnavailableError(
            f"What lies at the place of {storage.label} is not the storage that the catalog knows",
            fix="Look whether its disk is there and the settings name the right folder.",
        )


def naming(row: StorageRow) -> str:
    """Return the table of `storages.toml` that names a storage again; keys stand in variables of its own."""
    url, base_path = urlsplit(row.url), unquote(urlsplit(row.base_url).path)
    match url.scheme:
        case "s3":
            endpoint_url = dict(parse_qsl(url.query)).get("endpoint", "")
            given = {"bucket": url.netloc, "region": row.region, "endpoint_url": endpoint_url}
            given |= {"prefix": url.path.strip("/"), "access_key_id_env": "OLD_ACCESS_KEY_ID"}
            given |= {"secret_access_key_env": "OLD_SECRET_ACCESS_KEY"}
        case "supabase":
            given = {"kind": "supabase", "url": f"https://{url.netloc}", "bucket": unquote(url.path.strip("/"))}
            given |= {"service_key_env": "OLD_SERVICE_KEY"}
        case _:
            given = {"kind": "local", "folder": base_path.rstrip("/")}
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in given.items() if value]
    return "\n".join([f"[old-{row.id}]", *lines])


def _free_bytes(storage: Storage) -> int | None:
    if not isinstance(storage.place, LocalSettings):
        return None
    folder = storage.place.folder
    try:
        return shutil.disk_usage(folder).free
    except OSError as error:
        raise UnavailableError(
            f"The folder {folder} cannot be used: {error.strerror}", fix="Look whether its disk is there."
        ) from error
