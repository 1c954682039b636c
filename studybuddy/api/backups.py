"""Backups of the catalog."""

from starlette.responses import Response

from studybuddy.api.declared import Given, Text
from studybuddy.api.operations import Call, Operation, json_answer
from studybuddy.api.shapes import BOOLEAN, NUMBER, TEXT, TIME, array_of, object_of, or_null
from studybuddy.shapes import backup_json, backup_record_json
from studybuddy.storage import Storage

_BACKUP = object_of({
    "name": TEXT, "made_at": TIME, "automatic": BOOLEAN, "library": TEXT, "sessions": NUMBER, "lectures": NUMBER,
    "files": NUMBER, "bytes": NUMBER, "size": NUMBER,
})  # fmt: skip
_RECORD = object_of({
    "name": TEXT, "place": TEXT, "automatic": BOOLEAN, "at": TIME, "done": BOOLEAN, "files": NUMBER,
    "size": NUMBER, "reason": TEXT,
})  # fmt: skip
_STORAGE = Given("storage", Text(100, min_length=1), "A storage's name; where new files go when not given")


def list_backups(call: Call) -> Response:
    backups, storage = call.wiring.backups, _storage(call, call.query.get("storage"))
    return json_answer({
        "storage": storage.name,
        "last": backup_record_json(backups.last()),
        "last_done": backup_record_json(backups.last_done()),
        "backups": [backup_json(one) for one in backups.list(storage)],
    })  # fmt: skip


def make_backup(call: Call) -> Response:
    storage = _storage(call, call.body.get("storage"))
    made = call.wiring.backups.run(storage)
    return json_answer({"storage": storage.name, "backup": backup_json(made)}, 201)


def _storage(call: Call, name: str | None) -> Storage:
    return call.wiring.backups.home() if name is None else call.wiring.storages().named(name)


OPERATIONS = (
    Operation(
        "GET", "/api/v1/backups", list_backups, "List the backups in a storage, the newest first",
        {200: object_of({
            "storage": TEXT, "last": or_null(_RECORD), "last_done": or_null(_RECORD), "backups": array_of(_BACKUP),
        })},
        query=(_STORAGE,),
    ),
    Operation(
        "POST", "/api/v1/backups", make_backup, "Back up the catalog to a storage",
        {201: object_of({"storage": TEXT, "backup": _BACKUP})},
        body=(_STORAGE,),
    ),
)  # fmt: skip
