"""Sessions, files, storages and scans as JSON: the same in the HTTP API and on the command line."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from studybuddy.doctor import healthy
from studybuddy.drivers.checks import Check
from studybuddy.drivers.setup_steps import SetupStep, succeeded
from studybuddy.settings.places import LocalSettings, PlaceSettings, S3Settings, SupabaseSettings
from studybuddy.storages import Storages

if TYPE_CHECKING:
    from studybuddy.backups.layout import Backup
    from studybuddy.catalog.backups import BackupRecord
    from studybuddy.catalog.cards import Card
    from studybuddy.catalog.findings import Count, Kept
    from studybuddy.catalog.imports import Import
    from studybuddy.catalog.imports import Item as ImportItem
    from studybuddy.catalog.lists import Trashed
    from studybuddy.catalog.outbox import Waiting
    from studybuddy.catalog.processing import Job, Listed
    from studybuddy.catalog.records import File, Session
    from studybuddy.catalog.scans import Scan
    from studybuddy.catalog.transcriptions import Transcription
    from studybuddy.settings import Settings
    from studybuddy.status import StorageStatus
    from studybuddy.storage import Storage

Json = dict[str, Any]


def session_json(session: "Session") -> Json:
    return asdict(session) | {"tags": list(session.tags)}


def file_json(file: "File", storages: Storages) -> Json:
    """Return a file with the labels of the storage it is in and of the one that it should be in."""
    return {
        "id": file.id,
        "session_id": file.session_id,
        "name": file.name,
        "kind": file.kind,
        "content_type": file.content_type,
        "size": file.size,
        "sha256": file.sha256,
        "duration_ms": file.duration_ms,
        "created_at": file.created_at,
        "trashed_at": file.trashed_at,
        "stored_in": storages.label(file.storage_id or 0),
        "wanted": None if file.wanted_storage_id is None else storages.label(file.wanted_storage_id),
        "reason": file.wanted_reason,
        "linked": file.linked,
    }


def waiting_json(waiting: "Waiting", storages: Storages) -> Json:
    """Return a file in the outbox: where it is and should be, why it is not, and when that is tried again."""
    file = waiting.file
    return {
        "id": file.id,
        "session_id": file.session_id,
        "name": file.name,
        "size": file.size,
        "stored_in": storages.label(file.storage_id or 0),
        "wanted": storages.label(file.wanted_storage_id or 0),
        "reason": waiting.reason,
        "since": file.created_at,
        "tries": waiting.tries,
        "next_try_at": waiting.next_try_at,
    }


def job_json(job: "Job") -> Json:
    """Return what is known of the reading of a file."""
    names = ("state", "progress", "attempts", "next_at", "reason", "fix", "ended_at")
    lists = {"remarks": list(job.remarks), "made": list(job.made)}
    return {"file_id": job.file_id} | {name: getattr(job, name) for name in names} | lists


def listed_json(listed: "Listed") -> Json:
    """Return a file's job, with what it is called and where it is."""
    file = listed.file
    return job_json(listed.job) | {"name": file.name, "session_id": file.session_id, "kind": file.kind}


def transcription_json(found: "Transcription") -> Json:
    return asdict(found)


def trashed_json(trashed: "Trashed") -> Json:
    return asdict(trashed)


def storage_info_json(settings: "Settings", storages: Storages) -> Json:
    """Tell where new files go, as both seeds' frontends ask for it."""
    place = storages.target.place
    s3 = place if isinstance(place, S3Settings) else None
    return {
        "storage_mode": "S3" if s3 else "LOCAL",
        "s3_enabled": s3 is not None,
        "bucket_name": s3.bucket if s3 else None,
        "region": s3.region if s3 else None,
        "details": {
            "storage": storages.target.name,
            "label": storages.target.label,
            "max_upload_bytes": settings.max_upload_bytes,
            "endpoint_url": s3.endpoint_url if s3 else None,
            "public_read": bool(s3 and s3.public_read),
            "chosen": storages.target is not storages.default and not storages.held,
            "held": storages.held.value if storages.held else None,
        },
    }


