"""Transcripts that are made of recordings' sound: asking for one, and how far it is."""

from typing import get_args

from starlette.responses import Response

from studybuddy.api.declared import Schema
from studybuddy.api.operations import Call, Operation, json_answer
from studybuddy.api.shapes import NUMBER, TEXT, TIME, object_of, or_null
from studybuddy.catalog.transcriptions import State
from studybuddy.shapes import transcription_json


def ask(call: Call) -> Response:
    call.wiring.transcriptions.ask([call.id("file_id")])
    return _answer(call, 202)


def show(call: Call) -> Response:
    return _answer(call, 200)


def _answer(call: Call, status: int) -> Response:
    file_id = call.id("file_id")
    found = call.wiring.transcriptions.find(file_id)
    return json_answer(_NOBODY_ASKED | {"file_id": file_id} if found is None else transcription_json(found), status)


_NOBODY_ASKED = {
    "state": "none", "progress": 0, "done_ms": 0, "attempts": 0, "next_at": None, "reason": "", "fix": "",
    "ended_at": None,
}  # fmt: skip
_STATE: Schema = {"type": "string", "enum": ["none", *get_args(State)]}
_TRANSCRIPTION = object_of({
    "file_id": NUMBER, "state": _STATE, "progress": {"type": "number"}, "done_ms": NUMBER, "attempts": NUMBER,
    "next_at": or_null(TIME), "reason": TEXT, "fix": TEXT, "ended_at": or_null(TIME),
})  # fmt: skip
_ONE = "/api/v1/files/{file_id}"

OPERATIONS = (
    Operation(
        "POST", f"{_ONE}/transcribe", ask, "Have a transcript made of a recording, in the background",
        {202: _TRANSCRIPTION},
    ),
    Operation("GET", f"{_ONE}/transcription", show, "Tell how far a transcript is", {200: _TRANSCRIPTION}),
)  # fmt: skip
