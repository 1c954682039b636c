"""Migrations as JSON: the same in the HTTP API and on the command line."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from studybuddy.migration.leftovers import kept_until
from studybuddy.shapes import Json
from studybuddy.storages import Storages
from studybuddy.units import TIME_FORMAT

if TYPE_CHECKING:
    from studybuddy.catalog.migrations import Item, Migration
    from studybuddy.migration.migrations import Migrations
    from studybuddy.migration.outlook import Outlook
    from studybuddy.migration.plan import Plan
    from studybuddy.migration.price import MovePrice
    from studybuddy.migration.progress import Progress


def migration_json(migration: "Migration", migrations: "Migrations", storages: Storages) -> Json:
    """Return a migration: what moves, how far it is, and what it left behind."""
    ended = migration.ended_at
    return {
        "id": migration.id,
        "source": _end(migration.source_id, storages),
        "target": _end(migration.target_id, storages),
        "scope": asdict(migration.scope),
        "bytes_per_second": migration.bytes_per_second,
        "state": migration.state,
        "reason": migration.reason,
        "goes_on": migration.goes_on,
        "worker": migrations.worker(migration),
        "planned": {"files": migration.planned_files, "bytes": migration.planned_bytes},
        "items": {state: asdict(count) for state, count in migration.counts.items()},
        "progress": progress_json(migrations.progress(migration)),
        "left_behind": [
            {**_end(one.storage_id, storages), **asdict(one.count)} for one in migrations.leftovers(migration)
        ],
        "kept_until": kept_until(ended).strftime(TIME_FORMAT) if ended else None,
        "created_at": migration.created_at,
        "started_at": migration.started_at,
        "ended_at": ended,
    }  # fmt: skip


def progress_json(progress: "Progress") -> Json:
    return {
        "whole": asdict(progress.whole),
        "done": asdict(progress.done),
        "failed": asdict(progress.failed),
        "share": round(progress.share, 4),
        "bytes_per_second": progress.bytes_per_second,
        "seconds_left": None if progress.seconds_left is None else round(progress.seconds_left, 1),
        "copying": [asdict(current) for current in progress.copying],
    }


def plan_json(plan: "Plan", outlook: "Outlook | None", migrations: "Migrations", storages: Storages) -> Json:
    """Return a plan; without an outlook, nothing is told of the time that it takes."""
    return {
        "migration": migration_json(plan.migration, migrations, storages),
        "by_kind": {kind: asdict(count) for kind, count in plan.by_kind.items()},
        "already_there": asdict(plan.already_there),
        "cannot": asdict(plan.cannot) | {
            "reasons": [{"reason": reason.text, **asdict(reason.count)} for reason in plan.reasons]
        },
        "later": asdict(plan.later),
        "seconds": None if outlook is None or outlook.seconds is None else round(outlook.seconds, 3),
        "problems": list(outlook.problems) if outlook else [],
        "notes": list(outlook.notes) if outlook else [],
        "price": _price_json(outlook.price) if outlook and outlook.price else None,
    }  # fmt: skip


def _price_json(price: "MovePrice") -> Json:
    # Loaded with the first plan that has a price: no start waits for it.
    from studybuddy.costs.money import plain  # noqa: PLC0415
    from studybuddy.spending.shapes import estimate_json  # noqa: PLC0415

    return {"once": plain(price.once), "monthly": plain(price.monthly), "bill": estimate_json(price.bill)}


def item_json(item: "Item", migration: "Migration", storages: Storages) -> Json:
    """Return one file's move; a key is empty when there is no such copy (any more)."""
    return {
        "position": item.position,
        "file_id": item.file_id,
        "name": item.name,
        "size": item.size,
        "sha256": item.sha256,
        "source": storages.label(migration.source_id),
        "source_key": item.source_key,
        "target": storages.label(migration.target_id),
        "target_key": item.target_key or "",
        "state": item.state,
        "attempts": item.attempts,
        "error": item.error,
    }


def _end(storage_id: int, storages: Storages) -> Json:
    storage = storages.opened.get(storage_id)
    return {"storage": storage.name if storage else None, "label": storages.label(storage_id)}
