"""Scans: a storage compared with the catalog, what was found, and what is done about it."""

from typing import TYPE_CHECKING, get_args

from starlette.responses import Response

from studybuddy.api.declared import Given, Text
from studybuddy.api.operations import Call, Operation, json_answer
from studybuddy.api.sessions import PAGED
from studybuddy.api.shapes import NUMBER, TEXT, TIME, array_of, object_of, or_null
from studybuddy.catalog.findings import KINDS, FindingState
from studybuddy.catalog.scans import DEPTHS, ScanState
from studybuddy.shapes import Json, finding_json, scan_json

if TYPE_CHECKING:
    from studybuddy.scan.scans import Result


def list_scans(call: Call) -> Response:
    name = call.query.get("storage")
    storage_id = call.wiring.storages().named(name).id if name else None
    return json_answer({"scans": [_scan(call, found) for found in call.wiring.scans.everything(storage_id=storage_id)]})


def begin(call: Call) -> Response:
    storage = call.wiring.storages().named(call.body["storage"])
    found = call.wiring.scans.start(storage, depth=call.body.get("depth", "checksums"))
    return json_answer(_scan(call, found), 202, {"Location": f"/api/v1/scans/{found.scan.id}"})


def show(call: Call) -> Response:
    return json_answer(_scan(call, call.wiring.scans.get(call.id("scan_id"))))


def list_findings(call: Call) -> Response:
    page = call.wiring.scans.findings(
        call.id("scan_id"),
        kind=call.query.get("kind"),
        limit=call.query.get("limit", 50),
        after=call.query.get("after"),
    )
    return json_answer({"findings": [finding_json(one) for one in page.rows], "next": page.next})


def repair(call: Call) -> Response:
    most_are_missing = "confirm" in call.query
    return _under_way(call, call.wiring.scans.start_repair(call.id("scan_id"), most_are_missing=most_are_missing))


def remove_unknown(call: Call) -> Response:
    return _under_way(call, call.wiring.scans.start_remove_unknown(call.id("scan_id")))


def stop(call: Call) -> Response:
    return _under_way(call, call.wiring.scans.stop(call.id("scan_id")))


def _under_way(call: Call, found: "Result") -> Response:
    return json_answer(_scan(call, found), 202)


def _scan(call: Call, found: "Result") -> Json:
    told = scan_json(found.scan, found.counts, call.wiring.storages())
    return told | {"damaged": found.damaged, "mostly_missing": found.mostly_missing}


_KIND = {"type": "string", "enum": list(KINDS)}
_STATE = {"type": "string", "enum": list(get_args(FindingState))}
_SCAN = object_of({
    "id": NUMBER, "storage": or_null(TEXT), "label": TEXT, "depth": {"type": "string", "enum": list(DEPTHS)},
    "state": {"type": "string", "enum": list(get_args(ScanState))}, "copies": NUMBER, "of_copies": NUMBER,
    "objects": NUMBER, "bytes": NUMBER, "healed": NUMBER, "damaged": NUMBER, "mostly_missing": {"type": "boolean"},
    "found": array_of(object_of({"kind": _KIND, "state": _STATE, "findings": NUMBER, "bytes": NUMBER})),
    "error": or_null(object_of({"message": TEXT, "fix": TEXT})), "started_at": TIME, "ended_at": or_null(TIME),
})  # fmt: skip
_FINDING = object_of({
    "id": NUMBER, "scan_id": NUMBER, "kind": _KIND, "state": _STATE, "key": TEXT, "copy_id": or_null(NUMBER),
    "file_id": or_null(NUMBER), "size": NUMBER, "modified_at": or_null(TIME), "detail": TEXT, "name": or_null(TEXT),
    "session_id": or_null(NUMBER),
})  # fmt: skip
_STORAGE = Text(200, min_length=1)
_ONE = "/api/v1/scans/{scan_id}"
_UNDER_WAY = {202: _SCAN}

OPERATIONS = (
    Operation(
        "GET", "/api/v1/scans", list_scans, "List the scans that are kept, the last first",
        {200: object_of({"scans": array_of(_SCAN)})},
        query=(Given("storage", _STORAGE, "Only those of the storage with this name"),),
    ),
    Operation(
        "POST", "/api/v1/scans", begin, "Compare the catalog with what a storage holds, in the background", _UNDER_WAY,
        body=(
            Given("storage", _STORAGE, "The storage's name", required=True),
            Given("depth", Text(choices=DEPTHS), "sizes alone, also the checksums that it keeps, or every byte"),
        ),
    ),
    Operation("GET", _ONE, show, "Show how far a scan is and how much it found", {200: _SCAN}),
    Operation(
        "GET", f"{_ONE}/findings", list_findings, "List what a scan found",
        {200: object_of({"findings": array_of(_FINDING), "next": or_null(TEXT)})},
        query=(Given("kind", Text(choices=KINDS), "Only findings of this kind"), *PAGED),
    ),
    Operation(
        "POST", f"{_ONE}/repair", repair, "Restore what is damaged from another copy and mark the rest", _UNDER_WAY,
        query=(Given("confirm", Text(choices=("most-are-missing",)), "That more than half may be missing"),),
    ),
    Operation(
        "POST", f"{_ONE}/remove-unknown", remove_unknown, "Delete the objects that nobody knows, for good", _UNDER_WAY,
        query=(Given("confirm", Text(choices=("remove-unknown",)), "That they may be deleted", required=True),),
    ),
    Operation("POST", f"{_ONE}/stop", stop, "Stop the work on a scan", _UNDER_WAY),
)  # fmt: skip
