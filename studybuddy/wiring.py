"""Opens everything from the settings. The only importer of concrete drivers."""

from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from studybuddy.catalog import Database
from studybuddy.catalog import storages as catalog_storages
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.records import StorageRow
from studybuddy.claims import Claim
from studybuddy.drivers.driver import Driver
from studybuddy.drivers.local import LocalDriver
from studybuddy.jobs import Runner
from studybuddy.library import Library
from studybuddy.places import S3Settings
from studybuddy.recovery import Recovery
from studybuddy.settings import Settings
from studybuddy.spool import Spool
from studybuddy.storage import Storage
from studybuddy.storages import Storages
from studybuddy.uploads import Uploads

_RECOVER_EVERY_S = 60
_SWEEP_EVERY_S = 3600


@dataclass(frozen=True, slots=True)
class Wiring:
    """Everything that is open. `close` it at the end."""

    settings: Settings
    catalog: Catalog
    storages: Storages
    spool: Spool
    library: Library
    uploads: Uploads
    recovery: Recovery
    claim: Claim
    runner: Runner

    def start(self) -> None:
        """Begin the background work of a server: recovery, unfinished uploads, old trash."""
        self.runner.every(_RECOVER_EVERY_S, "recovery", self.recovery.run)
        # Behind recovery: it settles first what a dead process had begun to save.
        self.runner.every(_RECOVER_EVERY_S, "unfinished uploads", self.uploads.resume)
        self.runner.every(_SWEEP_EVERY_S, "old trash", self.recovery.purge_old_trash, first_after_s=60)
        self.runner.every(_SWEEP_EVERY_S, "stale uploads", self.uploads.sweep, first_after_s=60)
        self.runner.start()

    def close(self) -> None:
        """End the background work and let go of everything."""
        self.runner.stop()
        self.uploads.close()
        self.catalog.close()
        self.claim.release()


def open_all(settings: Settings) -> Wiring:
    """Open the catalog and the storages. No storage is asked anything yet, so that a dead one delays nothing."""
    catalog = Catalog(settings.data_dir / "catalog.db")
    catalog.prepare()
    claim = Claim(settings.data_dir / "claims")
    spool = Spool(settings.data_dir / "spool", writer=claim.id)
    storages = _open_storages(settings, catalog, claim)
    library = Library(catalog, lambda: storages, spool, writer=claim.id, max_file_bytes=settings.max_upload_bytes)
    recovery = Recovery(catalog, lambda: storages, spool, claim, is_adding=library.is_adding)
    uploads = Uploads(library, spool, max_file_bytes=settings.max_upload_bytes)
    return Wiring(settings, catalog, storages, spool, library, uploads, recovery, claim, Runner())


def _open_storages(settings: Settings, catalog: Catalog, claim: Claim) -> Storages:
    local = LocalDriver(settings.uploads_dir, writer=claim.id)
    with catalog.write() as db:
        local_row = catalog_storages.register(
            db, url=local.identity(), label="this computer", base_url=f"file://{quote(str(local.root))}/"
        )
        s3_row = _register_s3(db, settings.s3) if settings.s3 else None
        known = {row.id: row for row in catalog_storages.everything(db)}
    opened = {local_row.id: _storage(local_row, "local", local)}
    for row in known.values():
        place = _place_of(row, settings.s3)
        if place is not None:
            opened[row.id] = _storage(row, "s3", _s3_driver(place))
    target = opened[s3_row.id] if s3_row and settings.storage_mode == "S3" else opened[local_row.id]
    return Storages(opened=opened, known=known, target=target, local=opened[local_row.id])


def _storage(row: StorageRow, name: str, driver: Driver) -> Storage:
    return Storage(row.id, name=name, identity=row.url, label=row.label, driver=driver)


def _s3_driver(place: S3Settings) -> Driver:
    # Loaded when a bucket is named: nothing of it is needed otherwise, and every start would wait for it.
    from studybuddy.drivers.s3 import S3Driver  # noqa: PLC0415

    return S3Driver(place)


def _register_s3(db: Database, s3: S3Settings) -> StorageRow:
    identity = f"s3://{s3.bucket}" + (f"/{s3.prefix}" if s3.prefix else "")
    if s3.endpoint_url:
        identity += "?" + urlencode({"endpoint": s3.endpoint_url})
        base_url = f"{s3.endpoint_url}/{s3.bucket}/"
    else:
        base_url = f"https://{s3.bucket}.s3.{s3.region}.amazonaws.com/"
    base_url += f"{s3.prefix}/" if s3.prefix else ""
    return catalog_storages.register(db, url=identity, label=f"S3 · {s3.bucket}", base_url=base_url, region=s3.region)


def _place_of(row: StorageRow, s3: S3Settings | None) -> S3Settings | None:
    """Tell how to reach an S3 storage that the catalog knows: another bucket or prefix of today's provider."""
    url = urlsplit(row.url)
    endpoint_url = dict(parse_qsl(url.query)).get("endpoint")
    if s3 is None or url.scheme != "s3" or endpoint_url != s3.endpoint_url:
        return None
    return replace(s3, bucket=url.netloc, prefix=url.path.strip("/"), region=row.region or s3.region)
