"""Notes and bookmarks of recordings, and both of them as Markdown or CSV."""

import io
from collections.abc import Iterator
from dataclasses import asdict

from starlette.responses import Response

from studybuddy import fields
from studybuddy.api.declared import Given, Number, Schema, Text
from studybuddy.api.operations import Call, Operation, SyncHandler, json_answer
from studybuddy.api.sessions import PAGED
from studybuddy.api.shapes import NUMBER, TEXT, TIME, array_of, object_of, or_null
from studybuddy.catalog import marks
from studybuddy.catalog.marks import MarkKind, Told
from studybuddy.listening import mark_exports
from studybuddy.names import content_disposition

_MARK = object_of({
    "id": NUMBER, "file_id": or_null(NUMBER), "at_ms": NUMBER, "text": TEXT, "created_at": TIME, "updated_at": TIME,
})  # fmt: skip


def _list(kind: MarkKind) -> SyncHandler:
    def handle(call: Call) -> Response:
        limit, after = call.query.get("limit", 50), call.query.get("after")
        page = call.wiring.listening.marks(kind, call.id("file_id"), limit=limit, after=after)
        return json_answer({f"{kind}s": [asdict(mark) for mark in page.rows], "next": page.next})

    return handle


def _add(kind: MarkKind) -> SyncHandler:
    def handle(call: Call) -> Response:
        mark = call.wiring.listening.add_mark(kind, call.id("file_id"), **call.body)
        return json_answer(asdict(mark), 201)

    return handle


def _change(kind: MarkKind) -> SyncHandler:
    def handle(call: Call) -> Response:
        return json_answer(asdict(call.wiring.listening.change_mark(kind, call.id(f"{kind}_id"), **call.body)))

    return handle


def _delete(kind: MarkKind) -> SyncHandler:
    def handle(call: Call) -> Response:
        call.wiring.listening.delete_mark(kind, call.id(f"{kind}_id"))
        return Response(status_code=204)

    return handle


def export_file(call: Call) -> Response:
    file = call.wiring.library.file(call.id("file_id"))
    return _exported(call, file.name, file_id=file.id)


def export_session(call: Call) -> Response:
    session = call.wiring.library.session(call.id("session_id"))
    return _exported(call, session.title, session_id=session.id)


def _exported(call: Call, about: str, *, session_id: int | None = None, file_id: int | None = None) -> Response:
    form: mark_exports.Form = call.query.get("format", "markdown")
    stream = io.StringIO(newline="")
    with call.wiring.catalog.read() as db:
        found: Iterator[Told] = marks.told(db, session_id=session_id, file_id=file_id)
        mark_exports.write(found, stream, form, site=str(call.request.base_url))
    name = f"Notes of {about}.{mark_exports.ENDINGS[form]}"
    headers = {"Content-Disposition": content_disposition(name, attachment=True)}
    return Response(stream.getvalue(), media_type=mark_exports.TYPES[form], headers=headers)


def _operations(kind: MarkKind, what: str, text: Given) -> tuple[Operation, ...]:
    of_file, one = f"/api/v1/files/{{file_id}}/{kind}s", f"/api/v1/{kind}s/{{{kind}_id}}"
    paged: dict[int, Schema | None] = {200: object_of({f"{kind}s": array_of(_MARK), "next": or_null(TEXT)})}
    moment = "The moment, in milliseconds from the beginning"
    return (
        Operation("GET", of_file, _list(kind), f"List a recording's {kind}s by their moments", paged, query=PAGED),
        Operation(
            "POST", of_file, _add(kind), f"{what} at a moment of a recording", {201: _MARK},
            body=(Given("at_ms", Number(0), moment, required=True), text),
        ),
        Operation(
            "PATCH", one, _change(kind), f"Change a {kind}'s text or moment", {200: _MARK},
            body=(Given("at_ms", Number(0), moment), Given("text", text.takes, text.says)),
        ),
        Operation("DELETE", one, _delete(kind), f"Delete a {kind}", {204: None}),
    )  # fmt: skip


_NOTE = Given("text", Text(fields.MAX_NOTE, min_length=1), "The note", required=True)
_BOOKMARK = Given("text", Text(fields.MAX_TITLE), "Its name; may be empty")
_FORM = Given("format", Text(choices=("markdown", "csv")), "`markdown` when not given")

OPERATIONS = (
    *_operations("note", "Write a note", _NOTE),
    *_operations("bookmark", "Set a bookmark", _BOOKMARK),
    Operation(
        "GET", "/api/v1/files/{file_id}/notes/export", export_file,
        "Give a recording's notes and bookmarks as Markdown or CSV", {200: None}, query=(_FORM,),
    ),
    Operation(
        "GET", "/api/v1/sessions/{session_id}/notes/export", export_session,
        "Give all notes and bookmarks of a session as Markdown or CSV", {200: None}, query=(_FORM,),
    ),
)  # fmt: skip
