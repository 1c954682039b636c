"""A file's bytes: whole or a range of them, to look at in the browser or to keep."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import Protocol
from urllib.parse import quote

import anyio
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from studybuddy import kinds
from studybuddy.api.declared import Given, Text
from studybuddy.api.errors import HttpError
from studybuddy.api.operations import Call, Operation
from studybuddy.api.ranges import UnsatisfiableError, Version, condition, wanted_range
from studybuddy.api.threads import in_thread
from studybuddy.catalog.records import File
from studybuddy.names import content_disposition
from studybuddy.reading import Opened
from studybuddy.streams import Readable
from studybuddy.units import MIB, parse_time

_PIECE_BYTES = MIB
CAUTIOUS = {
    "Content-Encoding": "identity",  # else the gzip middleware would take it on
    "Accept-Ranges": "bytes",
    "Cache-Control": "private, no-cache",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Opening(Protocol):
    """Opens the bytes [start, stop) of something."""

    def __call__(self, *, start: int, stop: int) -> AbstractContextManager[Readable]: ...


async def content(call: Call) -> Response:
    """Answer with a file's bytes as the conditions and the range of the request ask for."""
    library = call.wiring.library
    file = await in_thread(library.file, call.id("file_id"))
    attachment = "download" in call.query or not kinds.inline_safe(file.content_type)
    if "redirect" in call.query:
        url = await in_thread(library.redirect_url, file.id, attachment=attachment)
        if url is not None:
            return RedirectResponse(url, 302, {"Cache-Control": "no-store"})
    version = Version(f'"{file.sha256}"', parse_time(file.created_at))
    headers = _headers(file, attachment=attachment)
    return await give(call, file.size, version, headers, partial(library.open, file.id))


async def give(call: Call, size: int, version: Version, headers: dict[str, str], opening: Opening) -> Response:
    """Answer with bytes as the conditions and the range of a request ask for."""
    found = condition(call.request.headers, version)
    headers = CAUTIOUS | {"ETag": version.etag, "Last-Modified": version.http_date} | headers
    if found == "not modified":
        return Response(status_code=304, headers=headers)
    if found == "failed":
        raise HttpError(412, "precondition", "The file is not the one that the request means")
    try:
        wanted = wanted_range(call.request.headers, size, version) if call.request.method == "GET" else None
    except UnsatisfiableError as error:
        raise HttpError(
            416, "range", f"The file has {size} bytes; that range lies behind them",
            headers={"Content-Range": f"bytes */{size}"},
        ) from error  # fmt: skip
    start, stop = wanted or (0, size)
    headers |= {"Content-Length": str(stop - start)}
    if wanted is not None:
        headers |= {"Content-Range": f"bytes {start}-{stop - 1}/{size}"}
    if call.request.method == "HEAD":
        return Response(headers=headers)
    return await _stream(opening(start=start, stop=stop), stop - start, 200 if wanted is None else 206, headers)


async def _stream(
    source: AbstractContextManager[Readable], size: int, status: int, headers: dict[str, str]
) -> Response:
    # Opened before the answer begins, so that a storage that fails is told by a status.
    stream = await in_thread(source.__enter__)
    if isinstance(stream, Opened) and stream.elsewhere is not None:
        headers |= {"X-Study-Buddy-Opened-From": quote(stream.elsewhere.label or "", safe=" ")}
    return Stream(source, stream, size, status=status, headers=headers)


def _headers(file: File, *, attachment: bool) -> dict[str, str]:
    headers = {
        "Content-Type": file.content_type if attachment else _shown_type(file.content_type),
        "Content-Disposition": content_disposition(file.name, attachment=attachment),
    }
    if attachment or file.content_type != "application/pdf":  # the browsers' own viewer of PDF needs its scripts
        headers["Content-Security-Policy"] = "sandbox"
    return headers


def _shown_type(content_type: str) -> str:
    # Browsers offer text of other types to be kept instead of showing it.
    if content_type.startswith("text/"):
        return "text/plain; charset=utf-8" if "charset=utf-8" in content_type.lower() else "text/plain"
    return content_type


class Stream(Response):
    """Bytes from an open source, in large pieces; closes the source at the end, also when the client leaves.

    `size` is how many there are; None: as many as come.
    """

    def __init__(
        self,
        source: AbstractContextManager[Readable],
        stream: Readable,
        size: int | None,
        *,
        status: int,
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(status_code=status, headers=headers)
        if size is None:
            del self.headers["content-length"]  # Starlette says 0
        self._source = source
        self._stream = stream
        self._left = size

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._until_disconnect, receive, tasks.cancel_scope)
                await self._send(send)
                tasks.cancel_scope.cancel()
        finally:
            with anyio.CancelScope(shield=True):
                await in_thread(self._source.__exit__, None, None, None)

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        while self._left != 0 and (piece := await in_thread(self._stream.read, self._wanted())):
            self._left = None if self._left is None else self._left - len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        if self._left:
            raise EOFError(f"{self._left} bytes are missing at the end of a file")
        await send({"type": "http.response.body", "body": b""})

    def _wanted(self) -> int:
        return _PIECE_BYTES if self._left is None else min(_PIECE_BYTES, self._left)

    async def _until_disconnect(self, receive: Receive, scope: anyio.CancelScope) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        scope.cancel()


_FLAG = Text(1, choices=("1",))
OPERATIONS = (
    Operation(
        "GET", "/api/v1/files/{file_id}/content", content, "Give a file's bytes",
        {200: None, 206: None, 302: None, 304: None, 412: None, 416: None},
        query=(
            Given("download", _FLAG, "1: to keep under its name, never to look at in the browser"),
            Given("redirect", _FLAG, "1: by a link to the storage that is good for 15 minutes, where it has links"),
        ),
    ),
)  # fmt: skip
