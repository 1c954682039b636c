"""The storages: where they are, what they hold, and which takes new files."""

from starlette.responses import Response

from studybuddy import mode
from studybuddy.api.operations import Call, Operation, json_answer
from studybuddy.api.shapes import BOOLEAN, NUMBER, TEXT, TIME, array_of, object_of, or_null
from studybuddy.shapes import storage_json
from studybuddy.status import overview

_STORAGE = object_of({
    "id": NUMBER, "name": or_null(TEXT), "label": TEXT,
    "kind": or_null({"type": "string", "enum": ["local", "s3", "supabase"]}), "identity": TEXT,
    "takes_new_files": BOOLEAN, "files": NUMBER, "bytes": NUMBER, "to_delete": NUMBER,
    "by_kind": {"type": "object", "additionalProperties": object_of({"files": NUMBER, "bytes": NUMBER})},
    "place": {"type": "object"},
})  # fmt: skip
_STORAGES = object_of({
    "storages": array_of(_STORAGE), "default": TEXT, "chosen": or_null(TEXT), "chosen_at": or_null(TIME),
    "problems": array_of(TEXT),
})  # fmt: skip


def list_storages(call: Call) -> Response:
    storages = call.wiring.storages()
    with call.wiring.catalog.read() as db:
        found = overview(db, storages)
    return json_answer({
        "storages": [storage_json(status) for status in found],
        "default": storages.default.name,
        "chosen": storages.chosen.value if storages.chosen else None,
        "chosen_at": storages.chosen.chosen_at if storages.chosen else None,
        "problems": list(storages.problems),
    })  # fmt: skip


def use_storage(call: Call) -> Response:
    mode.change(call.wiring.storages, call.request.path_params["name"])
    return list_storages(call)


OPERATIONS = (
    Operation("GET", "/api/v1/storages", list_storages, "List the storages and what they hold", {200: _STORAGES}),
    Operation(
        "POST", "/api/v1/storages/{name}/use", use_storage,
        "Send new files to a storage, if the doctor finds it well; `default`: where the settings say",
        {200: _STORAGES},
    ),
)  # fmt: skip
