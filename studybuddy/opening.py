"""Opens the storages that the settings name or once named. The only importer of concrete drivers."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from studybuddy.catalog import Database, totals
from studybuddy.catalog import storages as catalog_storages
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.records import StorageRow
from studybuddy.drivers.counters import Counter
from studybuddy.drivers.driver import Driver
from studybuddy.drivers.keyless import KeylessDriver
from studybuddy.drivers.local.driver import LocalDriver
from studybuddy.errors import NotFoundError, SettingsError, StorageError, UnavailableError
from studybuddy.keys import BACKUPS
from studybuddy.settings import Settings
from studybuddy.settings.places import LocalSettings, NamedPlace, PlaceSettings, S3Settings, SupabaseSettings
from studybuddy.settings.providers import public_url
from studybuddy.storage import Storage
from studybuddy.storages import Storages

if TYPE_CHECKING:
    from studybuddy.drivers.url import UrlSource

log = logging.getLogger(__name__)

LOCAL, S3, SUPABASE = "local", "s3", "supabase"


@dataclass(frozen=True, slots=True)
class _Opened:
    """A place behind its driver, and how the catalog knows it."""

    name: str
    place: PlaceSettings
    driver: Driver
    url: str  # its identity
    label: str
    base_url: str
    region: str = ""


@dataclass(frozen=True, slots=True)
class _Means:
    """What drivers are opened with."""

    writer: str
    counter: Callable[[str], Counter] = lambda _: Counter()  # by a storage's identity
    catalog: Catalog | None = None  # None: no bucket is made


def open_storages(settings: Settings, catalog: Catalog, *, writer: str, counter: Callable[[str], Counter]) -> Storages:
    """Open every storage. None is asked anything yet, so that a dead one delays nothing."""
    means = _Means(writer, counter)
    opened, problems = _open_named(settings, replace(means, catalog=catalog))
    with catalog.write() as db:
        rows = {one.name: _register(db, one) for one in opened}
        known = {row.id: row for row in catalog_storages.everything(db)}
        files = _files_in(db)
    usable = [one for one in opened if not isinstance(one.driver, KeylessDriver)]
    by_id = {rows[one.name].id: _storage(rows[one.name], one) for one in opened}
    for row in list(known.values()):
        earlier = None if row.id in by_id else _open_earlier(row, usable, means)
        if earlier is not None:
            known[row.id] = replace(row, label=earlier.label)
            by_id[row.id] = _storage(known[row.id], earlier)
    local = by_id[rows[LOCAL].id]
    default = by_id[rows[S3].id] if settings.storage_mode == "S3" else local
    storages = Storages(by_id, known, target=default, local=local, default=default, problems=problems)
    for row in storages.unnamed:
        if files.get(row.id):
            log.warning("the settings no longer name %s (%s); %d files are there", row.label, row.url, files[row.id])
    return storages


def _open_named(settings: Settings, means: _Means) -> tuple[list[_Opened], tuple[str, ...]]:
    opened: dict[str, _Opened] = {}
    problems = []
    for named in _places(settings):
        try:
            one = _open(named, means)
        except StorageError as error:
            if named.name == LOCAL:
                raise
            log.warning("%s cannot be opened: %s", named.name, error)
            problems.append(f"{named.name}: {error}")
            continue
        if one.url in opened:
            other = opened[one.url].name
            raise SettingsError(f"{named.name} and {other} are the same place", fix="Keep one of the two names.")
        opened[one.url] = one
    return list(opened.values()), tuple(problems)


def _places(settings: Settings) -> Iterable[NamedPlace]:
    yield NamedPlace(LOCAL, LocalSettings(settings.uploads_dir))
    if settings.s3:
        yield NamedPlace(S3, settings.s3)
    if settings.supabase:
        yield NamedPlace(SUPABASE, settings.supabase)
    yield from settings.more


@dataclass(frozen=True, slots=True)
class Address:
    """What another process needs to open a storage that is open here; it has the keys in it."""

    id: int
    name: str
    identity: str
    label: str
    place: PlaceSettings = field(repr=False)


def address_of(storage: Storage) -> Address:
    """Return what opens this storage in another process."""
    return Address(storage.id, storage.name, storage.identity, storage.label, storage.place)


def open_address(address: Address, *, writer: str) -> Storage:
    """Open a storage that another process has open; raise UnavailableError where its folder is not this one."""
    place = address.place
    if isinstance(place, LocalSettings) and not LocalDriver(place.folder).is_storage(address.identity):
        raise UnavailableError(f"The folder {place.folder} is another one here", fix="Mount the one that is meant.")
    driver = _open(NamedPlace(address.name, place), _Means(writer)).driver
    return Storage(address.id, address.name, address.identity, driver, address.label, place)


def _open(named: NamedPlace, means: _Means) -> _Opened:
    match named.settings:
        case LocalSettings() as place:
            return _open_local(named.name, place, means.writer)
        case S3Settings() as place:
            return _open_s3(named.name, place, means)
        case SupabaseSettings() as place:
            return _open_supabase(named.name, place, means)


def _open_local(name: str, place: LocalSettings, writer: str) -> _Opened:
    if name != LOCAL and not place.folder.is_dir():
        # Made anew, an unplugged disk's folder would look like an empty storage.
        raise StorageError(f"The folder {place.folder} is not there", fix="Plug its disk in, or make the folder.")
    driver = LocalDriver(place.folder, writer=writer, private=BACKUPS)
    label = "this computer" if name == LOCAL else f"this computer · {place.folder.name}"
    place = LocalSettings(driver.root)
    return _Opened(name, place, driver, driver.identity(), label, base_url=f"file://{quote(str(driver.root))}/")


def open_folder(folder: Path) -> Storage:
    """Open any folder as a place for backups; raise NotFoundError when it is not there."""
    if not folder.is_dir():
        # Made anew, an unplugged disk's folder would look like a place with room for a backup.
        raise NotFoundError(f"There is no storage and no folder {folder}", fix="Plug its disk in, or make the folder.")
    driver = LocalDriver(folder, private=BACKUPS)
    root = str(driver.root)
    return Storage(0, name=root, identity="", label=root, driver=driver, place=LocalSettings(driver.root))


def open_urls(settings: Settings) -> "UrlSource":
    """Return what opens http(s) addresses."""
    from studybuddy.drivers.url import UrlSource  # noqa: PLC0415

    return UrlSource(settings.import_hosts)


def _open_s3(name: str, place: S3Settings, means: _Means) -> _Opened:
    """Open a bucket. With the catalog, it may be made at its first use: as long as nothing was ever kept there."""
    # Loaded when a bucket is named: nothing of it is needed otherwise, and every start would wait for it.
    from studybuddy.drivers.s3.driver import S3Driver  # noqa: PLC0415

    folder = f"/{place.prefix}" if place.prefix else ""
    query = "?" + urlencode({"endpoint": place.endpoint_url}) if place.endpoint_url else ""
    identity = f"s3://{place.bucket}{folder}{query}"
    label = f"S3 · {place.bucket}{folder}" + ("" if name == S3 else f" ({name})")

    def never_used() -> bool:
        if means.catalog is None:
            return False
        with means.catalog.read() as db:
            return not catalog_storages.was_used(db, identity)

    driver: Driver = _keyless(name, place) or S3Driver(place, may_create=never_used, counter=means.counter(identity))
    return _Opened(name, place, driver, identity, label, base_url=public_url(place), region=place.region)


def _keyless(name: str, place: S3Settings | SupabaseSettings) -> KeylessDriver | None:
    if not place.unset:
        return None
    log.warning("%s cannot be used: %s not set", name, " and ".join(place.unset))
    return KeylessDriver(place.unset)


def _open_supabase(name: str, place: SupabaseSettings, means: _Means) -> _Opened:
    from studybuddy.drivers.supabase.driver import SupabaseDriver  # noqa: PLC0415

    bucket = quote(place.bucket, safe="")  # which may have spaces
    identity = f"supabase://{urlsplit(place.url).netloc}/{bucket}"
    label = f"Supabase · {place.bucket}" + ("" if name == SUPABASE else f" ({name})")
    base_url = f"{place.url}/storage/v1/object/public/{bucket}/"
    driver: Driver = _keyless(name, place) or SupabaseDriver(place, counter=means.counter(identity))
    return _Opened(name, place, driver, identity, label, base_url=base_url)


def _register(db: Database, one: _Opened) -> StorageRow:
    return catalog_storages.register(db, url=one.url, label=one.label, base_url=one.base_url, region=one.region)


def _files_in(db: Database) -> dict[int, int]:
    files: dict[int, int] = {}
    for holding in totals.read(db).holdings:
        files[holding.storage_id] = files.get(holding.storage_id, 0) + holding.files
    return files


def _storage(row: StorageRow, one: _Opened) -> Storage:
    return Storage(row.id, name=one.name, identity=row.url, label=row.label, driver=one.driver, place=one.place)


def _open_earlier(row: StorageRow, opened: Iterable[_Opened], means: _Means) -> _Opened | None:
    """Open a storage that the settings once named: a bucket or prefix of a provider whose keys we have, or a folder."""
    url = urlsplit(row.url)
    if url.scheme == "local":
        folder = Path(unquote(urlsplit(row.base_url).path))
        if folder.is_dir() and LocalDriver(folder).is_storage(row.url):
            return _open_local(f"local-{row.id}", LocalSettings(folder), means.writer)
    endpoint_url = dict(parse_qsl(url.query)).get("endpoint")
    for one in opened:
        if url.scheme == "s3" and isinstance(one.place, S3Settings) and one.place.endpoint_url == endpoint_url:
            region = row.region or one.place.region
            place = replace(one.place, bucket=url.netloc, prefix=url.path.strip("/"), region=region, public_read=False)
            return _open_s3(f"s3-{row.id}", place, means)
        if isinstance(one.place, SupabaseSettings) and row.url.rpartition("/")[0] == one.url.rpartition("/")[0]:
            bucket = unquote(url.path.strip("/"))
            return _open_supabase(f"supabase-{row.id}", replace(one.place, bucket=bucket), means)
    return None
