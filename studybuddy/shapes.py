"""Sessions and files as JSON: the same in the HTTP API and on the command line."""

from dataclasses import asdict
from typing import Any

from studybuddy.catalog.lists import Trashed
from studybuddy.catalog.records import File, Session
from studybuddy.storages import Storages

Json = dict[str, Any]


def session_json(session: Session) -> Json:
    return asdict(session) | {"tags": list(session.tags)}


def file_json(file: File, storages: Storages) -> Json:
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


def trashed_json(trashed: Trashed) -> Json:
    return asdict(trashed)
