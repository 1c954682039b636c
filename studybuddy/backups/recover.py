"""Bringing a library back from a backup: its catalog, then a look at whether its files are where it says."""

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from studybuddy.backups import layout, parts
from studybuddy.backups.layout import CATALOG, MANIFEST, Backup
from studybuddy.backups.look_over import Look, look_over
from studybuddy.backups.parts import OnStage
from studybuddy.catalog import manifest, snapshots
from studybuddy.catalog.connection import Catalog
from studybuddy.claims import Claim
from studybuddy.errors import (
    ConflictError,
    IntegrityError,
    NotFoundError,
    ObjectNotFoundError,
)
from studybuddy.keys import backup_name
from studybuddy.settings import Settings
from studybuddy.storage import Storage
from studybuddy.units import count_text
from studybuddy.wiring import Wiring, open_all

log = logging.getLogger(__name__)

_NAMES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants to recover from."""

    place: str  # a storage's name, or a folder
    name: str | None = None  # of the backup; None: the newest that is whole
    from_manifest: bool = False  # make the catalog anew, instead of taking the snapshot of it
    replaces: bool = False  # a catalog that holds something may be put aside


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was brought back, and from what."""

    backup: Backup
    place: str  # for people
    skipped: tuple[tuple[str, str], ...]  # newer backups, each with what is wrong with it
    kept: Path | None  # where the catalog lies that was there before
    look: Look  # whether the files are where it says


def recover(settings: Settings, wanted: Wanted, on_stage: OnStage) -> Recovered:
    """Put the catalog of a backup in place. The files' bytes are where they are, and are not touched.

    Raises ConflictError while another process uses the library, or a catalog that holds something is in the way.
    """
    claim = Claim(settings.data_dir / "claims")
    try:
        if not claim.is_alone():
            raise ConflictError("Study Buddy is using this library right now", fix="Stop it, then recover.")
        return _recover(settings, wanted, on_stage)
    finally:
        claim.release()


def _recover(settings: Settings, wanted: Wanted, on_stage: OnStage) -> Recovered:
    path = settings.data_dir / "catalog.db"
    if not wanted.replaces and snapshots.holds_something(path):
        raise ConflictError(
            f"There is a catalog in {settings.data_dir} already",
            fix="Add --replace to recover over it; it is kept beside the new one.",
        )
    with _workshop(settings) as (folder, wiring):
        place = wiring.place(wanted.place)
        new = folder / "catalog.db"
        backup, skipped = _bring_back(place, wanted, new, on_stage)
        aside = path.with_name(f"catalog.before-recover-{backup_name(datetime.now(UTC))}.db")
        Catalog(path).replace_by(new, aside=aside)
    log.info("recovered the catalog from %s in %s", backup.name, place.label)
    kept = aside if aside.exists() else None
    return Recovered(backup, place.label, tuple(skipped), kept, _settled_look(settings, on_stage))


def _settled_look(settings: Settings, on_stage: OnStage) -> Look:
    """Settle what was half done when the backup was made; then look whether the files are there."""
    wiring = open_all(settings)
    try:
        on_stage("settling what was half done")
        wiring.recovery.run()
        return look_over(wiring.catalog, wiring.storages(), on_stage)
    finally:
        wiring.close()


@contextmanager
def _workshop(settings: Settings) -> Iterator[tuple[Path, Wiring]]:
    """Give a folder for the new catalog, and the storages of the settings over a catalog of their own."""
    folder = settings.data_dir / "recover"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        wiring = open_all(replace(settings, data_dir=folder / "open"))
        try:
            yield folder, wiring
        finally:
            wiring.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _bring_back(place: Storage, wanted: Wanted, new: Path, on_stage: OnStage) -> tuple[Backup, list[tuple[str, str]]]:
    """Make a catalog at `new` of the first backup that is whole; return it, and those that are not."""
    build = _from_manifest if wanted.from_manifest else _from_snapshot
    skipped: list[tuple[str, str]] = []
    for backup in _candidates(place, wanted.name):
        on_stage(f"reading {backup.name}")
        try:
            build(place, backup, new)
        except (IntegrityError, ObjectNotFoundError) as error:
            if wanted.name:
                raise
            log.warning("%s is left out: %s", backup.name, error)
            skipped.append((backup.name, str(error)))
            continue
        return backup, skipped
    others = "" if wanted.from_manifest else ", or with --from-manifest, which needs only a backup's list of files"
    raise IntegrityError(f"No backup in {place.label} is whole", fix=f"Recover from another place{others}.")


def _candidates(place: Storage, name: str | None) -> list[Backup]:
    found = layout.finished(place)
    if not found:
        raise NotFoundError(f"There is no backup in {place.label}", fix="Give the storage or folder that has one.")
    if name is not None:
        if chosen := [backup for backup in found if backup.name == name]:
            return chosen
        raise NotFoundError(f"There is no backup {name} in {place.label}", fix=f"The newest is {found[0].name}.")
    newest = {backup.holds.library: backup for backup in reversed(found)}
    if len(newest) > 1:
        some = list(newest.values())[-_NAMES_SHOWN:]
        told = "; ".join(f"{one.name} ({count_text(one.holds.files, 'file')})" for one in some)
        raise ConflictError(
            f"{place.label} has backups of {len(newest)} libraries",
            fix=f"Choose one with --backup. The newest of each: {told}.",
        )
    return found


def _from_snapshot(place: Storage, backup: Backup, new: Path) -> None:
    new.unlink(missing_ok=True)
    parts.fetch(place, backup, CATALOG, new)
    snapshots.bring_up(new)


def _from_manifest(place: Storage, backup: Backup, new: Path) -> None:
    lines = new.with_name(MANIFEST)
    for path in (new, lines):
        path.unlink(missing_ok=True)
    parts.fetch(place, backup, MANIFEST, lines)
    catalog = Catalog(new)
    catalog.prepare()
    try:
        with lines.open(encoding="utf-8") as stream:
            manifest.read_back(catalog, stream)
    finally:
        catalog.close()
    snapshots.check(new)
