"""A sign of life for whoever watches the server."""

from starlette.responses import Response

from studybuddy.api.operations import Call, Operation, json_answer
from studybuddy.api.shapes import TEXT, object_of
from studybuddy.catalog import storages


def health(call: Call) -> Response:
    """Answer once the catalog can be read; no storage is asked, a dead bucket does not make the app ill."""
    with call.wiring.catalog.read() as db:
        storages.everything(db)
    return json_answer({"status": "ok"})


OPERATIONS = (Operation("GET", "/healthz", health, "Tell whether the app is well", {200: object_of({"status": TEXT})}),)
