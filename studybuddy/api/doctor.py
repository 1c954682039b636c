"""The doctor: whether a storage works, and what to do where it does not."""

from typing import get_args

from starlette.responses import Response

from studybuddy import doctor
from studybuddy.api.operations import Call, Operation, json_answer
from studybuddy.api.shapes import BOOLEAN, NUMBER, TEXT, array_of, object_of
from studybuddy.drivers.checks import Outcome
from studybuddy.shapes import diagnosis_json

_CHECK = object_of({
    "name": TEXT, "title": TEXT, "outcome": {"type": "string", "enum": list(get_args(Outcome))},
    "seconds": {"type": "number"}, "reason": TEXT, "fix": TEXT,
    "seen": {"type": "object", "additionalProperties": NUMBER},
})  # fmt: skip
_DIAGNOSIS = object_of({"storage": TEXT, "label": TEXT, "healthy": BOOLEAN, "checks": array_of(_CHECK)})


def diagnose(call: Call) -> Response:
    storage = call.wiring.storages().named(call.request.path_params["name"])
    return json_answer(diagnosis_json(storage, list(doctor.diagnose(storage, call.wiring.catalog))))


OPERATIONS = (
    Operation(
        "POST", "/api/v1/storages/{name}/doctor", diagnose,
        "Look whether a storage works; nothing that is written for it stays", {200: _DIAGNOSIS},
    ),
)  # fmt: skip
