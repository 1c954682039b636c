"""A session as one zip: given while it is made, and taken in again."""

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.responses import Response

from studybuddy.api.bodies import is_form
from studybuddy.api.content import CAUTIOUS, Stream
from studybuddy.api.declared import Schema
from studybuddy.api.operations import Call, Operation, json_answer
from studybuddy.api.receiving import announced_length, check_size, gathered, landing, steady
from studybuddy.api.shapes import NUMBER, SCHEMAS, TEXT, array_of, named, object_of
from studybuddy.api.threads import in_thread
from studybuddy.errors import InvalidInputError
from studybuddy.library import Library
from studybuddy.names import content_disposition
from studybuddy.session_zip import packing, unpacking
from studybuddy.session_zip.looking import Packed, look
from studybuddy.session_zip.packing import Pieces
from studybuddy.session_zip.shapes import brought_json

_FILE = object_of({
    **{name: schema for name, schema in SCHEMAS["File"]["properties"].items() if name != "content_url"},
    "duplicates": array_of(named("Duplicate")),
})  # fmt: skip
_BROUGHT: Schema = object_of({
    "session": named("Session"),
    "files": array_of(_FILE),
    "failed": array_of(object_of({"name": TEXT, "code": TEXT, "message": TEXT, "fix": TEXT})),
    "notes": NUMBER, "lost_notes": NUMBER, "cards": NUMBER,
})  # fmt: skip


async def give(call: Call) -> Response:
    """Answer with a session's zip; its length is not known before its end."""
    library = call.wiring.library
    packed = await in_thread(look, library, call.id("session_id"))
    disposition = content_disposition(packed.name, attachment=True)
    headers = CAUTIOUS | {
        "Content-Type": "application/zip",
        "Content-Disposition": disposition,
        "Accept-Ranges": "none",
    }
    if call.request.method == "HEAD":
        answer = Response(headers=headers)
        del answer.headers["content-length"]  # Starlette says 0
        return answer
    source = _making(library, packed)
    return Stream(source, await in_thread(source.__enter__), None, status=200, headers=headers)


@contextmanager
def _making(library: Library, packed: Packed) -> Iterator[Pieces]:
    made = packing.pieces(library, packed)
    try:
        yield Pieces(made)
    finally:
        made.close()


async def take(call: Call) -> Response:
    """Make a session from the zip that is the body."""
    if is_form(call):
        raise InvalidInputError("The body is a form", fix="Send the zip's bytes themselves.")
    wiring = call.wiring
    length = announced_length(call.header("content-length"))
    check_size(length, wiring.settings.max_upload_bytes)
    async with landing(wiring, length=length) as place:
        async for piece in gathered(steady(call.request.stream())):
            await in_thread(place.write, piece)
        path = await in_thread(place.whole)
        brought = await in_thread(unpacking.bring, wiring.library, wiring.spool, path)
    answer = brought_json(brought, wiring.storages())
    return json_answer(answer, 201, {"Location": f"/api/v1/sessions/{brought.session.id}"})


OPERATIONS = (
    Operation(
        "GET", "/api/v1/sessions/{session_id}/zip", give,
        "Give a session with its files, notes, transcripts and cards as one zip", {200: None},
    ),
    Operation(
        "POST", "/api/v1/import/session", take, "Make a session from such a zip, comparing each file with its SHA-256",
        {201: _BROUGHT}, raw_body=("application/octet-stream",),
    ),
)  # fmt: skip
