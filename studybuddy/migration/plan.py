"""A plan: what a migration will move, what cannot move and why, and how long it will take; before any write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from studybuddy.catalog import Database, migration_items, migrations, sessions
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.migration_items import Reason
from studybuddy.catalog.migrations import Count, Migration, Scope
from studybuddy.errors import ConflictError
from studybuddy.kinds import Kind
from studybuddy.settings.places import LocalSettings, S3Settings
from studybuddy.storage import Storage
from studybuddy.units import GIB

_LARGEST_S3 = 5 * 1024 * GIB


@dataclass(frozen=True, slots=True)
class Plan:
    """What a migration will do."""

    migration: Migration
    by_kind: Mapping[Kind, Count]
    already_there: Count  # their bytes are at the target: they are only looked at and switched
    cannot: Count  # each of these items says why
    reasons: Sequence[Reason]  # why, the most frequent first
    later: Count  # added after the plan; they can join


def make(
    catalog: Catalog, source: Storage, target: Storage, scope: Scope, *, bytes_per_second: int | None = None
) -> Plan:
    """Freeze the list of what moves.

    Raises ConflictError when nothing can move from `source` to `target`, NotFoundError for a session that is not there.
    """
    check_places(source, target)
    with catalog.write() as db:
        for session_id in scope.session_ids:
            sessions.get(db, session_id)
        migration_id = migrations.insert(
            db, source_id=source.id, target_id=target.id, scope=scope, bytes_per_second=bytes_per_second
        )
        migration_items.add_items(db, migration_id, largest=_largest(target))
        return read(db, migration_id)


def join(catalog: Catalog, migration_id: int, target: Storage) -> Plan:
    """Let the files that were added since join the plan; raise ConflictError when the migration has ended."""
    with catalog.write() as db:
        state = migrations.get(db, migration_id).state
        if state not in {"planned", "running", "paused"}:
            raise ConflictError(f"Migration {migration_id} is {state}", fix="Plan another one.")
        migration_items.add_items(db, migration_id, largest=_largest(target))
        return read(db, migration_id)


def read(db: Database, migration_id: int) -> Plan:
    """Return a migration's plan."""
    migration = migrations.get(db, migration_id)
    return Plan(
        migration,
        by_kind=migration_items.by_kind(db, migration_id),
        already_there=migration_items.already_there(db, migration_id),
        cannot=migration.count("failed"),
        reasons=migration_items.reasons(db, migration_id),
        later=migration_items.outside(db, migration_id),
    )


def check_places(source: Storage, target: Storage) -> None:
    """Raise ConflictError when these two can be no migration's ends."""
    if source.id == target.id:
        raise ConflictError(f"The files are in {source.label} already", fix="Choose two different storages.")
    if not target.takes_files:
        raise ConflictError(f"{target.label} is read only", fix="Choose another target.")
    if _within(source, target) or _within(target, source):
        raise ConflictError(
            f"{source.label} and {target.label} lie inside each other", fix="Choose a target outside the source."
        )


def _within(inner: Storage, outer: Storage) -> bool:
    match inner.place, outer.place:
        case LocalSettings() as one, LocalSettings() as other:
            return one.folder.is_relative_to(other.folder)
        case S3Settings() as one, S3Settings() as other:
            same = (one.bucket, one.endpoint_url) == (other.bucket, other.endpoint_url)
            return same and f"{one.prefix}/".startswith(f"{other.prefix}/" if other.prefix else "")
    return False


def _largest(target: Storage) -> int | None:
    return _LARGEST_S3 if target.kind == "s3" else None
