"""Files: what is known of them, their names and places, the trash."""

from starlette.responses import Response

from studybuddy.adding.new_files import Added
from studybuddy.api import errors
from studybuddy.api.bodies import is_form, receive_body, receive_form
from studybuddy.api.declared import Given, Number, Text
from studybuddy.api.operations import Call, Operation, json_answer
from studybuddy.api.shapes import SCHEMAS, TEXT, added_json, array_of, file_json, named, object_of
from studybuddy.api.threads import in_thread
from studybuddy.errors import InvalidInputError, StudyBuddyError


async def add(call: Call) -> Response:
    """Add files to a session: a form's, each for itself, or the body as one."""
    session = await in_thread(call.wiring.library.session, call.id("session_id"))
    lecture_id = call.query.get("lecture")
    if not is_form(call):
        added = await receive_body(call, session_id=session.id, lecture_id=lecture_id)
        return json_answer({"results": [await in_thread(_result, call, added.file.name, added)]}, 201)
    results = []
    failures: list[StudyBuddyError] = []
    async for name, outcome in receive_form(call, session_id=session.id, lecture_id=lecture_id):
        results.append(await in_thread(_result, call, name, outcome))
        if isinstance(outcome, StudyBuddyError):
            failures.append(outcome)
    if not results:
        raise InvalidInputError("The form holds no file", fix="Send it as a part with a file name.")
    if len(failures) == len(results):
        return json_answer({"results": results, "error": errors.body_of(failures[0])}, errors.status_of(failures[0]))
    return json_answer({"results": results}, 207 if failures else 201)


def show(call: Call) -> Response:
    return json_answer(file_json(call.wiring.library.file(call.id("file_id")), call.wiring))


def change(call: Call) -> Response:
    """Rename a file, move it to another session, or both."""
    library, file_id = call.wiring.library, call.id("file_id")
    library.file(file_id)
    if "session_id" in call.body:
        library.move_file(file_id, call.body["session_id"])
    if "name" in call.body:
        library.rename_file(file_id, call.body["name"])
    return show(call)


def trash(call: Call) -> Response:
    call.wiring.library.trash_file(call.id("file_id"))
    return show(call)


def restore(call: Call) -> Response:
    call.wiring.library.restore_file(call.id("file_id"))
    return show(call)


def purge(call: Call) -> Response:
    call.wiring.library.purge_file(call.id("file_id"))
    return Response(status_code=204)


def use_existing(call: Call) -> Response:
    """Drop a file that was just added and show the existing one with the same bytes in its place."""
    existing_id = call.body["existing_id"]
    call.wiring.library.use_existing(call.id("file_id"), existing_id)
    return json_answer(file_json(call.wiring.library.file(existing_id), call.wiring))


def _result(call: Call, name: str, outcome: Added | StudyBuddyError) -> dict[str, object]:
    if isinstance(outcome, StudyBuddyError):
        return {"name": name, "error": errors.body_of(outcome)}
    return {"name": name, **added_json(outcome, call.wiring)}


_FILE = {200: named("File")}
_RESULT = {
    "anyOf": [
        object_of({"name": TEXT, "error": named("Problem")}),
        object_of({"name": TEXT, **SCHEMAS["Added"]["properties"]}),
    ]
}
_RESULTS = object_of({"results": array_of(_RESULT)})
_NAME = Text(2000)

OPERATIONS = (
    Operation(
        "POST", "/api/v1/sessions/{session_id}/files", add, "Add files to a session", {201: _RESULTS, 207: _RESULTS},
        query=(Given("lecture", Number(), "The lecture that a recording belongs to"),),
        raw_body=("multipart/form-data", "application/octet-stream"),
        headers=(Given("X-File-Name", _NAME, "The name in percent-encoded UTF-8, for a body that is no form"),),
    ),
    Operation("GET", "/api/v1/files/{file_id}", show, "Show what is known of a file", _FILE),
    Operation(
        "PATCH", "/api/v1/files/{file_id}", change, "Rename a file or move it to another session", _FILE,
        body=(
            Given("name", Text(2000, min_length=1), "Its new name; the catalog keeps 255 bytes of it"),
            Given("session_id", Number(), "The session that it moves to"),
        ),
    ),
    Operation("DELETE", "/api/v1/files/{file_id}", trash, "Put a file in the trash", _FILE),
    Operation("POST", "/api/v1/files/{file_id}/restore", restore, "Take a file out of the trash", _FILE),
    Operation("POST", "/api/v1/files/{file_id}/purge", purge, "Delete a file in the trash for good", {204: None}),
    Operation(
        "POST", "/api/v1/files/{file_id}/use-existing", use_existing, "Use the file with the same bytes instead", _FILE,
        body=(Given("existing_id", Number(), "The file that stays", required=True),),
    ),
)  # fmt: skip
