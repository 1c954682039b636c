"""Sessions and files as JSON, with the names that the HTTP API uses."""

from dataclasses import asdict

from studybuddy.catalog.lists import Trashed
from studybuddy.catalog.records import File, Session
from studybuddy.cli.output import Json
from studybuddy.storages import Storages


def session_json(session: Session) -> Json:
    return asdict(session) | {"tags": list(session.tags)}


def file_json(file: File, storages: Storages) -> Json:
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


def trashed_json(trashed: Trashed) -> Json:
    return asdict(trashed)
