"""Sessions: lists, one with what it holds, and their trash."""

from datetime import date
from typing import Any

from starlette.responses import Response

from studybuddy import fields
from studybuddy.api.declared import Given, Number, Schema, Text, Texts
from studybuddy.api.operations import Call, Operation, json_answer
from studybuddy.api.shapes import (
    SCHEMAS,
    TEXT,
    array_of,
    file_json,
    lecture_json,
    named,
    object_of,
    or_null,
)
from studybuddy.catalog import lectures, lists, sessions
from studybuddy.catalog.lists import SessionFilesFilter, SessionFilter
from studybuddy.shapes import session_json

_FILES_SHOWN = 500


def list_sessions(call: Call) -> Response:
    query = dict(call.query)
    limit, after = query.pop("limit", 50), query.pop("after", None)
    wanted = SessionFilter(
        **{name: query[name] for name in ("query", "tag", "subject", "kind", "sort") if name in query},
        since=day(query.get("since")),
        until=day(query.get("until")),
        reverse="reverse" in query,
    )
    with call.wiring.catalog.read() as db:
        page = lists.sessions_page(db, wanted, limit=limit, after=after)
    return json_answer({"sessions": [session_json(session) for session in page.rows], "next": page.next})


def create(call: Call) -> Response:
    session = call.wiring.library.create_session(**call.body)
    return json_answer(session_json(session), 201, {"Location": f"/api/v1/sessions/{session.id}"})


def show(call: Call) -> Response:
    """Show a session with its lectures and its first files."""
    session_id = call.id("session_id")
    with call.wiring.catalog.read() as db:
        session = sessions.get(db, session_id)
        held = lectures.in_session(db, session_id)
        page = lists.session_files_page(db, session_id, SessionFilesFilter(), limit=_FILES_SHOWN)
    return json_answer({
        **session_json(session),
        "lectures": [lecture_json(lecture) for lecture in held],
        "files": [file_json(file, call.wiring) for file in page.rows],
        "files_next": page.next,
    })  # fmt: skip


def list_files(call: Call) -> Response:
    session_id = call.id("session_id")
    query = dict(call.query)
    limit, after = query.pop("limit", 50), query.pop("after", None)
    wanted = SessionFilesFilter(kind=query.get("kind"), sort=query.get("sort", "name"), reverse="reverse" in query)
    with call.wiring.catalog.read() as db:
        sessions.get(db, session_id)
        page = lists.session_files_page(db, session_id, wanted, limit=limit, after=after)
    return json_answer({"files": [file_json(file, call.wiring) for file in page.rows], "next": page.next})


def change(call: Call) -> Response:
    return json_answer(session_json(call.wiring.library.update_session(call.id("session_id"), **call.body)))


def trash(call: Call) -> Response:
    return json_answer(session_json(call.wiring.library.trash_session(call.id("session_id"))))


def restore(call: Call) -> Response:
    return json_answer(session_json(call.wiring.library.restore_session(call.id("session_id"))))


def purge(call: Call) -> Response:
    call.wiring.library.purge_session(call.id("session_id"))
    return Response(status_code=204)


def day(text: str | None) -> date | None:
    """Return the date that was given, if any."""
    return None if text is None else date.fromisoformat(fields.day(text))


def _about(*, title_required: bool) -> tuple[Given, ...]:
    return (
        Given("title", Text(fields.MAX_TITLE, min_length=1), "Its title", required=title_required),
        Given("subject", Text(fields.MAX_SUBJECT), "Its subject"),
        Given("description", Text(fields.MAX_DESCRIPTION), "Notes on it"),
        Given("tags", Texts(fields.MAX_TAGS, Text(fields.MAX_TAG, min_length=1)), "Its tags; given, they replace all"),
    )


def _page(name: str, schema: str) -> dict[int, Schema | None]:
    return {200: object_of({name: array_of(named(schema)), "next": or_null(TEXT)})}


KIND = Given("kind", Text(choices=("document", "audio", "image", "caption", "other")), "Only this kind of file")
PAGED = (
    Given("limit", Number(1, 500), "How many rows at most; 50 when not given"),
    Given("after", Text(2000), "The `next` of the page before"),
)
_REVERSE = Given("reverse", Text(1, choices=("1",)), "1: the other way round")
_DAY = Text(10, form="date")
_SESSION: dict[int, Schema | None] = {200: named("Session")}
_WHOLE_PROPERTIES: dict[str, Any] = {
    **SCHEMAS["Session"]["properties"],
    "lectures": array_of(named("Lecture")),
    "files": array_of(named("File")),
    "files_next": or_null(TEXT),
}
_ONE = "/api/v1/sessions/{session_id}"

OPERATIONS = (
    Operation(
        "GET", "/api/v1/sessions", list_sessions, "List sessions that are not in the trash",
        _page("sessions", "Session"),
        query=(
            Given("query", Text(lists.MAX_QUERY), "Starts of words in titles, subjects, tags, notes and file names"),
            Given("tag", Text(fields.MAX_TAG), "Only with this tag"),
            Given("subject", Text(fields.MAX_SUBJECT), "Only of this subject"),
            KIND,
            Given("since", _DAY, "Changed on this day (UTC) or later"),
            Given("until", _DAY, "Changed on this day (UTC) or earlier"),
            Given("sort", Text(choices=("updated", "created", "title", "size")), "By what; `updated` when not given"),
            _REVERSE,
            *PAGED,
        ),
    ),
    Operation(
        "POST", "/api/v1/sessions", create, "Make a session", {201: named("Session")}, body=_about(title_required=True)
    ),
    Operation("GET", _ONE, show, "Show a session and what it holds", {200: object_of(_WHOLE_PROPERTIES)}),
    Operation("PATCH", _ONE, change, "Change a session", _SESSION, body=_about(title_required=False)),
    Operation("DELETE", _ONE, trash, "Put a session and its files in the trash", _SESSION),
    Operation("POST", f"{_ONE}/restore", restore, "Take a session out of the trash", _SESSION),
    Operation("POST", f"{_ONE}/purge", purge, "Delete a session in the trash for good", {204: None}),
    Operation(
        "GET", f"{_ONE}/files", list_files, "List a session's files", _page("files", "File"),
        query=(
            KIND,
            Given("sort", Text(choices=("name", "size", "date")), "By what; `name` when not given"),
            _REVERSE,
            *PAGED,
        ),
    ),
)  # fmt: skip
