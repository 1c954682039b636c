"""Where a person stopped listening, and the pages that are pinned to moments of a recording."""

from dataclasses import asdict

from starlette.responses import Response

from studybuddy.api.declared import Given, Number
from studybuddy.api.operations import Call, Operation, json_answer
from studybuddy.api.shapes import NUMBER, TEXT, TIME, array_of, object_of
from studybuddy.listening.listening import MAX_RATE, MIN_RATE


def list_unfinished(call: Call) -> Response:
    found = call.wiring.listening.unfinished(limit=call.query.get("limit", 10))
    told = [
        asdict(one.position) | {"title": one.title, "session_id": one.session_id, "session": one.session}
        for one in found
    ]
    return json_answer({"listening": told})


def show_position(call: Call) -> Response:
    return json_answer(asdict(call.wiring.listening.position(call.id("file_id"))))


def keep_position(call: Call) -> Response:
    call.wiring.listening.keep_position(call.id("file_id"), **call.body)
    return Response(status_code=204)


def list_pins(call: Call) -> Response:
    found = call.wiring.listening.pins(call.id("file_id"), document_id=call.query.get("document"))
    return json_answer({"pins": [asdict(pin) for pin in found]})


def pin(call: Call) -> Response:
    return json_answer(asdict(call.wiring.listening.pin(call.id("file_id"), **call.body)), 201)


def unpin(call: Call) -> Response:
    call.wiring.listening.unpin(call.id("pin_id"))
    return Response(status_code=204)


_PLACE = {"file_id": NUMBER, "at_ms": NUMBER, "duration_ms": NUMBER, "rate_percent": NUMBER, "updated_at": TIME}
_UNFINISHED = object_of({**_PLACE, "title": TEXT, "session_id": NUMBER, "session": TEXT})
_PIN = object_of({
    "id": NUMBER, "file_id": NUMBER, "document_id": NUMBER, "page": NUMBER, "at_ms": NUMBER, "created_at": TIME,
})  # fmt: skip
_POSITION, _PINS = "/api/v1/files/{file_id}/position", "/api/v1/files/{file_id}/pins"

OPERATIONS = (
    Operation(
        "GET", "/api/v1/listening", list_unfinished, "List the recordings to go on with, the last listened to first",
        {200: object_of({"listening": array_of(_UNFINISHED)})},
        query=(Given("limit", Number(1, 100), "How many at most; 10 when not given"),),
    ),
    Operation(
        "GET", _POSITION, show_position, "Tell where the person stopped, and how fast they listen",
        {200: object_of(_PLACE)},
    ),
    Operation(
        "PUT", _POSITION, keep_position, "Keep where the person is now", {204: None},
        body=(
            Given("at_ms", Number(0), "The moment, in milliseconds from the beginning", required=True),
            Given("duration_ms", Number(0), "How long the recording is; 0: not known"),
            Given("rate_percent", Number(MIN_RATE, MAX_RATE), "How fast it plays; 100 when not given"),
        ),
    ),
    Operation(
        "GET", _PINS, list_pins, "List the pages that are pinned to a recording",
        {200: object_of({"pins": array_of(_PIN)})},
        query=(Given("document", Number(), "Only of this document"),),
    ),
    Operation(
        "POST", _PINS, pin, "Pin a page of a document to a moment, in place of the one that was there", {201: _PIN},
        body=(
            Given("document_id", Number(), "The document", required=True),
            Given("page", Number(), "Its page, from 1", required=True),
            Given("at_ms", Number(0), "The moment, in milliseconds from the beginning", required=True),
        ),
    ),
    Operation("DELETE", "/api/v1/pins/{pin_id}", unpin, "Take a page off its moment", {204: None}),
)  # fmt: skip
