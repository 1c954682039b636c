"""The trash: what was thrown away and can still be restored."""

from dataclasses import asdict

from starlette.responses import Response

from studybuddy.api.operations import Call, Operation, json_answer
from studybuddy.api.sessions import PAGED
from studybuddy.api.shapes import NUMBER, TEXT, TIME, array_of, object_of, or_null
from studybuddy.catalog import lists

_TRASHED = object_of({
    "what": {"type": "string", "enum": ["session", "file"]}, "id": NUMBER, "title": TEXT, "session_id": NUMBER,
    "session_title": TEXT, "file_count": NUMBER, "size": NUMBER, "trashed_at": TIME, "kept_until": TIME,
})  # fmt: skip


def list_trash(call: Call) -> Response:
    with call.wiring.catalog.read() as db:
        page = lists.trash_page(db, limit=call.query.get("limit", 50), after=call.query.get("after"))
    return json_answer({"trash": [asdict(row) for row in page.rows], "next": page.next})


OPERATIONS = (
    Operation(
        "GET", "/api/v1/trash", list_trash, "List the trash, the last thrown away first",
        {200: object_of({"trash": array_of(_TRASHED), "next": or_null(TEXT)})},
        query=PAGED,
    ),
)  # fmt: skip
