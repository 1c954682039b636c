"""What every operation of the API has: a declaration, a checked request, an answer in JSON also when it fails."""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import anyio
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Message, Receive, Scope, Send

from studybuddy.api import declared, errors
from studybuddy.api.declared import Given, Schema
from studybuddy.api.errors import HttpError
from studybuddy.api.threads import in_thread
from studybuddy.errors import NotFoundError, StudyBuddyError, TooLargeError
from studybuddy.wiring import Wiring

_LINGER_BYTES = 64 * 1024 * 1024
_LINGER_S = 5


@dataclass(frozen=True, slots=True)
class Call:
    """One request that has been checked against its operation's declaration."""

    wiring: Wiring
    request: Request
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)

    def id(self, name: str) -> int:
        """Return an id from the path; raise NotFoundError for what cannot be one."""
        found = declared.path_id(self.request.path_params[name])
        if found is None:
            raise NotFoundError(f"There is no such {name.removesuffix('_id')}", fix="Ids are whole numbers from 1.")
        return found

    def header(self, name: str) -> str | None:
        return self.request.headers.get(name)


SyncHandler = Callable[[Call], Response]
AsyncHandler = Callable[[Call], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Operation:
    """A method on a path. A handler that is no coroutine runs in a worker thread."""

    method: str
    path: str
    handle: SyncHandler | AsyncHandler
    summary: str
    answers: Mapping[int, Schema | None]  # None: not JSON
    query: tuple[Given, ...] = ()
    body: tuple[Given, ...] | None = None  # None: no JSON body
    raw_body: tuple[str, ...] = ()  # the media types of a body that is not JSON
    headers: tuple[Given, ...] = ()


class Endpoint:
    """All operations on one path, as an ASGI app."""

    def __init__(
        self,
        operations: Sequence[Operation],
        wiring: Callable[[], Wiring],
        *,
        headers: Mapping[str, str],
    ) -> None:
        self._operations = {operation.method: operation for operation in operations}
        if "GET" in self._operations:
            self._operations.setdefault("HEAD", self._operations["GET"])
        self._wiring = wiring
        self._headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", **headers}

    @property
    def methods(self) -> list[str]:
        return sorted(self._operations)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = _Body(receive)
        request = Request(scope, body.receive)
        response = await self._answer(request)
        for name, value in self._headers.items():
            response.headers.setdefault(name, value)
        if not body.is_read and response.status_code >= 400:
            await body.answer_early(response, scope, send)
        else:
            await response(scope, body.receive, send)

    async def _answer(self, request: Request) -> Response:
        try:
            return await self._run(request)
        except StudyBuddyError as error:
            return errors.answer(error)
        except ClientDisconnect:
            return Response(status_code=499)  # nobody reads it
        except HTTPException as error:
            return errors.answer(HttpError(error.status_code, "request", str(error.detail)))
        except Exception as error:  # noqa: BLE001 (the last stop: logged with its traceback)
            return errors.answer_bug(error)

    async def _run(self, request: Request) -> Response:
        operation = self._operations.get(_method(request, self._operations))
        if operation is None:
            allow = ", ".join(self.methods)
            message = f"{request.method} is not possible here"
            raise HttpError(405, "method", message, fix=f"Possible: {allow}.", headers={"Allow": allow})
        query = declared.read_query(request.query_params, operation.query)
        call = Call(self._wiring(), request, query, await _json_body(request, operation))
        if inspect.iscoroutinefunction(operation.handle):
            return cast(Response, await operation.handle(call))
        return await in_thread(cast(SyncHandler, operation.handle), call)


def routes_of(
    operations: Sequence[Operation], wiring: Callable[[], Wiring], *, headers: Mapping[str, str] | None = None
) -> list[BaseRoute]:
    """Return one route for each path; `headers` go with every answer."""
    by_path: dict[str, list[Operation]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, []).append(operation)
    return [Route(path, Endpoint(found, wiring, headers=headers or {})) for path, found in by_path.items()]


def json_answer(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Answer with JSON."""
    return JSONResponse(content, status, headers=headers)


class _Body:
    """A request's body on its way in: knows whether its end has come."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.is_read = False

    async def receive(self) -> Message:
        message = await self._receive()
        self.is_read = self.is_read or not message.get("more_body", False)
        return message

    async def answer_early(self, response: Response, scope: Scope, send: Send) -> None:
        """Send an answer while the body is still coming, and read on for a while.

        Closing at once would reset the connection, and a client that is still sending would never see the answer.
        """
        held: list[Message] = []

        async def hold_the_end(message: Message) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                held.append({"type": "http.response.body", "body": b""})
                message = {**message, "more_body": True}
            await send(message)

        await response(scope, self.receive, hold_the_end)
        with anyio.move_on_after(_LINGER_S):
            await self._drain()
        for message in held:
            await send(message)

    async def _drain(self) -> None:
        size = 0
        while not self.is_read and size < _LINGER_BYTES:
            size += len((await self.receive()).get("body", b""))


async def _json_body(request: Request, operation: Operation) -> dict[str, Any]:
    if operation.body is None:
        return {}
    declared.check_json_type(request.headers.get("content-type", ""))
    raw = bytearray()
    async for piece in request.stream():
        raw += piece
        if len(raw) > declared.MAX_BODY_BYTES:
            raise TooLargeError("The JSON body is larger than 1 MiB")
    return declared.read_json(bytes(raw), operation.body)


def _method(request: Request, known: Mapping[str, Operation]) -> str:
    # tus asks for this, for clients behind proxies that know no PATCH. From a POST alone: the guard has looked at it.
    override = request.headers.get("x-http-method-override", "").upper()
    return override if request.method == "POST" and "PATCH" in known and override in known else request.method
