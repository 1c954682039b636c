"""The set-up of a storage's bucket, and the policies for its keys."""

from typing import get_args

from starlette.responses import Response

from studybuddy import bucket_setup
from studybuddy.api.declared import Flag, Given, Text, Texts
from studybuddy.api.operations import Call, Operation, json_answer
from studybuddy.api.shapes import BOOLEAN, TEXT, array_of, object_of
from studybuddy.drivers.setup_steps import PolicyUse, StepOutcome
from studybuddy.shapes import setup_json
from studybuddy.storage import Storage

_STEP = object_of({
    "name": TEXT, "title": TEXT, "outcome": {"type": "string", "enum": list(get_args(StepOutcome))}, "reason": TEXT,
    "fix": TEXT,
})  # fmt: skip
_SETUP = object_of({
    "storage": TEXT, "label": TEXT, "dry_run": BOOLEAN, "succeeded": BOOLEAN, "steps": array_of(_STEP),
    "policy": {"type": "object"},
})  # fmt: skip
_BODY = (
    Given("public_read", Flag(), "Let everyone read the files; false takes it back. Default: false."),
    Given("cors_origins", Texts(20), "The origins whose pages may read. Default: what is set stays."),
    Given("dry_run", Flag(), "Change nothing, say what would be done. Default: false."),
    Given("confirm", Flag(), "Public reading has to be confirmed. Default: false."),
)
_USE = (Given("use", Text(choices=get_args(PolicyUse)), "What the keys are used for. Default: daily."),)


def set_up(call: Call) -> Response:
    storage, body = _storage(call), call.body
    plan = bucket_setup.plan(
        public_read=body.get("public_read", False), cors_origins=body.get("cors_origins", ())
    )  # fmt: skip
    dry_run = body.get("dry_run", False)
    steps = list(bucket_setup.set_up(storage, plan, dry_run=dry_run, confirmed=body.get("confirm", False)))
    return json_answer(setup_json(storage, steps, dry_run=dry_run, policy=bucket_setup.policy(storage, "daily")))


def policy(call: Call) -> Response:
    return json_answer(bucket_setup.policy(_storage(call), call.query.get("use", "daily")))


def _storage(call: Call) -> Storage:
    return call.wiring.storages().named(call.request.path_params["name"])


OPERATIONS = (
    Operation(
        "POST", "/api/v1/storages/{name}/set-up", set_up,
        "Make a storage's bucket and set it up; doing it again changes nothing", {200: _SETUP}, body=_BODY,
    ),
    Operation(
        "GET", "/api/v1/storages/{name}/policy", policy, "Give the least policy that the keys need",
        {200: {"type": "object"}}, query=_USE,
    ),
)  # fmt: skip
