"""What an import brings: everything in a bucket, or everything that a table names."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from studybuddy import fields
from studybuddy.catalog.imports import Import, ImportKind, Wanted
from studybuddy.drivers.driver import ObjectInfo
from studybuddy.errors import InvalidInputError
from studybuddy.importing import addresses, tables
from studybuddy.importing.addresses import Addresses
from studybuddy.importing.tables import Row, Table
from studybuddy.names import clean_name
from studybuddy.settings.places import SupabaseSettings
from studybuddy.storage import Storage
from studybuddy.storages import Storages
from studybuddy.units import TIME_FORMAT

_EMPTY_FOLDER = ".emptyFolderPlaceholder"
_NO_FOLDER = frozenset(("/", "//", ".", ".."))


class Source(Protocol):
    """Something to import from."""

    @property
    def kind(self) -> ImportKind: ...
    @property
    def label(self) -> str: ...
    @property
    def identity(self) -> str: ...
    @property
    def options(self) -> Mapping[str, Any]: ...
    def list(self) -> Iterator[Wanted]: ...


@dataclass(frozen=True, slots=True)
class BucketSource:
    """A whole bucket of Supabase."""

    storage: Storage
    base_url: str
    kind: ImportKind = "storage"

    @property
    def label(self) -> str:
        return self.storage.label

    @property
    def identity(self) -> str:
        return self.storage.identity

    @property
    def options(self) -> Mapping[str, Any]:
        return {"storage_id": self.storage.id}

    def list(self) -> Iterator[Wanted]:
        """Yield everything that is listed there; a folder is a session."""
        for found in self.storage.driver.list():
            yield self._wanted(found)

    def _wanted(self, found: ObjectInfo) -> Wanted:
        path = PurePosixPath(found.key)
        is_mark = path.name == _EMPTY_FOLDER
        return Wanted(
            addresses.origin(self.base_url, found.key),
            self.storage.id,
            found.key,
            name=clean_name(path.name),
            session=_title(" / ".join(part for part in path.parts[:-1] if part not in _NO_FOLDER), self._own_title),
            recorded_on=found.modified_at.date().isoformat(),
            created_at=time_text(found.modified_at),
            size=found.size,
            state="skipped" if is_mark else "todo",
            problem="It is Supabase's own mark of an empty folder." if is_mark else "",
        )

    @property
    def _own_title(self) -> str:
        return self.storage.place.bucket if isinstance(self.storage.place, SupabaseSettings) else self.label


@dataclass(frozen=True, slots=True)
class TableOptions:
    """Which table, and which of its columns."""

    path: str  # absolute
    table: str | None = None
    columns: tuple[str, ...] = ()  # those of addresses; none: those that are called so
    hosts: tuple[str, ...] = ()  # further names of the Supabase projects' host


@dataclass(frozen=True, slots=True)
class TableSource:
    """The addresses in another program's table."""

    given: TableOptions
    table: Table
    addresses: Addresses
    kind: ImportKind = "table"

    @property
    def label(self) -> str:
        own = f" · {self.table.name}" if self.table.name != self.table.path.stem else ""
        return f"{self.table.path.name}{own}"

    @property
    def identity(self) -> str:
        return f"{self.table.path}#{self.table.name}#{','.join(self.table.columns)}"

    @property
    def options(self) -> Mapping[str, Any]:
        name = self.table.name if tables.is_sqlite(self.table.path) else self.given.table
        return asdict(self.given) | {"table": name, "columns": self.table.columns}

    def list(self) -> Iterator[Wanted]:
        """Yield every address that stands in the columns, also those that lead nowhere."""
        for row in self.table.rows():
            for column in self.table.columns:
                for url in tables.addresses_in(row.values.get(column, "")):
                    yield self._wanted(row, column, url)

    def _wanted(self, row: Row, column: str, url: str) -> Wanted:
        place, session = f"{row.label}, {column}", _title(row.session or "", self.table.name)
        try:
            at = self.addresses.locate(url)
        except InvalidInputError as error:
            shown = url.partition("?")[0][:200].rpartition("@")[2]
            return Wanted(shown, None, "", clean_name(shown), session, place=place, state="failed", problem=str(error))
        return Wanted(
            at.origin_url,
            at.storage_id,
            at.address,
            name=clean_name(at.name) if at.name else "",
            session=session,
            place=place,
            lecture=_title(row.title, "") if row.title else None,
            expected=tables.expected_kind(column),
            recorded_on=row.recorded_on,
            created_at=None if at.storage_id else row.created_at,
        )


def bucket(storage: Storage) -> BucketSource:
    """Return a bucket as a source; raise InvalidInputError when its storage is none of Supabase."""
    if not isinstance(storage.place, SupabaseSettings):
        raise InvalidInputError(
            f"{storage.label} is no bucket of Supabase", fix="Name one in SUPABASE_URL, or in storages.toml."
        )
    return BucketSource(storage, addresses.base_url(storage.place))


def table(storages: Storages, options: TableOptions) -> TableSource:
    """Return a table as a source; raise InvalidInputError when it or its columns are not there."""
    found = tables.opened(Path(options.path), name=options.table, columns=options.columns)
    return TableSource(options, found, Addresses(storages.opened.values(), hosts=options.hosts))


def again(storages: Storages, one: Import) -> Source:
    """Return the source of an import that goes on."""
    if one.kind == "storage":
        return bucket(storages.get(one.options["storage_id"]))
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in one.options.items()
    }
    return table(storages, TableOptions(**given))


def time_text(moment: datetime) -> str:
    """Write a time as the catalog does."""
    return moment.astimezone(UTC).strftime(TIME_FORMAT)


def _title(text: str, otherwise: str) -> str:
    tidy = " ".join(text.replace("\x00", "").split()) or otherwise
    return tidy if len(tidy) <= fields.MAX_TITLE else tidy[: fields.MAX_TITLE - 1].rstrip() + "…"
