"""Lectures and their recordings."""

from starlette.responses import Response

from studybuddy import fields
from studybuddy.adding.new_files import Added
from studybuddy.api.bodies import receive_one
from studybuddy.api.declared import Given, Number, Text
from studybuddy.api.operations import Call, Operation, json_answer
from studybuddy.api.shapes import added_json, lecture_json, named, object_of
from studybuddy.api.threads import in_thread
from studybuddy.errors import InvalidInputError
from studybuddy.names import shown_name

_TITLE = Text(fields.MAX_TITLE, min_length=1)
_DAY = Given("recorded_on", Text(10, form="date"), "The date of the recording, YYYY-MM-DD")
_FORMS = ("multipart/form-data", "application/octet-stream")


def create(call: Call) -> Response:
    body = call.body
    lecture = call.wiring.library.create_lecture(body["session_id"], body["title"], recorded_on=body.get("recorded_on"))
    return json_answer(lecture_json(lecture), 201, {"Location": f"/api/v1/lectures/{lecture.id}"})


def show(call: Call) -> Response:
    return json_answer(lecture_json(call.wiring.library.lecture(call.id("lecture_id"))))


def change(call: Call) -> Response:
    lecture = call.wiring.library.update_lecture(call.id("lecture_id"), **call.body)
    return json_answer(lecture_json(lecture))


def delete(call: Call) -> Response:
    """Delete a lecture; its recording goes to the trash."""
    call.wiring.library.delete_lecture(call.id("lecture_id"))
    return Response(status_code=204)


async def add_recording(call: Call) -> Response:
    """Save a recording as a lecture's own: a form's first file, or the whole body with its name in X-File-Name."""
    library = call.wiring.library
    lecture = await in_thread(library.lecture, call.id("lecture_id"))
    added = await receive_one(call, session_id=lecture.session_id, lecture_id=lecture.id)
    return await in_thread(_recorded, call, lecture.id, added)


def _recorded(call: Call, lecture_id: int, added: Added) -> Response:
    library, file = call.wiring.library, added.file
    if file.kind != "audio":
        library.trash_file(file.id)
        library.purge_file(file.id)
        raise InvalidInputError(
            f"“{shown_name(file.name)}” is no recording: its bytes are {file.content_type}", fix="Send an audio file."
        )
    lecture = lecture_json(library.lecture(lecture_id))
    return json_answer({"audio_url": lecture["audio_url"], "lecture": lecture, **added_json(added, call.wiring)}, 201)


_RECORDING = object_of({
    "audio_url": {"type": ["string", "null"]}, "lecture": named("Lecture"), "file": named("File"),
    "stored_in": {"type": "string"}, "wanted": {"type": ["string", "null"]}, "reason": {"type": "string"},
    "contradiction": {"type": "string"}, "duplicates": {"type": "array", "items": named("Duplicate")},
})  # fmt: skip
_FILE_NAME = Given("X-File-Name", Text(2000), "The file's name in percent-encoded UTF-8, for a body that is no form")


def _upload_audio(path: str) -> Operation:
    return Operation(
        "POST", path, add_recording, "Add a lecture's recording", {201: _RECORDING},
        raw_body=_FORMS, headers=(_FILE_NAME,),
    )  # fmt: skip


OPERATIONS = (
    Operation(
        "POST", "/api/v1/lectures", create, "Make a lecture", {201: named("Lecture")},
        body=(
            Given("session_id", Number(), "The session that it belongs to", required=True),
            Given("title", _TITLE, "Its title", required=True),
            _DAY,
        ),
    ),
    Operation("GET", "/api/v1/lectures/{lecture_id}", show, "Show a lecture", {200: named("Lecture")}),
    Operation(
        "PATCH", "/api/v1/lectures/{lecture_id}", change, "Change a lecture", {200: named("Lecture")},
        body=(Given("title", _TITLE, "Its new title"), _DAY),
    ),
    Operation("DELETE", "/api/v1/lectures/{lecture_id}", delete, "Delete a lecture", {204: None}),
    _upload_audio("/lectures/{lecture_id}/upload-audio"),
    _upload_audio("/api/v1/lectures/{lecture_id}/upload-audio"),
)  # fmt: skip
