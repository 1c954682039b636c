"""Migrations: planned, run, paused, undone, cleaned up and reported."""

from typing import TYPE_CHECKING, get_args

from starlette.responses import Response, StreamingResponse

from studybuddy import fields
from studybuddy.api.declared import MAX_ID, Flag, Given, Number, Numbers, Schema, Text, Texts
from studybuddy.api.operations import Call, Operation, json_answer
from studybuddy.api.shapes import NUMBER, TEXT, TIME, array_of, object_of, or_null
from studybuddy.catalog.migrations import ItemState, Migration, MigrationState, Order, Scope
from studybuddy.kinds import Kind
from studybuddy.migration.report import report
from studybuddy.migration.shapes import item_json, migration_json, plan_json
from studybuddy.names import content_disposition

if TYPE_CHECKING:
    from studybuddy.migration.plan import Plan

_STATES: tuple[str, ...] = get_args(MigrationState)
_ITEM_STATES: tuple[str, ...] = get_args(ItemState)
_KINDS: tuple[str, ...] = get_args(Kind)
_MOST_CHOSEN = 1000


def make(call: Call) -> Response:
    body = call.body
    plan = call.wiring.migrations.plan(
        body["from"], body["to"], _scope(call), bytes_per_second=body.get("bytes_per_second")
    )
    if not body.get("quick"):
        call.wiring.migrations.look_ahead(plan.migration.id)
    return _plan(call, plan, status=201)


def list_migrations(call: Call) -> Response:
    limit = call.query.get("limit", 50)
    found = call.wiring.migrations.page(limit=limit + 1, after=call.query.get("after"))
    rows = found[:limit]
    following = rows[-1].id if len(found) > limit else None
    return json_answer({"migrations": [_json(call, migration) for migration in rows], "next": following})


def show(call: Call) -> Response:
    return json_answer(_json(call, call.wiring.migrations.get(_id(call))))


def show_plan(call: Call) -> Response:
    return _plan(call, call.wiring.migrations.read_plan(_id(call)))


def list_items(call: Call) -> Response:
    migrations, storages = call.wiring.migrations, call.wiring.storages()
    migration, limit = migrations.get(_id(call)), call.query.get("limit", 50)
    states = [call.query["state"]] if "state" in call.query else []
    found = migrations.items(migration.id, states=states, limit=limit + 1, after=call.query.get("after", 0))
    rows = found[:limit]
    following = rows[-1].position if len(found) > limit else None
    return json_answer({"items": [item_json(item, migration, storages) for item in rows], "next": following})


def give_report(call: Call) -> Response:
    kind = call.query.get("format", "json")
    migration_id = _id(call)
    pieces = report(call.wiring.migrations, call.wiring.storages(), migration_id, kind=kind)
    headers = {"Content-Disposition": content_disposition(f"migration-{migration_id}.{kind}", attachment=True)}
    return StreamingResponse(pieces, media_type=_TYPES[kind], headers=headers)


def run(call: Call) -> Response:
    call.wiring.migrations.start(_id(call))
    return json_answer(_json(call, call.wiring.migrations.get(_id(call))), 202)


def pause(call: Call) -> Response:
    migration = call.wiring.migrations.get(_id(call))
    call.wiring.migrations.pause(migration.id)
    return json_answer(_json(call, migration), 202)


def retry(call: Call) -> Response:
    return json_answer(_json(call, call.wiring.migrations.retry_failed(_id(call))))


def join(call: Call) -> Response:
    return _plan(call, call.wiring.migrations.join(_id(call)))


def undo(call: Call) -> Response:
    return json_answer(_json(call, call.wiring.migrations.undo(_id(call))))


def clean_up(call: Call) -> Response:
    now = "confirm" in call.query
    return json_answer(_json(call, call.wiring.migrations.clean_up(_id(call), now=now)))


def _id(call: Call) -> int:
    return call.id("migration_id")


def _json(call: Call, migration: Migration) -> object:
    return migration_json(migration, call.wiring.migrations, call.wiring.storages())


def _plan(call: Call, plan: "Plan", *, status: int = 200) -> Response:
    migrations = call.wiring.migrations
    return json_answer(
        plan_json(plan, migrations.outlook(plan.migration.id), migrations, call.wiring.storages()), status
    )


def _scope(call: Call) -> Scope:
    given = {name: value for name, value in call.body.items() if name in Scope.__dataclass_fields__}
    given |= {name: fields.day(given[name]) for name in ("since", "until") if name in given}
    return Scope(**given)


