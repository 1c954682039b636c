"""What S3 costs: the library as it is, or any use of it."""

from typing import get_args

from starlette.responses import Response

from studybuddy.api.declared import Flag, Given, Schema, Text
from studybuddy.api.operations import Call, Operation, json_answer
from studybuddy.api.shapes import BOOLEAN, NUMBER, TEXT, array_of, object_of, or_null
from studybuddy.costs.compare import compare
from studybuddy.costs.estimate import estimate
from studybuddy.costs.inputs import INPUTS, Input, read_usage
from studybuddy.costs.prices import FILE_NAME, PriceBook, load
from studybuddy.costs.usage import FreeTier
from studybuddy.spending.bills import use_of_library
from studybuddy.spending.budget import Budget, parse_limit
from studybuddy.spending.library import LibraryCost, of_library
from studybuddy.spending.shapes import budget_json, comparison_json, estimate_json, library_cost_json

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


_ROW = object_of({
    "code": TEXT, "title": TEXT, **_TOTAL, "remarks": array_of(TEXT), "components": array_of(_COMPONENT),
})  # fmt: skip
_COMPARISON = object_of({
    "region": TEXT, "free_tier": TEXT, "currency": TEXT, "classes": array_of(_ROW), "regions": array_of(_ROW),
    "providers": array_of(_ROW),
})  # fmt: skip
_BUDGET = object_of({
    "limit_usd": or_null(_USD), "local": BOOLEAN, "free_tier": TEXT,
    "status": or_null(object_of({
        "so_far": object_of(_TOTAL), "at_this_rate": object_of(_TOTAL), "over": BOOLEAN, "held": BOOLEAN, "text": TEXT,
    })),
})  # fmt: skip


def estimate_use(call: Call) -> Response:
    usage = read_usage(call.query)
    made = estimate(usage, _book(call).of(usage.region))
    return json_answer({"region": usage.region, "free_tier": usage.free_tier} | estimate_json(made))


def library(call: Call) -> Response:
    return json_answer(library_cost_json(_of_library(call)))


def _of_library(call: Call) -> LibraryCost:
    with call.wiring.catalog.read() as db:
        return of_library(db, call.wiring.storages(), _book(call), free_tier=call.query.get("free_tier", "none"))


def compare_use(call: Call) -> Response:
    if call.query.keys() - {"region", "free_tier"}:
        usage = read_usage(call.query)
    else:
        region, free_tier = call.query.get("region"), call.query.get("free_tier", "none")
        usage = use_of_library(_of_library(call), call.wiring.storages(), region=region, free_tier=free_tier)
    return json_answer(comparison_json(usage, compare(usage, _book(call))))


def show_budget(call: Call) -> Response:
    return json_answer(budget_json(call.wiring.budgets.status()))


def set_budget(call: Call) -> Response:
    body = call.body
    limit = parse_limit(body["limit_usd"])
    budget = Budget(limit, body.get("local", False), body.get("free_tier", "none"))
    return json_answer(budget_json(call.wiring.budgets.set(budget)))


def drop_budget(call: Call) -> Response:
    return json_answer(budget_json(call.wiring.budgets.set(None)))


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
        "GET", "/api/v1/costs/compare", compare_use,
        "Price the same use in every storage class, region and at other providers; without any use, the library's",
        {200: _COMPARISON}, query=tuple(_given(one) for one in INPUTS.values()),
    ),
    Operation(
        "GET", "/api/v1/costs/budget", show_budget, "Tell what a month may cost, and how this one stands",
        {200: _BUDGET},
    ),
    Operation(
        "PUT", "/api/v1/costs/budget", set_budget, "Set what a month may cost", {200: _BUDGET},
        body=(
            Given("limit_usd", Text(10, 1), "USD a month, like 5 or 2.50", required=True),
            Given("local", Flag(), "Keep new files on this computer while the month would cost more"),
            Given("free_tier", Text(choices=("none", "legacy")), "As the estimate takes it"),
        ),
    ),
    Operation("DELETE", "/api/v1/costs/budget", drop_budget, "Set no limit", {200: _BUDGET}),
    Operation(
        "GET", "/api/v1/costs/library", library,
        "Tell what the library costs: a month as it is, this month so far, at this rate, and in twelve months to come",
        {200: _LIBRARY},
        query=(Given("free_tier", Text(choices=get_args(FreeTier)), "As the estimate takes it"),),
    ),
)  # fmt: skip
