"""What S3 costs: the library as it is, or any use of it."""

from typing import get_args

from starlette.responses import Response

from studybuddy.api.declared import Given, Schema, Text
from studybuddy.api.operations import Call, Operation, json_answer
from studybuddy.api.shapes import BOOLEAN, NUMBER, TEXT, array_of, object_of, or_null
from studybuddy.cost_shapes import estimate_json, library_cost_json
from studybuddy.costs.estimate import estimate
from studybuddy.costs.inputs import INPUTS, Input, read_usage
from studybuddy.costs.prices import FILE_NAME, PriceBook, load
from studybuddy.costs.usage import FreeTier
from studybuddy.library_costs import of_library

_USD: Schema = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"}
_TOTAL: dict[str, Schema] = {"total": _USD, "rounded": _USD, "at_least": BOOLEAN}
_SUM: dict[str, Schema] = {"currency": TEXT, **_TOTAL}
_COMPONENT = object_of({
    "name": TEXT, "group": TEXT, "unit": TEXT, "quantity": _USD, "unit_price": or_null(_USD), "cost": or_null(_USD),
    "note": TEXT, "price": or_null(object_of({"name": TEXT, "source": TEXT, "as_of": TEXT})),
})  # fmt: skip
_ESTIMATE: dict[str, Schema] = {**_SUM, "to_pay": _USD, "components": array_of(_COMPONENT)}
_MEASURED = object_of({
    "objects": NUMBER, "bytes": NUMBER, "old_bytes": NUMBER, "unfinished_bytes": NUMBER, "since": or_null(TEXT),
    "sizes": array_of(object_of({"least": NUMBER, "objects": NUMBER, "bytes": NUMBER})),
    "counts": {"type": "object", "additionalProperties": NUMBER},
})  # fmt: skip
_STORAGE = object_of({
    "storage": or_null(TEXT), "label": TEXT, "region": or_null(TEXT), "files": NUMBER, "bytes": NUMBER, "note": TEXT,
    "measured": or_null(_MEASURED), "estimate": or_null(object_of(_ESTIMATE)),
    "so_far": or_null(object_of(_ESTIMATE)), "at_this_rate": or_null(object_of(_ESTIMATE)),
})  # fmt: skip
_LIBRARY = object_of({
    **_SUM, "so_far": object_of(_TOTAL), "at_this_rate": object_of(_TOTAL),
    "ahead": array_of(object_of({"month": TEXT, **_TOTAL})), "storages": array_of(_STORAGE),
})  # fmt: skip


def estimate_use(call: Call) -> Response:
    usage = read_usage(call.query)
    made = estimate(usage, _book(call).of(usage.region))
    return json_answer({"region": usage.region, "free_tier": usage.free_tier} | estimate_json(made))


def library(call: Call) -> Response:
    with call.wiring.catalog.read() as db:
        found = of_library(db, call.wiring.storages(), _book(call), free_tier=call.query.get("free_tier", "none"))
    return json_answer(library_cost_json(found))


def _book(call: Call) -> PriceBook:
    return load(call.wiring.settings.data_dir / FILE_NAME)


def _given(one: Input) -> Given:
    says = one.says + (f"; only for {', '.join(one.only)}" if one.only else "")
    return Given(one.name, Text(2_000 if one.form == "pairs" else 60, choices=one.choices), says)


OPERATIONS = (
    Operation(
        "GET", "/api/v1/costs/estimate", estimate_use, "Price any use of S3 for a month; GB are of 2^30 bytes",
        {200: object_of({"region": TEXT, "free_tier": TEXT, **_ESTIMATE})},
        query=tuple(_given(one) for one in INPUTS.values()),
    ),
    Operation(
        "GET", "/api/v1/costs/library", library,
        "Tell what the library costs: a month as it is, this month so far, at this rate, and in twelve months to come",
        {200: _LIBRARY},
        query=(Given("free_tier", Text(choices=get_args(FreeTier)), "As the estimate takes it"),),
    ),
)  # fmt: skip
