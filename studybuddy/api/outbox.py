"""The outbox: what waits for another storage than the one that it is in."""

from starlette.responses import Response

from studybuddy.api.operations import Call, Operation, json_answer
from studybuddy.api.sessions import PAGED
from studybuddy.api.shapes import NUMBER, TEXT, TIME, array_of, file_json, named, object_of, or_null
from studybuddy.shapes import waiting_json

_WAITING = object_of({
    "id": NUMBER, "session_id": NUMBER, "name": TEXT, "size": NUMBER, "stored_in": TEXT, "wanted": TEXT,
    "reason": TEXT, "since": TIME, "tries": NUMBER, "next_try_at": or_null(TIME),
})  # fmt: skip


def list_waiting(call: Call) -> Response:
    outbox, storages = call.wiring.outbox, call.wiring.storages()
    page = outbox.waiting(limit=call.query.get("limit", 50), after=call.query.get("after"))
    return json_answer({
        "outbox": [waiting_json(waiting, storages) for waiting in page.rows],
        "count": outbox.count(),
        "next": page.next,
    })  # fmt: skip


def drain(call: Call) -> Response:
    """Begin in the background: it may take longer than any request."""
    call.wiring.outbox.hurry()
    return json_answer({"count": call.wiring.outbox.count()}, 202)


def keep_local(call: Call) -> Response:
    return json_answer(file_json(call.wiring.outbox.give_up(call.id("file_id")), call.wiring))


OPERATIONS = (
    Operation(
        "GET", "/api/v1/outbox", list_waiting, "List what waits for another storage, the last added first",
        {200: object_of({"outbox": array_of(_WAITING), "count": NUMBER, "next": or_null(TEXT)})},
        query=PAGED,
    ),
    Operation(
        "POST", "/api/v1/outbox/drain", drain, "Move what waits now, without waiting for its next try",
        {202: object_of({"count": NUMBER})},
    ),
    Operation(
        "POST", "/api/v1/files/{file_id}/keep-local", keep_local, "Keep a file that waits where it is",
        {200: named("File")},
    ),
)  # fmt: skip
