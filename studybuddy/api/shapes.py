"""Sessions, lectures, files and uploads as JSON, each beside its schema."""

from dataclasses import asdict

from studybuddy import shapes
from studybuddy.adding.new_files import Added
from studybuddy.adding.upload_records import Upload
from studybuddy.api.declared import Schema
from studybuddy.catalog.records import Duplicate, File, Lecture
from studybuddy.errors import NotFoundError
from studybuddy.names import clean_name
from studybuddy.shapes import Json
from studybuddy.wiring import Wiring


def object_of(properties: dict[str, Schema]) -> Schema:
    """Return the schema of an object that has all of these properties and no others."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def array_of(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def named(name: str) -> Schema:
    """Return a reference to one of the document's named schemas."""
    return {"$ref": f"#/components/schemas/{name}"}


TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
BOOLEAN: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time"}

SCHEMAS: dict[str, Schema] = {
    "Session": object_of({
        "id": NUMBER, "title": TEXT, "subject": TEXT, "description": TEXT, "tags": array_of(TEXT),
        "created_at": TIME, "updated_at": TIME, "trashed_at": or_null(TIME),
        "file_count": NUMBER, "lecture_count": NUMBER, "size": NUMBER,
    }),
    "Lecture": object_of({
        "id": NUMBER, "session_id": NUMBER, "title": TEXT, "recorded_on": or_null({"type": "string", "format": "date"}),
        "audio_file_id": or_null(NUMBER), "audio_url": or_null(TEXT), "created_at": TIME,
    }),
    "File": object_of({
        "id": NUMBER, "session_id": NUMBER, "name": TEXT,
        "kind": {"type": "string", "enum": ["document", "audio", "image", "caption", "other"]},
        "content_type": TEXT, "size": NUMBER, "sha256": TEXT, "duration_ms": or_null(NUMBER),
        "created_at": TIME, "trashed_at": or_null(TIME), "stored_in": TEXT, "wanted": or_null(TEXT), "reason": TEXT,
        "linked": {"type": "boolean"}, "content_url": TEXT,
    }),
    "Duplicate": object_of({"file_id": NUMBER, "name": TEXT, "session_id": NUMBER, "session_title": TEXT}),
    "Added": object_of({
        "file": named("File"), "stored_in": TEXT, "wanted": or_null(TEXT), "reason": TEXT, "contradiction": TEXT,
        "duplicates": array_of(named("Duplicate")),
    }),
    "Problem": object_of({"code": TEXT, "message": TEXT, "fix": TEXT}),
    "Error": object_of({"error": named("Problem")}),
    "Upload": object_of({
        "id": TEXT, "name": TEXT, "length": NUMBER, "offset": NUMBER,
        "state": {"type": "string", "enum": ["receiving", "saving", "saved", "failed"]},
        "file": or_null(named("File")), "duplicates": array_of(named("Duplicate")), "stored_in": or_null(TEXT),
        "wanted": or_null(TEXT), "reason": TEXT, "contradiction": TEXT, "error": or_null(named("Problem")),
        "session_id": or_null(NUMBER), "lecture_id": or_null(NUMBER), "metadata": {"type": "object"},
        "created_at": TIME, "expires_at": TIME,
    }),
}  # fmt: skip


def lecture_json(lecture: Lecture) -> Json:
    """Return a lecture; `audio_url` is where its recording plays from, on this server."""
    url = None if lecture.audio_file_id is None else content_url(lecture.audio_file_id)
    return asdict(lecture) | {"audio_url": url}


def file_json(file: File, wiring: Wiring) -> Json:
    """Return a file, and where its bytes are had on this server."""
    return shapes.file_json(file, wiring.storages()) | {"content_url": content_url(file.id)}


def duplicates_json(duplicates: tuple[Duplicate, ...]) -> list[Json]:
    return [asdict(duplicate) for duplicate in duplicates]


def added_json(added: Added, wiring: Wiring) -> Json:
    return {
        "file": file_json(added.file, wiring),
        "stored_in": added.stored_in,
        "wanted": added.wanted,
        "reason": added.reason,
        "contradiction": added.contradiction,
        "duplicates": duplicates_json(added.duplicates),
    }


def upload_json(upload: Upload, wiring: Wiring) -> Json:
    """Return an upload, and once it is saved its file; `file` is null again when that was deleted since."""
    result = upload.result or {}
    file = _file_or_none(result["file_id"], wiring) if result else None
    session_id = upload.metadata.get("session")
    lecture_id = upload.metadata.get("lecture")
    return {
        "id": upload.id,
        "name": clean_name(upload.metadata.get("filename", "")),
        "length": upload.length,
        "offset": upload.offset,
        "state": upload.state,
        "file": file_json(file, wiring) if file else None,
        "duplicates": result.get("duplicates", []),
        "stored_in": result.get("stored_in"),
        "wanted": result.get("wanted"),
        "reason": result.get("reason", ""),
        "contradiction": result.get("contradiction", ""),
        "error": upload.error,
        "session_id": file.session_id if file else int(session_id) if session_id else None,
        "lecture_id": int(lecture_id) if lecture_id else None,
        "metadata": dict(upload.metadata),
        "created_at": upload.created_at,
        "expires_at": upload.expires_at,
    }


def _file_or_none(file_id: int, wiring: Wiring) -> File | None:
    try:
        return wiring.library.file(file_id)
    except NotFoundError:
        return None


def content_url(file_id: int) -> str:
    return f"/api/v1/files/{file_id}/content"
