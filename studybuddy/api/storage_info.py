"""Where new files go, as both seeds' frontends ask for it."""

from starlette.responses import Response

from studybuddy.api.operations import Call, Operation, json_answer
from studybuddy.api.shapes import BOOLEAN, NUMBER, TEXT, object_of, or_null
from studybuddy.shapes import storage_info_json

_INFO = object_of({
    "storage_mode": {"type": "string", "enum": ["LOCAL", "S3"]}, "s3_enabled": BOOLEAN, "bucket_name": or_null(TEXT),
    "region": or_null(TEXT),
    "details": object_of({
        "storage": TEXT, "label": TEXT, "max_upload_bytes": NUMBER, "endpoint_url": or_null(TEXT),
        "public_read": BOOLEAN, "chosen": BOOLEAN, "held": or_null(TEXT),
    }),
})  # fmt: skip


def storage_info(call: Call) -> Response:
    return json_answer(storage_info_json(call.wiring.settings, call.wiring.storages()))


OPERATIONS = (Operation("GET", "/api/v1/upload/storage-info", storage_info, "Tell where new files go", {200: _INFO}),)
