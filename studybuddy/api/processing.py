"""What is read in files: how far that is, what was found, what was made of it, and reading it again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import get_args

from starlette.responses import Response

from studybuddy.api.content import give
from studybuddy.api.declared import Given, Number, Schema
from studybuddy.api.operations import AsyncHandler, Call, Operation, json_answer
from studybuddy.api.ranges import Version
from studybuddy.api.sessions import PAGED
from studybuddy.api.shapes import BOOLEAN, NUMBER, TEXT, TIME, array_of, object_of, or_null
from studybuddy.api.threads import in_thread
from studybuddy.catalog import contents, plain_transcripts
from studybuddy.catalog.processing import JobState
from studybuddy.processing.results import DerivedName
from studybuddy.shapes import job_json, listed_json
from studybuddy.streams import Readable


def show_all(call: Call) -> Response:
    queue = call.wiring.processing
    status, failed = queue.status(), queue.failed(limit=call.query.get("limit", 50), after=call.query.get("after"))
    return json_answer({
        "counts": status.counts,
        "current": [listed_json(one) for one in status.current],
        "failed": [listed_json(one) for one in failed.rows],
        "next": failed.next,
    })  # fmt: skip


def retry(call: Call) -> Response:
    return json_answer({"count": call.wiring.processing.again_failed()}, 202)


def show(call: Call) -> Response:
    return _job(call, 200)


def process(call: Call) -> Response:
    call.wiring.processing.again([call.id("file_id")])
    return _job(call, 202)


def _job(call: Call, status: int) -> Response:
    file_id = call.id("file_id")
    job = call.wiring.processing.job(file_id)
    with call.wiring.catalog.read() as db:
        facts = contents.facts(db, file_id)
    return json_answer(job_json(job) | {"facts": facts}, status)


def list_pages(call: Call) -> Response:
    limit, after = call.query.get("limit", 50), call.query.get("after", 0)
    with call.wiring.catalog.read() as db:
        found = contents.pages(db, call.id("file_id"), limit=limit, after=after)
    following = None if found.next is None else int(found.next)
    return json_answer({"pages": [asdict(page) for page in found.rows], "next": following})


def list_cues(call: Call) -> Response:
    limit, after = call.query.get("limit", 50), call.query.get("after")
    with call.wiring.catalog.read() as db:
        found = contents.cues(db, call.id("file_id"), limit=limit, after=after)
        timed = plain_transcripts.has_times(db, call.id("file_id"))
    return json_answer({"cues": [asdict(cue) for cue in found.rows], "timed": timed is not False, "next": found.next})


async def _give_made(call: Call, *, name: DerivedName) -> Response:
    """Answer with a file that was made from another."""
    made = await in_thread(call.wiring.processing.made, call.id("file_id"), name)
    found = made.path.stat()
    version = Version(f'"{found.st_mtime_ns:x}-{found.st_size:x}"', datetime.fromtimestamp(found.st_mtime, UTC))
    headers = {"Content-Type": made.content_type, "Content-Security-Policy": "sandbox"}
    return await give(call, found.st_size, version, headers, partial(_opened, made.path))


@contextmanager
def _opened(path: Path, *, start: int, stop: int) -> Iterator[Readable]:
    with path.open("rb") as stream:
        stream.seek(start)
        yield stream


_STATE: Schema = {"type": "string", "enum": list(get_args(JobState))}
_KNOWN = {
    "file_id": NUMBER, "state": _STATE, "progress": {"type": "number"}, "attempts": NUMBER, "next_at": or_null(TIME),
    "reason": TEXT, "fix": TEXT, "ended_at": or_null(TIME), "remarks": array_of(TEXT), "made": array_of(TEXT),
}  # fmt: skip
_JOB = object_of(_KNOWN | {"facts": {"type": "object"}})
_LISTED = object_of(_KNOWN | {"name": TEXT, "session_id": NUMBER, "kind": TEXT})
_PAGE = object_of({"number": NUMBER, "text": TEXT})
_CUE = object_of({"start_ms": NUMBER, "end_ms": NUMBER, "text": TEXT})
_ONE = "/api/v1/files/{file_id}"
_MADE: dict[DerivedName, str] = {
    "thumbnail": "Give a small picture of an image or of a document's first page",
    "peaks": "Give the shape of a recording's sound: about 2,000 numbers from 0 to 255",
    "playable": "Give a copy of a recording that browsers can play; most need none",
}
_BYTES: dict[int, Schema | None] = {200: None, 206: None, 304: None, 412: None, 416: None}
_GIVERS: dict[DerivedName, AsyncHandler] = {name: partial(_give_made, name=name) for name in _MADE}

OPERATIONS = (
    Operation(
        "GET", "/api/v1/processing", show_all, "Tell how many files are read, which are being read, and what failed",
        {200: object_of({
            "counts": object_of(dict.fromkeys(get_args(JobState), NUMBER)), "current": array_of(_LISTED),
            "failed": array_of(_LISTED), "next": or_null(TEXT),
        })},
        query=PAGED,
    ),
    Operation(
        "POST", "/api/v1/processing/retry", retry, "Read again what failed", {202: object_of({"count": NUMBER})}
    ),
    Operation("GET", f"{_ONE}/processing", show, "Tell how far the reading of a file is", {200: _JOB}),
    Operation("POST", f"{_ONE}/process", process, "Read a file again, before all others", {202: _JOB}),
    Operation(
        "GET", f"{_ONE}/pages", list_pages, "List the text of a file's pages",
        {200: object_of({"pages": array_of(_PAGE), "next": or_null(NUMBER)})},
        query=(PAGED[0], Given("after", Number(), "The `next` of the page before")),
    ),
    Operation(
        "GET", f"{_ONE}/cues", list_cues,
        "List what is said in a recording, and when; not `timed` where a plain text tells it",
        {200: object_of({"cues": array_of(_CUE), "timed": BOOLEAN, "next": or_null(TEXT)})},
        query=(Given("limit", Number(1, 5000), "How many at most; 50 when not given"), PAGED[1]),
    ),
    *(
        Operation("GET", f"{_ONE}/{name}", give_it, _MADE[name], _BYTES)
        for name, give_it in _GIVERS.items()
    ),
)  # fmt: skip