_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
_COUNT = object_of({"files": NUMBER, "bytes": NUMBER})
_END = {"storage": or_null(TEXT), "label": TEXT}
_SECONDS: Schema = {"type": "number", "minimum": 0}
_ITEM_STATE: Schema = {"type": "string", "enum": list(_ITEM_STATES)}
_MIGRATION = object_of({
    "id": NUMBER, "source": object_of(_END), "target": object_of(_END), "scope": {"type": "object"},
    "bytes_per_second": or_null(NUMBER), "state": {"type": "string", "enum": list(_STATES)}, "reason": TEXT,
    "worker": or_null({"type": "string", "enum": ["here", "elsewhere"]}), "goes_on": {"type": "boolean"},
    "planned": _COUNT,
    "items": {"type": "object", "propertyNames": _ITEM_STATE, "additionalProperties": _COUNT},
    "progress": object_of({
        "whole": _COUNT, "done": _COUNT, "failed": _COUNT, "share": {"type": "number"},
        "bytes_per_second": or_null(NUMBER), "seconds_left": or_null(_SECONDS),
        "copying": array_of(object_of({"name": TEXT, "size": NUMBER, "done": NUMBER})),
    }),
    "left_behind": array_of(object_of(_END | {"files": NUMBER, "bytes": NUMBER})), "kept_until": or_null(TIME),
    "created_at": TIME, "started_at": or_null(TIME), "ended_at": or_null(TIME),
})  # fmt: skip
_REASON = object_of({"reason": TEXT, "files": NUMBER, "bytes": NUMBER})
_PLAN = object_of({
    "migration": _MIGRATION,
    "by_kind": {"type": "object", "propertyNames": {"enum": list(_KINDS)}, "additionalProperties": _COUNT},
    "already_there": _COUNT, "cannot": object_of({"files": NUMBER, "bytes": NUMBER, "reasons": array_of(_REASON)}),
    "later": _COUNT, "seconds": or_null(_SECONDS), "problems": array_of(TEXT),
    "notes": array_of(TEXT),
    "price": or_null(object_of({"once": TEXT, "monthly": TEXT, "bill": {"type": "object"}})),
})  # fmt: skip
_ITEM = object_of({
    "position": NUMBER, "file_id": NUMBER, "name": TEXT, "size": NUMBER, "sha256": TEXT, "source": TEXT,
    "source_key": TEXT, "target": TEXT, "target_key": TEXT, "state": _ITEM_STATE, "attempts": NUMBER, "error": TEXT,
})  # fmt: skip
_STORAGE = Text(200, min_length=1)
_DAY = Text(10, form="date")
_SIZE = Number(0)
_PAGED = (
    Given("limit", Number(1, 500), "How many rows at most; 50 when not given"),
    Given("after", Number(), "The `next` of the page before"),
)
_ALL = "/api/v1/migrations"
_ONE = f"{_ALL}/{{migration_id}}"

OPERATIONS = (
    Operation(
        "POST", _ALL, make, "Plan what moves from one storage to another; nothing moves yet", {201: _PLAN},
        body=(
            Given("from", _STORAGE, "The name of the storage that the files are in", required=True),
            Given("to", _STORAGE, "The name of the storage that they move to", required=True),
            Given("session_ids", Numbers(_MOST_CHOSEN), "Only the files of these sessions"),
            Given("kinds", Texts(len(_KINDS), Text(choices=_KINDS)), "Only files of these kinds"),
            Given("min_bytes", _SIZE, "Only files of this size or larger"),
            Given("max_bytes", _SIZE, "Only files of this size or smaller"),
            Given("since", _DAY, "Only files that were added on this day or later"),
            Given("until", _DAY, "Only files that were added on this day or earlier"),
            Given("first", Number(), "Only so many, in their order"),
            Given("order", Text(choices=get_args(Order)), "Which files move first; the oldest when not given"),
            Given("bytes_per_second", Number(1, MAX_ID), "How fast at most"),
            Given("quick", Flag(), "Do not measure how long it will take, which takes about two seconds"),
        ),
    ),
    Operation(
        "GET", _ALL, list_migrations, "List the migrations, the last planned first",
        {200: object_of({"migrations": array_of(_MIGRATION), "next": or_null(NUMBER)})}, query=_PAGED,
    ),
    Operation("GET", _ONE, show, "Show how far a migration is", {200: _MIGRATION}),
    Operation("GET", f"{_ONE}/plan", show_plan, "Show a migration's plan as it is now", {200: _PLAN}),
    Operation(
        "GET", f"{_ONE}/items", list_items, "List a migration's items",
        {200: object_of({"items": array_of(_ITEM), "next": or_null(NUMBER)})},
        query=(Given("state", Text(choices=_ITEM_STATES), "Only items in this state"), *_PAGED),
    ),
    Operation(
        "GET", f"{_ONE}/report", give_report, "Give every item of a migration as one document",
        {200: None}, query=(Given("format", Text(choices=tuple(_TYPES)), "json when not given"),),
    ),
    Operation("POST", f"{_ONE}/run", run, "Run a migration in the background, or go on with it", {202: _MIGRATION}),
    Operation("POST", f"{_ONE}/pause", pause, "Pause a migration soon, whoever runs it", {202: _MIGRATION}),
    Operation("POST", f"{_ONE}/retry", retry, "Queue what failed once more; `run` moves it", {200: _MIGRATION}),
    Operation("POST", f"{_ONE}/join", join, "Let files that were added since the plan join it", {200: _PLAN}),
    Operation("POST", f"{_ONE}/undo", undo, "Switch the files back; no bytes move", {200: _MIGRATION}),
    Operation(
        "POST", f"{_ONE}/clean-up", clean_up, "Delete the copies that a migration left behind, after their 7 days",
        {200: _MIGRATION}, query=(Given("confirm", Text(choices=("now",)), "That the 7 days need not be waited for"),),
    ),
)  # fmt: skip
