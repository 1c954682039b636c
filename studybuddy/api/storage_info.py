"""Where new files go, as both seeds' frontends ask for it."""

from starlette.responses import Response

from studybuddy.api.declared import Schema
from studybuddy.api.operations import Call, Operation, json_answer
from studybuddy.api.shapes import TEXT, object_of, or_null

_BOOLEAN: Schema = {"type": "boolean"}
_INFO = object_of({
    "storage_mode": {"type": "string", "enum": ["LOCAL", "S3"]}, "s3_enabled": _BOOLEAN, "bucket_name": or_null(TEXT),
    "region": or_null(TEXT),
    "details": object_of({
        "label": TEXT, "max_upload_bytes": {"type": "integer"}, "endpoint_url": or_null(TEXT), "public_read": _BOOLEAN,
    }),
})  # fmt: skip


def storage_info(call: Call) -> Response:
    settings = call.wiring.settings
    s3 = settings.s3 if settings.storage_mode == "S3" else None
    return json_answer({
        "storage_mode": settings.storage_mode,
        "s3_enabled": settings.storage_mode == "S3",
        "bucket_name": s3.bucket if s3 else None,
        "region": s3.region if s3 else None,
        "details": {
            "label": call.wiring.storages().target.label,
            "max_upload_bytes": settings.max_upload_bytes,
            "endpoint_url": s3.endpoint_url if s3 else None,
            "public_read": bool(s3 and s3.public_read),
        },
    })  # fmt: skip


OPERATIONS = (Operation("GET", "/api/v1/upload/storage-info", storage_info, "Tell where new files go", {200: _INFO}),)
