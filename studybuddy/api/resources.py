"""All resources of the API together, and what answers where there is none."""

from collections.abc import Callable

from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from studybuddy.api import (
    backups,
    cards,
    content,
    costs,
    doctor,
    files,
    health,
    lectures,
    listening,
    marks,
    migrations,
    openapi,
    outbox,
    page_images,
    processing,
    scans,
    search,
    session_zip,
    sessions,
    setup,
    storage_info,
    storages,
    transcriptions,
    trash,
    tus,
    uploads,
)
from studybuddy.api.errors import HttpError, answer
from studybuddy.api.operations import Call, Operation, json_answer, routes_of
from studybuddy.wiring import Wiring


def _document(_: Call) -> Response:
    return json_answer(openapi.document(OPERATIONS))


OPERATIONS: tuple[Operation, ...] = (
    *sessions.OPERATIONS,
    *session_zip.OPERATIONS,
    *search.OPERATIONS,
    *lectures.OPERATIONS,
    *files.OPERATIONS,
    *content.OPERATIONS,
    *listening.OPERATIONS,
    *marks.OPERATIONS,
    *cards.OPERATIONS,
    *trash.OPERATIONS,
    *outbox.OPERATIONS,
    *processing.OPERATIONS,
    *transcriptions.OPERATIONS,
    *page_images.OPERATIONS,
    *uploads.OPERATIONS,
    *storage_info.OPERATIONS,
    *setup.OPERATIONS,
    *storages.OPERATIONS,
    *backups.OPERATIONS,
    *scans.OPERATIONS,
    *migrations.OPERATIONS,
    *costs.OPERATIONS,
    *doctor.OPERATIONS,
    *health.OPERATIONS,
    Operation("GET", "/api/v1/openapi.json", _document, "Describe the API", {200: {"type": "object"}}),
)


def routes(wiring: Callable[[], Wiring]) -> list[BaseRoute]:
    """Return every route; `wiring` is asked at the first request, not before."""
    plain = [operation for operation in OPERATIONS if operation not in uploads.OPERATIONS]
    return [
        *routes_of(uploads.OPERATIONS, wiring, headers={"Tus-Resumable": tus.VERSION}),
        *routes_of(plain, wiring),
        Route("/{rest:path}", _Nothing()),
    ]


class _Nothing:
    """Says in JSON that there is nothing at a path."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        error = HttpError(
            404, "not_found", f"There is nothing at {scope['path'][:200]}", fix="See /api/v1/openapi.json."
        )
        await answer(error)(scope, receive, send)