def storage_json(status: "StorageStatus") -> Json:
    """Return a storage, where it is and what it holds; without name and kind when the settings no longer name it."""
    storage = status.storage
    return {
        "id": status.row.id,
        "name": storage.name if storage else None,
        "label": status.row.label,
        "kind": storage.kind if storage else None,
        "identity": status.row.url,
        "takes_new_files": status.takes_new_files,
        "files": status.files,
        "bytes": status.bytes,
        "to_delete": status.to_delete,
        "by_kind": {holding.kind: {"files": holding.files, "bytes": holding.bytes} for holding in status.holdings},
        "place": _place_json(storage.place) if storage else {},
    }


def scan_json(scan: "Scan", counts: "Iterable[Count]", storages: Storages) -> Json:
    """Return a scan with how much it found, by kind and what became of it."""
    storage = storages.opened.get(scan.storage_id)
    return {
        "id": scan.id,
        "storage": storage.name if storage else None,
        "label": storages.label(scan.storage_id),
        "depth": scan.depth,
        "state": scan.state,
        "copies": scan.copies,
        "of_copies": scan.of_copies,
        "objects": scan.objects,
        "bytes": scan.bytes,
        "healed": scan.healed,
        "found": [asdict(count) for count in counts],
        "error": {"message": scan.error, "fix": scan.fix} if scan.error else None,
        "started_at": scan.started_at,
        "ended_at": scan.ended_at,
    }


def finding_json(finding: "Kept") -> Json:
    return asdict(finding)


def card_json(card: "Card") -> Json:
    """Return a flashcard, without what only its scheduler needs."""
    names = ("id", "session_id", "file_id", "page", "at_ms", "front", "back", "created_at", "updated_at")
    memory = {"due_at": card.memory.due_at, "reviewed_at": card.memory.reviewed_at}
    return {name: getattr(card, name) for name in names} | memory


def diagnosis_json(storage: "Storage", checks: Sequence[Check]) -> Json:
    """Return what the doctor found of a storage."""
    return {
        "storage": storage.name,
        "label": storage.label,
        "healthy": healthy(checks),
        "checks": [asdict(check) | {"seconds": round(check.seconds, 3)} for check in checks],
    }


def setup_json(storage: "Storage", steps: Sequence[SetupStep], *, dry_run: bool, policy: Json) -> Json:
    """Return what the set-up of a storage came to, and the policy that its keys need from then on."""
    return {
        "storage": storage.name,
        "label": storage.label,
        "dry_run": dry_run,
        "succeeded": succeeded(steps),
        "steps": [asdict(step) for step in steps],
        "policy": policy,
    }


def _place_json(place: PlaceSettings) -> Json:
    match place:
        case LocalSettings():
            return {"folder": str(place.folder)}
        case S3Settings():
            names = ("bucket", "region", "endpoint_url", "prefix", "public_read")
            return {name: getattr(place, name) for name in names}
        case SupabaseSettings():
            return {"url": place.url, "bucket": place.bucket}


def backup_json(backup: "Backup") -> Json:
    """Return a backup; `files` and `bytes` are those that its catalog tells of, `size` is the backup's own."""
    holds = backup.holds
    return {
        "name": backup.name,
        "made_at": backup.made_at,
        "automatic": backup.automatic,
        "library": holds.library,
        "sessions": holds.sessions,
        "lectures": holds.lectures,
        "files": holds.files,
        "bytes": holds.bytes,
        "size": backup.size,
    }


def backup_record_json(record: "BackupRecord | None") -> Json | None:
    """Return what came of a backup, or None when none was made yet."""
    if record is None:
        return None
    names = ("name", "place", "automatic", "at", "done", "files", "size", "reason")
    return {name: getattr(record, name) for name in names}


def import_json(one: "Import", storages: Storages) -> Json:
    """Return an import with how many of its items are in each state."""
    return {
        "id": one.id,
        "kind": one.kind,
        "source": one.label,
        "target": storages.label(one.target_id),
        "state": one.state,
        "reason": one.reason,
        "counts": {state: asdict(count) for state, count in one.counts.items()},
        "started_at": one.started_at,
        "ended_at": one.ended_at,
    }


def import_item_json(item: "ImportItem") -> Json:
    """Return what became of one thing of an import; its address without what may sign it."""
    wanted = item.wanted
    return {
        "place": wanted.place,
        "url": wanted.origin_url,
        "name": wanted.name,
        "session": wanted.session,
        "state": item.state,
        "file_id": item.file_id,
        "error": item.error,
    }
