"""One search over titles, names, pages, transcripts, notes and bookmarks."""

from starlette.responses import Response

from studybuddy import fields
from studybuddy.api.declared import Given, Number, Text
from studybuddy.api.operations import Call, Operation, json_answer
from studybuddy.api.sessions import KIND, day
from studybuddy.api.shapes import BOOLEAN, NUMBER, TEXT, array_of, object_of, or_null
from studybuddy.catalog import found
from studybuddy.catalog.search_filter import Narrowed
from studybuddy.search.query import MAX_QUERY
from studybuddy.search.searching import MAX_LIMIT
from studybuddy.search.searching import find as find_all
from studybuddy.search.shapes import results_json


def find(call: Call) -> Response:
    query = call.query
    narrowed = Narrowed(
        kind=query.get("kind"),
        session_id=query.get("session"),
        file_id=query.get("file"),
        tag=query.get("tag"),
        subject=query.get("subject"),
        since=day(query.get("since")),
        until=day(query.get("until")),
    )
    with call.wiring.catalog.read() as db:
        results = find_all(db, query["q"], narrowed, limit=query.get("limit", 20), after=query.get("after"))
        return json_answer(results_json(results, unread=found.unread(db)))


_PIECES = array_of(object_of({"text": TEXT, "found": BOOLEAN}))
_HIT = object_of({
    "what": {"type": "string", "enum": ["page", "transcript", "notes", "note", "bookmark"]},
    "page": or_null(NUMBER), "at_ms": or_null(NUMBER), "second": or_null(NUMBER), "text": _PIECES,
})  # fmt: skip
_FOUND = object_of({
    "session": object_of({"id": NUMBER, "title": TEXT, "subject": TEXT, "tags": array_of(TEXT)}),
    "file": or_null(object_of({"id": NUMBER, "name": TEXT, "kind": TEXT, "lecture": or_null(TEXT)})),
    "title": _PIECES, "hits": array_of(_HIT), "count": NUMBER,
})  # fmt: skip
_RESULTS = object_of({
    "results": array_of(_FOUND), "next": or_null(TEXT), "complete": BOOLEAN, "understood": BOOLEAN, "unread": NUMBER,
})  # fmt: skip
_DAY = Text(10, form="date")

OPERATIONS = (
    Operation(
        "GET", "/api/v1/search", find, "Find words in titles, names, pages, transcripts, notes and bookmarks",
        {200: _RESULTS},
        query=(
            Given("q", Text(MAX_QUERY), 'Words, "phrases", -words; the last word may be a start', required=True),
            KIND,
            Given("session", Number(), "Only in this session"),
            Given("file", Number(), "Only in this file: all of its places"),
            Given("tag", Text(fields.MAX_TAG), "Only in sessions with this tag"),
            Given("subject", Text(fields.MAX_SUBJECT), "Only in sessions of this subject"),
            Given("since", _DAY, "Only what was added on this day (UTC) or later"),
            Given("until", _DAY, "Only what was added on this day (UTC) or earlier"),
            Given("limit", Number(1, MAX_LIMIT), "How many files and sessions at most; 20 when not given"),
            Given("after", Text(2000), "The `next` of the page before"),
        ),
    ),
)  # fmt: skip
