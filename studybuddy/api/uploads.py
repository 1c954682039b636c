"""Resumable uploads: tus 1.0.0 for their bytes, and JSON for what became of them."""

import asyncio

import anyio
from starlette.responses import Response

from studybuddy.adding.upload_records import Upload
from studybuddy.api import tus
from studybuddy.api.declared import Given, Number, Text
from studybuddy.api.errors import HttpError
from studybuddy.api.operations import Call, Operation, json_answer
from studybuddy.api.receiving import announced_length, gathered, steady
from studybuddy.api.shapes import array_of, named, object_of, upload_json
from studybuddy.api.threads import in_thread
from studybuddy.errors import ConflictError, IntegrityError, InvalidInputError, TooLargeError
from studybuddy.slices import Checksum, Slice

_CHECKSUM_MISMATCH = 460  # tus' own


def show_unfinished(call: Call) -> Response:
    """List the uploads that are not saved yet, oldest first; or, by its token, the one whose answer was lost."""
    spool, token = call.wiring.spool, call.query.get("request")
    uploads = spool.unfinished() if token is None else spool.requested(token)
    return json_answer({"uploads": [upload_json(upload, call.wiring) for upload in uploads]})


def show(call: Call) -> Response:
    return json_answer(upload_json(call.wiring.spool.get(_upload_id(call)), call.wiring))


def retry(call: Call) -> Response:
    return json_answer(upload_json(call.wiring.uploads.retry(_upload_id(call)), call.wiring), 202)


def options(call: Call) -> Response:
    """Tell what this server can do; asked without a version."""
    return Response(status_code=204, headers=tus.capabilities(call.wiring.settings.max_upload_bytes))


async def create(call: Call) -> Response:
    """Begin an upload, and take its first bytes when they come along (creation-with-upload)."""
    tus.check_version(call.request)
    for name in ("Upload-Defer-Length", "Upload-Concat"):
        if call.header(name) is not None:
            raise InvalidInputError(f"{name} is not possible here", fix="Announce the whole in Upload-Length.")
    length = tus.number(call.request, "Upload-Length")
    has_bytes = "transfer-encoding" in call.request.headers or announced_length(call.header("content-length")) > 0
    if has_bytes:
        tus.check_slice_type(call.request)
    checksum = _checksum(call)
    upload = await in_thread(call.wiring.uploads.create, length, tus.metadata(call.request))
    # Relative, so that it stays right behind a proxy that adds TLS or a path of its own.
    location = upload.id if call.request.url.path.endswith("/") else f"uploads/{upload.id}"
    if has_bytes and length:
        upload = await _receive(call, upload.id, 0, checksum)
    return Response(status_code=201, headers={"Location": location, **tus.standing(upload)})


async def head(call: Call) -> Response:
    """Tell where an upload stands. A request that hangs in the middle of it is ended: its client is gone."""
    tus.check_version(call.request)
    upload = await in_thread(call.wiring.spool.settle, _upload_id(call))
    await in_thread(call.wiring.uploads.received, upload)
    headers = {"Upload-Length": str(upload.length), "Upload-Metadata": tus.metadata_header(upload.metadata)}
    return Response(headers=tus.standing(upload) | headers)


async def patch(call: Call) -> Response:
    """Take a slice."""
    tus.check_version(call.request)
    tus.check_slice_type(call.request)
    offset = tus.number(call.request, "Upload-Offset")
    upload = await _receive(call, _upload_id(call), offset, _checksum(call))
    return Response(status_code=204, headers=tus.standing(upload))


def terminate(call: Call) -> Response:
    tus.check_version(call.request)
    call.wiring.uploads.remove(_upload_id(call))
    return Response(status_code=204)


async def _receive(call: Call, upload_id: str, offset: int, checksum: Checksum | None) -> Upload:
    spool = call.wiring.spool
    loop = asyncio.get_running_loop()
    with anyio.CancelScope() as scope:
        piece = await in_thread(
            spool.open_slice,
            upload_id,
            offset,
            checksum=checksum,
            on_stop=lambda: loop.call_soon_threadsafe(scope.cancel),
        )
        try:
            await _pour(call, piece)
        except IntegrityError as error:
            raise HttpError(_CHECKSUM_MISMATCH, "checksum", str(error), fix="Send the slice again.") from error
        finally:
            with anyio.CancelScope(shield=True):
                await in_thread(piece.close)
                # Also of a client that left right after its last byte.
                upload = await in_thread(spool.get, upload_id)
                await in_thread(call.wiring.uploads.received, upload)
    if scope.cancelled_caught:
        raise ConflictError("A newer request has taken this upload over", fix="Ask where it stands, go on there.")
    return upload


async def _pour(call: Call, piece: Slice) -> None:
    if announced_length(call.header("content-length")) > piece.room:
        raise TooLargeError(f"More bytes come than the {piece.room} that are missing")
    async for data in gathered(steady(call.request.stream())):
        await in_thread(piece.write, data)
    await in_thread(piece.finish)


def _checksum(call: Call) -> Checksum | None:
    header = call.header("upload-checksum")
    return None if header is None else Checksum.parse(header)


def _upload_id(call: Call) -> str:
    found: str = call.request.path_params["upload_id"]
    return found


_UPLOAD = {200: named("Upload")}
_VERSION = Given("Tus-Resumable", Text(choices=(tus.VERSION,)), "The version of tus", required=True)
_CHECKSUM = Given("Upload-Checksum", Text(200), "An algorithm's name and the slice's digest in base64")
_METADATA = Given(
    "Upload-Metadata",
    Text(8000),
    "filename, session (an id), lecture (an id), recorded_on, relative_path, folders (session or tag), "
    "request (a token of the client's own, by which it finds an upload whose answer was lost), each in base64",
)
_REQUEST = Given("request", Text(64), "The token in Upload-Metadata under which a client began an upload")
_LENGTH = Given("Upload-Length", Number(0), "The size of the whole in bytes", required=True)
_OFFSET = Given("Upload-Offset", Number(0), "Where the slice begins", required=True)
_SLICE = (tus.SLICE_TYPE,)
_ONE = "/api/v1/uploads/{upload_id}"


def _many(path: str) -> tuple[Operation, ...]:
    return (
        Operation(
            "GET",
            path,
            show_unfinished,
            "List the unfinished uploads",
            {200: object_of({"uploads": array_of(named("Upload"))})},
            query=(_REQUEST,),
        ),
        Operation(
            "POST",
            path,
            create,
            "Begin a resumable upload (tus)",
            {201: None},
            raw_body=_SLICE,
            headers=(_VERSION, _LENGTH, _METADATA, _CHECKSUM),
        ),
        Operation("OPTIONS", path, options, "Tell what of tus this server can do", {204: None}),
    )


OPERATIONS = (
    *_many("/api/v1/uploads"),
    *_many("/api/v1/uploads/"),
    Operation("GET", _ONE, show, "Show what became of an upload", _UPLOAD),
    Operation("HEAD", _ONE, head, "Tell where an upload stands (tus)", {200: None}, headers=(_VERSION,)),
    Operation(
        "PATCH", _ONE, patch, "Take a slice of an upload (tus)", {204: None},
        raw_body=_SLICE, headers=(_VERSION, _OFFSET, _CHECKSUM),
    ),
    Operation("DELETE", _ONE, terminate, "Drop an upload (tus)", {204: None}, headers=(_VERSION,)),
    Operation("OPTIONS", _ONE, options, "Tell what of tus this server can do", {204: None}),
    Operation("POST", f"{_ONE}/retry", retry, "Try again to save an upload that failed", {202: named("Upload")}),
)  # fmt: skip
